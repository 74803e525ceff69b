"""[serve]: its values, and the secrets that it names."""

from __future__ import annotations

import ipaddress
import os
import re
from typing import TYPE_CHECKING, NamedTuple

from indexer.config import serve_tokens, value_readers
from indexer.config.serve_tokens import Scope
from indexer.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from indexer.config.section import Readers
    from indexer.config.serve_tokens import AccessToken
    from indexer.config.settings import ServeSettings

_HOUR = 3_600.0

_URL_SAFE = re.compile(r"[A-Za-z0-9._~-]+", re.ASCII)
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?", re.ASCII)


class ServeSecrets(NamedTuple):
    """The secrets that protect `indexer serve`. Never shown.

    Attributes:
        tokens: which clients send.
        hook: the secret in the URLs of hooks; None: not configured.
    """

    tokens: tuple[AccessToken, ...] = ()
    hook: str | None = None

    def __repr__(self) -> str:
        """Only which secrets are configured."""
        names = [each.name for each in self.tokens]
        return f"ServeSecrets(tokens={names}, hook={self.hook is not None})"


def readers(path: Callable[[object], Path]) -> Readers:
    """The reader of each key.

    Args:
        path: reads a path, relative to the folder of the configuration file.
    """
    return {
        "host": host,
        "port": value_readers.whole(0, 65_535),
        "token_env": value_readers.variable,
        "tokens": serve_tokens.reader(path),
        "hook_secret_env": value_readers.variable,
        "url": value_readers.url,
        "cors": origins,
        "access_log": access_log,
        "public_for": value_readers.interval(_HOUR, 365 * 24 * _HOUR, "24h"),
        "hosts": hosts,
        "registry_hosts": registry_hosts,
        "fetch": value_readers.flag,
        "blobs": _blobs,
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
    read = [(host(name), value_readers.registry(registry)) for name, registry in value.items()]
    if len(dict(read)) < len(read):
        raise value_readers.InvalidValue("each host once, in whatever case it is written")
    return tuple(read)


def _blobs(value: object) -> str:
    if value in {"none", "pass"}:
        return str(value)
    raise value_readers.InvalidValue("'none' or 'pass'")


def origins(value: object) -> tuple[str, ...]:
    """A list of origins: each a scheme and a host, as browsers send them; or `*`."""
    expected = value_readers.InvalidValue("a list of origins, as ['https://dashboard.example.com']")
    if not isinstance(value, list):
        raise expected
    for each in value:
        if not isinstance(each, str) or not (each == "*" or _ORIGIN.fullmatch(each)):
            raise expected
    return tuple(dict.fromkeys(each.lower() for each in value))


def access_log(value: object) -> str:
    """The form of the access log."""
    if value not in {"common", "json"}:
        raise value_readers.InvalidValue("'common' or 'json'")
    return str(value)


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
    tokens = serve_tokens.read_tokens(serve.token_env, serve.tokens, environ)
    for each in tokens:
        if Scope.HOOKS in each.scopes:
            _check_url_safe(each.secret, f"[serve] tokens.{each.name}")
    if serve.hook_secret_env is None:
        return ServeSecrets(tokens)
    hook = serve_tokens.secret_of(serve.hook_secret_env, "hook_secret_env", environ)
    _check_url_safe(
        hook,
        f"the environment variable {serve.hook_secret_env}, which [serve] hook_secret_env names,",
    )
    return ServeSecrets(tokens, hook)


def _check_url_safe(secret: str, what: str) -> None:
    if not _URL_SAFE.fullmatch(secret):
        raise ConfigError(
            f"{what} must hold letters, digits, '.', '_', '~' and '-' only: it is part of an "
            "address."
        )
