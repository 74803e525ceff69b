"""The account for a registry: from the configuration, or from `docker login`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from indexer.config import account_of
from indexer.core.errors import ConfigError
from indexer.core.printable import shown
from indexer.core.reference import DOCKER_HUB

if TYPE_CHECKING:
    from indexer.config import Account, RegistrySettings
    from indexer.core.secret import Credentials


def credentials_of(registry: RegistrySettings) -> Credentials | None:
    """The username and secret for a registry; None: it is asked anonymously.

    They can be renewed: another look at the same place.

    Raises:
        ConfigError: the account is not where the configuration says, or is of no use there.
    """
    found = _found(registry)
    return replace(found, renew=lambda: _found(registry)) if found else None


def _found(registry: RegistrySettings) -> Credentials | None:
    account = account_of(registry)
    if account is None:
        return None
    from indexer.core.secret import Credentials, Secret  # noqa: PLC0415 - only for accounts

    if account.password is not None and account.username is not None:
        return Credentials(account.username, Secret(account.password), account.origin)
    if not account.login_files:
        raise ConfigError(f"the account of {registry.name} has no password: set password_env.")
    return _logged_in(account, registry)


def _logged_in(account: Account, registry: RegistrySettings) -> Credentials:
    """The login that `docker login`, or podman's or skopeo's, stored."""
    from indexer.sources.docker_config import NAMELESS, Wanted, find_docker_credentials  # noqa: PLC0415 - only for accounts

    is_hub = registry.type == "dockerhub"
    wanted = Wanted(registry.host, () if is_hub else registry.repositories)
    found = find_docker_credentials(account.login_files, wanted)
    host = shown(registry.host, 100)
    if found is None:
        command = "docker login" if registry.host == DOCKER_HUB else f"docker login {host}"
        files = " or ".join(shown(str(file)) for file in account.login_files)
        raise ConfigError(
            f"there is no log-in for {host} in {files}: run '{command}', or configure username "
            "and password_env."
        )
    where = f"the log-in for {host}, {shown(found.origin)},"
    if found.username == NAMELESS and account.username is not None:
        found = replace(found, username=account.username)
    if account.username is not None and found.username != account.username:
        raise ConfigError(
            f"{where} is of '{shown(found.username, 100)}', but '{shown(account.username, 100)}' "
            "is configured: set its password with password_env."
        )
    if found.is_identity_token and is_hub:
        raise ConfigError(
            f"{where} is an identity token, which Docker Hub's API does not take: configure "
            "'username' and 'password_env' with a personal access token."
        )
    return found
