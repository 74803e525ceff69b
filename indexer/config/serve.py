"""[serve]: its values, and the secrets that it names."""

from __future__ import annotations

import ipaddress
import os
import re
from typing import TYPE_CHECKING, NamedTuple

from indexer.config import value_readers
from indexer.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.config.section import Readers
    from indexer.config.settings import ServeSettings

LEAST_SECRET = 16
"""The fewest characters of a token or of a hook's secret; shorter ones can be guessed."""

_HOUR = 3_600.0

_URL_SAFE = re.compile(r"[A-Za-z0-9._~-]+", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?", re.ASCII)


class ServeSecrets(NamedTuple):
    """The secrets that protect `indexer serve`; None: not configured. Never shown."""

    token: str | None = None
    hook: str | None = None

    def __repr__(self) -> str:
        """Only which secrets are configured."""
        return f"ServeSecrets(token={self.token is not None}, hook={self.hook is not None})"


def readers() -> Readers:
    """The reader of each key."""
    return {
        "host": host,
        "port": value_readers.whole(0, 65_535),
        "token_env": value_readers.variable,
        "hook_secret_env": value_readers.variable,
        "url": value_readers.url,
        "public_for": value_readers.interval(_HOUR, 365 * 24 * _HOUR, "24h"),
        "hosts": hosts,
        "registry_hosts": registry_hosts,
    }


def host(value: object) -> str:
    """A host to listen on, or that the server is reached by: a name or address without a port."""
    if isinstance(value, str):
        bare = value.removeprefix("[").removesuffix("]")
        if _NAME.fullmatch(value) or _is_address(bare):
            return bare.lower()
    raise value_readers.InvalidValue(
        "a host without a port, as '127.0.0.1' or 'catalog.example.com'"
    )


def hosts(value: object) -> tuple[str, ...]:
    """A list of hosts, each once."""
    if not isinstance(value, list):
        raise value_readers.InvalidValue("a list of hosts, as ['catalog.example.com']")
    return tuple(dict.fromkeys(map(host, value)))


def registry_hosts(value: object) -> tuple[tuple[str, str], ...]:
    """Which host shows which registry's catalog."""
    if not isinstance(value, dict):
        raise value_readers.InvalidValue("a table of hosts, as { 'hub.example.com' = 'docker.io' }")
    return tuple((host(name), value_readers.registry(registry)) for name, registry in value.items())


def is_loopback(name: str) -> bool:
    """Whether a host can be reached from this machine only."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return _is_address(name) and ipaddress.ip_address(name).is_loopback


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def serve_secrets(serve: ServeSettings, environ: Mapping[str, str] = os.environ) -> ServeSecrets:
    """Read the secrets that the configuration names.

    Raises:
        ConfigError: one is not set, or too weak.
    """
    token = _secret(serve.token_env, "token_env", environ)
    hook = _secret(serve.hook_secret_env, "hook_secret_env", environ)
    if hook is not None and not _URL_SAFE.fullmatch(hook):
        raise ConfigError(
            f"the environment variable {serve.hook_secret_env}, which [serve] hook_secret_env "
            "names, must hold letters, digits, '.', '_', '~' and '-' only: it is part of an "
            "address."
        )
    return ServeSecrets(token, hook)


def _secret(variable: str | None, key: str, environ: Mapping[str, str]) -> str | None:
    if variable is None:
        return None
    secret = environ.get(variable, "")
    name = f"the environment variable {variable}, which [serve] {key} names,"
    if not secret:
        raise ConfigError(f"{name} is not set: export it.")
    if len(secret) < LEAST_SECRET or not secret.isascii() or not secret.isprintable():
        raise ConfigError(
            f"{name} must hold at least {LEAST_SECRET} characters of ASCII, as "
            "'openssl rand -hex 32' makes them."
        )
    return secret
