"""Finds the login for a registry where docker, podman and skopeo keep theirs; writes nothing.

In docker's order: the helper for the registry (`credHelpers`), the helper for all (`credsStore`),
the file itself (`auths`). Which of its keys are of a registry: `docker_config_keys`.
"""

from __future__ import annotations

import base64
import binascii
import shutil
from collections.abc import Mapping  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from indexer.core.errors import ConfigError
from indexer.core.printable import shown
from indexer.core.secret import Credentials, Secret
from indexer.sources import credential_helper, docker_config_keys
from indexer.sources.credential_helper import Login

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

NAMELESS = "<token>"
"""The username of an identity token that comes without one, as helpers spell it."""

DOCKERS_FILE = "config.json"
"""Docker strips the path of a key; podman's keys may be of a namespace or of a repository."""


class _Entry(msgspec.Struct):
    """A registry's entry in `auths`."""

    auth: str | None = None
    username: str | None = None
    password: str | None = None
    identitytoken: str | None = None

    __repr__ = object.__repr__  # a Struct's own shows the values


class _File(msgspec.Struct, rename={"creds_store": "credsStore", "cred_helpers": "credHelpers"}):
    """The part of config.json that is used."""

    auths: Mapping[str, _Entry | None] | None = None
    creds_store: str | None = None
    cred_helpers: Mapping[str, str] | None = None


class Wanted(NamedTuple):
    """Whose login is looked for.

    Attributes:
        registry: the host, with its port; `docker.io` for Docker Hub.
        repositories: names or patterns of what is read there, all if empty: a login for a
            namespace is used only if everything is below it.
    """

    registry: str
    repositories: Sequence[str] = ()


def find_docker_credentials(files: Iterable[Path], wanted: Wanted) -> Credentials | None:
    """Look up a registry's credentials.

    Args:
        files: docker's config.json and those of podman and skopeo, the first to look into first.
        wanted: the registry.

    Returns:
        The credentials; None if no file has any for this registry.

    Raises:
        ConfigError: a file cannot be read or parsed, or a helper fails.
    """
    for path in files:
        config = _read(path, wanted.registry)
        found = _of_the_file(config, wanted, path) if config else None
        if found:
            login, origin = found
            secret = Secret(login.secret)
            return Credentials(login.username, secret, origin, login.is_identity_token)
    return None


def names_login(files: Iterable[Path], wanted: Wanted) -> bool:
    """Whether a file has an entry for a registry, or names a helper; no helper is run.

    Raises:
        ConfigError: a file cannot be read, or names a helper that is not installed.
    """
    for path in files:
        config = _read(path, wanted.registry)
        if config is None:
            continue

        def fitting(keys: Iterable[str], path: Path = path) -> list[str]:
            return docker_config_keys.fitting(
                keys, wanted.registry, wanted.repositories, strips_paths=path.name == DOCKERS_FILE
            )

        helpers = config.cred_helpers or {}
        asked = [helpers[key] for key in fitting(helpers)]
        for helper in (*asked, *([config.creds_store] if config.creds_store else [])):
            if shutil.which(f"docker-credential-{helper}") is None:
                raise ConfigError(
                    f"the helper 'docker-credential-{shown(helper, 60)}' that {shown(str(path))} "
                    f"names is not installed: install it, or configure {credential_helper.INSTEAD}."
                )
            return True
        if fitting(config.auths or {}):
            return True
    return False


def _of_the_file(config: _File, wanted: Wanted, path: Path) -> tuple[Login, str] | None:
    """The login that a file holds or leads to, and where it was found, in words."""
    is_dockers = path.name == DOCKERS_FILE
    subject = f"that {shown(str(path))} names for {shown(wanted.registry, 100)}"
    helpers, auths = config.cred_helpers or {}, config.auths or {}

    def fitting(keys: Iterable[str]) -> list[str]:
        return docker_config_keys.fitting(
            keys, wanted.registry, wanted.repositories, strips_paths=is_dockers
        )

    keys = fitting(auths)
    spellings = list(dict.fromkeys((*keys, *docker_config_keys.usual(wanted.registry))))
    asked = [(helpers[key], [key, *spellings]) for key in fitting(helpers)]
    if config.creds_store:
        asked.append((config.creds_store, spellings))
    for helper, names in asked:
        for name in dict.fromkeys(names):
            if login := credential_helper.ask(helper, name, subject):
                return login, f"what 'docker-credential-{helper}' keeps for {wanted.registry}"
    for key in keys:
        entry = auths[key]
        if entry is not None and (login := _kept(entry, key, wanted.registry, path)):
            return login, f"{path} (from a log-in to {wanted.registry})"
    return None


def _read(path: Path, registry: str) -> _File | None:
    name = f"{shown(str(path))} for the log-in to {shown(registry, 100)}"
    try:
        return msgspec.json.decode(path.read_bytes(), type=_File)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        why = error.strerror or "it cannot be opened"
        raise ConfigError(f"cannot read {name}: {why}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ConfigError(
            f"cannot parse {name}: correct it, or log in again with 'docker login'."
        ) from None


def _kept(entry: _Entry, key: str, registry: str, path: Path) -> Login | None:
    """The login of an entry; None if it is empty, as beside a helper."""
    username, password = entry.username or "", entry.password or ""
    if entry.auth:
        username, password = _plain(entry.auth, key, registry, path)
    if entry.identitytoken:
        return Login(username or NAMELESS, entry.identitytoken, is_identity_token=True)
    return Login(username, password) if username and password else None


def _plain(auth: str, key: str, registry: str, path: Path) -> tuple[str, str]:
    try:
        text = base64.b64decode(auth.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        text = ""
    username, colon, password = text.partition(":")
    if not colon:
        raise ConfigError(
            f"cannot decode 'auth' of '{shown(key, 100)}' in {shown(str(path))} for the log-in to "
            f"{shown(registry, 100)}: log in again with 'docker login'."
        )
    return username, password.strip("\0")  # docker pads it
