"""The account for a registry, and the files where logins are kept. No secret is kept."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.config import environment
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
        username: None: the account that is logged in.
        password: None: look into `login_files`.
        origin: where the password was found, in words.
        login_files: where docker, podman and skopeo keep their logins; the first that has one for
            the registry counts.
    """

    username: str | None
    password: str | None = field(default=None, repr=False)
    origin: str = ""
    login_files: tuple[Path, ...] = ()


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
        password = environment.text_of(environ, registry.password_env)
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
        return Account(registry.username, login_files=login_files(environ))
    return None


def login_files(environ: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """The files that hold logins, the first to look into first.

    `$REGISTRY_AUTH_FILE` alone if it is set, as for podman and skopeo. Else docker's config.json
    (in `$DOCKER_CONFIG` or `~/.docker`), then those of podman and skopeo
    (containers-auth.json(5)).
    """
    if environ.get("REGISTRY_AUTH_FILE"):
        return (Path(environ["REGISTRY_AUTH_FILE"]),)
    folder = environ.get("DOCKER_CONFIG")
    docker = Path(folder) if folder else _home(".docker")
    running = environ.get("XDG_RUNTIME_DIR")
    lasting = environ.get("XDG_CONFIG_HOME")
    containers = (
        Path(running) / "containers" if running else Path(f"/run/containers/{os.getuid()}"),
        Path(lasting) / "containers" if lasting else _home(".config") / "containers",
    )
    return (docker / "config.json", *(each / "auth.json" for each in containers))


def _home(folder: str) -> Path:
    """A folder in the user's home; without one (as for a service) it names nothing that exists."""
    try:
        return Path("~").expanduser() / folder
    except RuntimeError:
        return Path("/nonexistent") / folder


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
