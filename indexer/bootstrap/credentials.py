"""The account for a registry: from the configuration, or from `docker login`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.config import account_of
from indexer.core.errors import ConfigError
from indexer.core.printable import shown
from indexer.core.reference import DOCKER_HUB

if TYPE_CHECKING:
    from pathlib import Path

    from indexer.config import RegistrySettings
    from indexer.core.secret import Credentials


def credentials_of(registry: RegistrySettings) -> Credentials | None:
    """The username and secret for a registry; None: it is asked anonymously.

    Raises:
        ConfigError: the account is not where the configuration says.
    """
    account = account_of(registry)
    if account is None:
        return None
    from indexer.core.secret import Credentials, Secret  # noqa: PLC0415 - only for accounts

    if account.password is not None and account.username is not None:
        return Credentials(account.username, Secret(account.password), account.origin)
    if account.docker_config is None:
        raise ConfigError(f"the account of {registry.name} has no password: set password_env.")
    return _dockers_own(account.docker_config, account.username, registry)


def _dockers_own(file: Path, username: str | None, registry: RegistrySettings) -> Credentials:
    """The login that `docker login` stored."""
    from indexer.sources.docker_config import DOCKER_HUB_HOSTS, find_docker_credentials  # noqa: PLC0415 - only for accounts

    hosts = DOCKER_HUB_HOSTS if registry.host == DOCKER_HUB else (registry.host,)
    found = find_docker_credentials(file, hosts)
    where = f"docker's configuration {shown(str(file))}"
    if found is None:
        raise ConfigError(
            f"{where} holds no log-in for {registry.name}: run 'docker login', or configure "
            "username and password_env."
        )
    if username is not None and found.username != username:
        raise ConfigError(
            f"{where} holds the log-in of '{shown(found.username, 100)}' for {registry.name}, "
            f"where '{shown(username, 100)}' is configured: give its password with password_env."
        )
    return found
