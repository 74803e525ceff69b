"""Decides who may connect, by which host name, and who may see what. Fixed at the start."""

from __future__ import annotations

import hmac
import ipaddress
from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from indexer.config import is_loopback
from indexer.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.config import ServeSecrets, ServeSettings

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_DOT_LOCAL = ".localhost"


@dataclass(frozen=True)
class AccessRules:
    """The rules of one server.

    Attributes:
        hosts: host names that it accepts, besides addresses.
        registry_hosts: names that stand for one registry.
        token: shows private repositories; None: nobody sees them.
        hook: the secret in the URLs of hooks; None: no hooks.
        closed: every request needs the token.
        url: the URL under which others reach it; None: the host that they requested.
    """

    hosts: frozenset[str] = _LOCAL
    registry_hosts: Mapping[str, str] = field(default_factory=dict)
    token: str | None = None
    hook: str | None = None
    closed: bool = False
    url: str | None = None

    def answers_to(self, host: str) -> bool:
        """Whether to accept requests for a host (protection against DNS rebinding).

        A hostile website can let its own name resolve to our address, and so make a visitor's
        browser send us requests with that name. It cannot do so with an address, or with a name
        of this machine.
        """
        return host in self.hosts or self.registry_of(host) is not None or _is_address(host)

    def registry_of(self, host: str) -> str | None:
        """The registry that a host stands for, if any."""
        if host.endswith(_DOT_LOCAL):
            return host.removesuffix(_DOT_LOCAL)
        return self.registry_hosts.get(host)

    def opens(self, authorization: str) -> bool:
        """Whether a header has the token: as a bearer token, or as the password of any user."""
        scheme, _, given = authorization.partition(" ")
        given = given.strip()
        if scheme.lower() == "basic":
            try:
                given = b64decode(given, validate=True).decode("latin-1").partition(":")[2]
            except (NotBase64, ValueError):
                return False
        elif scheme.lower() != "bearer":
            return False
        return self.token is not None and _same(given, self.token)

    def is_hook(self, secret: str) -> bool:
        """Whether a hook's address holds the secret."""
        return self.hook is not None and _same(secret, self.hook)


def rules_of(serve: ServeSettings, secrets: ServeSecrets, *, insecure_public: bool) -> AccessRules:
    """The rules for a configuration.

    Args:
        serve: the configuration.
        secrets: that it names.
        insecure_public: everybody who can connect may see public repositories.

    Raises:
        ConfigError: others can reach the address, without a token or `insecure_public`.
    """
    is_local = is_loopback(serve.host)
    if not is_local and secrets.token is None and not insecure_public:
        raise ConfigError(
            f"others can reach the address {serve.host}: set [serve] token_env to require a token, "
            "or use --insecure-public to let everybody read public repositories."
        )
    hosts = {*_LOCAL, serve.host, *serve.hosts, *(name for name, _ in serve.registry_hosts)}
    if serve.url is not None:
        hosts.add(urlsplit(serve.url).hostname or "")
    return AccessRules(
        hosts=frozenset(hosts),
        registry_hosts=dict(serve.registry_hosts),
        token=secrets.token,
        hook=secrets.hook,
        closed=not is_local and not insecure_public,
        url=serve.url,
    )


def host_of(header: str) -> str:
    """The host of a `Host` header, in lower case, without its port and brackets."""
    name = header.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0].removesuffix(".")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _same(one: str, other: str) -> bool:
    """Compare in constant time, so that the time tells nothing about the token."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode())
