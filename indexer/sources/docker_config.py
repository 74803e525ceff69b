"""Reads the credentials that `docker login` stored in docker's config.json; never writes it.

In docker's order: the helper for the host (`credHelpers`), the helper for all hosts
(`credsStore`), the file itself (`auths`).
"""

from __future__ import annotations

import base64
import binascii
import re
import subprocess
from collections.abc import Mapping  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING

import msgspec

from indexer.core.errors import ConfigError
from indexer.core.printable import shown
from indexer.core.secret import Credentials, Secret

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DOCKER_HUB_HOSTS = (
    "https://index.docker.io/v1/",
    "index.docker.io",
    "docker.io",
    "registry-1.docker.io",
    "registry.hub.docker.com",
    "hub.docker.com",
)
"""The keys of a login to Docker Hub; `docker login` writes the first."""

HELPER_SECONDS = 20.0
"""Seconds that a helper may take: some unlock a keychain first."""

_IDENTITY_TOKEN = "<token>"  # noqa: S105 - a marker, no secret
"""The username that a helper returns with an identity token (docker-credential-helpers)."""

_HELPER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_NOT_FOUND = "credentials not found"
"""What a helper prints for an unknown host (docker-credential-helpers, credentials/error)."""


class _Entry(msgspec.Struct):
    """A host's entry in `auths`."""

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


class _Found(msgspec.Struct, rename="pascal"):
    """A helper's answer."""

    username: str
    secret: str

    __repr__ = object.__repr__


def find_docker_credentials(
    path: Path, hosts: Sequence[str] = DOCKER_HUB_HOSTS
) -> Credentials | None:
    """Look up a registry's credentials.

    Args:
        path: of docker's config.json.
        hosts: the keys to look for, the likeliest first.

    Returns:
        The credentials; None if there is no such file, or nothing in it for these hosts.

    Raises:
        ConfigError: the file cannot be read or parsed, a helper fails, or Docker Hub's API does not
            take this kind of credentials.
    """
    config = _read(path)
    if config is None:
        return None
    helpers = config.cred_helpers or {}
    for host in hosts:
        if host in helpers and (found := _ask(helpers[host], host, path)):
            return found
    if config.creds_store:
        for host in hosts:
            if found := _ask(config.creds_store, host, path):
                return found
    for host in hosts:
        entry = (config.auths or {}).get(host)
        if entry is not None and (found := _of_the_file(entry, host, path)):
            return found
    return None


def _read(path: Path) -> _File | None:
    name = shown(str(path))
    try:
        return msgspec.json.decode(path.read_bytes(), type=_File)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        why = error.strerror or "it cannot be opened"
        raise ConfigError(f"docker's configuration {name} cannot be read: {why}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ConfigError(
            f"docker's configuration {name} is not as docker writes it: mend it, or log in anew "
            "with 'docker login'."
        ) from None


def _of_the_file(entry: _Entry, host: str, path: Path) -> Credentials | None:
    if entry.identitytoken:
        raise _of_no_use(host, path)
    username, password = entry.username or "", entry.password or ""
    if entry.auth:
        username, password = _plain(entry.auth, host, path)
    if not username or not password:
        return None
    return Credentials(username, Secret(password), f"{path} (with 'docker login')")


def _plain(auth: str, host: str, path: Path) -> tuple[str, str]:
    try:
        text = base64.b64decode(auth, validate=True).decode()
    except (binascii.Error, ValueError):
        text = ""
    username, colon, password = text.partition(":")
    if not colon:
        raise ConfigError(
            f"docker's configuration {shown(str(path))} has an 'auth' for {shown(host)} that "
            "cannot be decoded: log in anew with 'docker login'."
        )
    return username, password.strip("\0")  # docker pads it


def _ask(helper: str, host: str, path: Path) -> Credentials | None:
    """Ask a credential helper; None if it does not know the host."""
    command = f"docker-credential-{helper}"
    told = f"docker's configuration {shown(str(path))} names the helper '{shown(command, 80)}'"
    if not _HELPER.fullmatch(helper):
        raise ConfigError(f"{told}, which is not the name of a program.")
    try:
        done = subprocess.run(  # noqa: S603 - no shell; docker itself runs what this file names
            [command, "get"],
            input=host.encode(),
            capture_output=True,
            timeout=HELPER_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ConfigError(f"{told}, which did not answer in {HELPER_SECONDS:g} seconds.") from None
    except OSError:
        raise ConfigError(
            f"{told}, which cannot be run: install it, or configure 'username' and "
            "'password_env' instead."
        ) from None
    if done.returncode != 0:
        if _NOT_FOUND in done.stdout.decode(errors="replace").lower():
            return None
        raise ConfigError(f"{told}, which failed (exit code {done.returncode}): try it by hand.")
    return _of_the_helper(done.stdout, told, host, path)


def _of_the_helper(output: bytes, told: str, host: str, path: Path) -> Credentials | None:
    try:
        found = msgspec.json.decode(output, type=_Found)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ConfigError(f"{told}, which answers something else than credentials.") from None
    if found.username == _IDENTITY_TOKEN:
        raise _of_no_use(host, path)
    if not found.username or not found.secret:
        return None
    return Credentials(found.username, Secret(found.secret), "docker's store (with 'docker login')")


def _of_no_use(host: str, path: Path) -> ConfigError:
    return ConfigError(
        f"docker's login for {shown(host)} in {shown(str(path))} is an identity token, which the "
        "API of Docker Hub does not take: configure 'username' and 'password_env' with a "
        "personal access token."
    )
