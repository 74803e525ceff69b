"""Who is answered, under which name, and what is shown to whom. Decided once, before it starts."""

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
        hosts: names that it answers to, besides addresses.
        registry_hosts: names that stand for one registry.
        token: shows everything; None: nobody sees what is private.
        hook: the secret in the hooks' addresses; None: there are none.
        closed: nobody is answered without the token.
        url: how others reach it; None: by the name that they asked for.
    """

    hosts: frozenset[str] = _LOCAL
    registry_hosts: Mapping[str, str] = field(default_factory=dict)
    token: str | None = None
    hook: str | None = None
    closed: bool = False
    url: str | None = None

    def answers_to(self, host: str) -> bool:
        """Whether a request for a host is meant for us.

        A page elsewhere can make its visitor's browser call us by that page's own name, whose
        address it changed to ours; it cannot do so by an address, or by a name of this machine.
        """
        return host in self.hosts or self.registry_of(host) is not None or _is_address(host)

    def registry_of(self, host: str) -> str | None:
        """The registry that a host stands for, if any."""
        if host.endswith(_DOT_LOCAL):
            return host.removesuffix(_DOT_LOCAL)
        return self.registry_hosts.get(host)

    def opens(self, authorization: str) -> bool:
        """Whether a header shows the token: as a bearer's, or as a password of whatever user."""
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
        insecure_public: a person said that everybody may see what is public.

    Raises:
        ConfigError: others could reach it, and nobody said that they may.
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
    """Compared in a time that tells nothing."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode())
