"""Decides who may connect, by which host name, and who may see what. Fixed at the start."""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from indexer.config import Scope, is_loopback
from indexer.core import registry_names
from indexer.core.errors import ConfigError
from indexer.core.printable import shown
from indexer.core.suggestions import did_you_mean, nearest
from indexer.web.access.credentials import Credentials

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from indexer.config import AccessToken, ServeSecrets, ServeSettings

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_DOT_LOCAL = ".localhost"


@dataclass(frozen=True)
class AccessRules:
    """The rules of one server.

    Attributes:
        hosts: host names that it accepts, besides addresses.
        registry_hosts: names that stand for one registry.
        tokens: what clients send to see more than others; none: nobody is asked to log in.
        hook: the secret in the URLs of hooks; None: no hooks.
        closed: every request needs a token.
        cors: origins of other sites whose scripts may read what programs read.
        url: the URL under which others reach it; None: the host that they requested.
    """

    hosts: frozenset[str] = _LOCAL
    registry_hosts: Mapping[str, str] = field(default_factory=dict)
    tokens: tuple[AccessToken, ...] = ()
    hook: str | None = None
    closed: bool = False
    cors: frozenset[str] = frozenset()
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
        if host in self.registry_hosts:
            return self.registry_hosts[host]
        if host.endswith(_DOT_LOCAL):
            return registry_names.registry_of(host.removesuffix(_DOT_LOCAL))
        return None

    @cached_property
    def credentials(self) -> Credentials:
        """The tokens, to be compared with what clients send."""
        return Credentials(self.tokens)

    @property
    def how_to_log_in(self) -> str:
        """What to do where nothing is shown without a token."""
        return "send a token as a bearer token, or as the password of any user."

    def is_url_of(self, host: str) -> bool:
        """Whether a `Host` header is that of the configured URL."""
        return self.url is not None and urlsplit(self.url).hostname == host_of(host)

    def hook_of(self, secret: str) -> str | None:
        """Whose secret a hook's address holds: the name of a token, `hook`, or None: nobody's."""
        found = self.credentials.of_secret(secret)
        if found is not None and Scope.HOOKS in found.scopes:
            return found.name
        return "hook" if self.hook is not None and _same(secret, self.hook) else None


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
    may_read = any(Scope.READ in each.scopes for each in secrets.tokens)
    if not is_local and not may_read and not insecure_public:
        raise ConfigError(
            f"others can reach the address {serve.host}: set [serve] token_env to require a token, "
            "or use --insecure-public to allow anyone to read public repositories."
        )
    hosts = {*_LOCAL, serve.host, *serve.hosts, *(name for name, _ in serve.registry_hosts)}
    if serve.url is not None:
        hosts.add(urlsplit(serve.url).hostname or "")
    return AccessRules(
        hosts=frozenset(hosts),
        registry_hosts=dict(serve.registry_hosts),
        tokens=secrets.tokens,
        hook=secrets.hook,
        closed=not is_local and not insecure_public,
        cors=frozenset(serve.cors),
        url=serve.url,
    )


def check_registry_hosts(rules: AccessRules, registries: Collection[str]) -> None:
    """Refuse hosts that would show nothing.

    Args:
        rules: of the server.
        registries: those that the configuration or the index has.

    Raises:
        ConfigError: a host stands for another registry.
    """
    for name, registry in rules.registry_hosts.items():
        if registry not in registries:
            near = nearest(registry, registries)
            hint = did_you_mean(near) if near else "add a [[registry]] with this host."
            raise ConfigError(
                f"[serve] registry_hosts: '{shown(name, 100)}' would show nothing, since neither "
                f"the configuration nor the index has the registry '{shown(registry, 100)}': {hint}"
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
