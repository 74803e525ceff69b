"""The account for a registry. Secrets are read when they are needed, and not kept."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.config.secret_files import MOST_SECRET_BYTES
from indexer.core.errors import ConfigError
from indexer.core.printable import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.config.settings import RegistrySettings


@dataclass(frozen=True, slots=True)
class Account:
    """The configured account.

    Attributes:
        username: None: the account that is logged in with docker.
        password: None: look into `docker_config`.
        origin: where the password was found, in words.
        docker_config: docker's own config.json.
    """

    username: str | None
    password: str | None = field(default=None, repr=False)
    origin: str = ""
    docker_config: Path | None = None


def account_of(
    registry: RegistrySettings, environ: Mapping[str, str] = os.environ
) -> Account | None:
    """The account for a registry; None: anonymous.

    A username alone, or `docker_config = true`, means docker's own login. Without either, docker's
    login is not used: an earlier `docker login` must not change what a crawl sees.

    Raises:
        ConfigError: the password is not where the configuration says.
    """
    if registry.password_env is not None:
        password = environ.get(registry.password_env, "")
        origin = f"the environment variable {registry.password_env}"
        if not password:
            raise ConfigError(
                f"{origin}, which password_env names for {registry.name}, is not set: export it, "
                "or use password_file."
            )
        return Account(registry.username, password, origin)
    if registry.password_file is not None:
        return Account(
            registry.username,
            _content(registry.password_file, registry.name),
            f"the file {shown(str(registry.password_file))}",
        )
    if registry.username is not None or registry.docker_config:
        return Account(registry.username, docker_config=docker_config_file(environ))
    return None


def docker_config_file(environ: Mapping[str, str] = os.environ) -> Path:
    """Docker's config.json: in `$DOCKER_CONFIG`, else in `~/.docker`."""
    folder = environ.get("DOCKER_CONFIG")
    return (Path(folder) if folder else Path("~/.docker").expanduser()) / "config.json"


def _content(file: Path, registry: str) -> str:
    """The password in a file, without the trailing line break."""
    name = f"the password_file {shown(str(file))} of {registry}"
    try:
        with file.open("rb") as stream:
            password = stream.read(MOST_SECRET_BYTES + 1).decode().rstrip("\r\n")
    except OSError as error:
        why = error.strerror or "it cannot be opened"
        raise ConfigError(f"{name} cannot be read: {why}.") from None
    except UnicodeDecodeError:
        raise ConfigError(
            f"{name} holds no text: expected the password and nothing else."
        ) from None
    if not password or "\n" in password or len(password) > MOST_SECRET_BYTES:
        raise ConfigError(f"{name} must hold one line: the password and nothing else.")
    return password
