"""The token service that a challenge names. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from indexer.core.errors import Unreadable
from indexer.core.printable import shown
from indexer.http.origin import is_loopback, located

if TYPE_CHECKING:
    from indexer.http import HttpClient, Origin
    from indexer.sources.oci.www_authenticate import Challenge

LONGEST = 2_048
"""The most characters of a realm; real ones have some 50."""


class Realm(NamedTuple):
    """A token service: its origin, the path and query there, and the parameter `service`."""

    origin: Origin
    target: str
    service: str


def realm_of(asked: Challenge, client: HttpClient, *, insecure: bool) -> Realm:
    """The token service that a challenge names.

    Raises:
        Unreadable: it names none, or one whose answers could be overheard.
    """
    named = asked.parameters.get("realm", "")
    host = client.host
    found = _located(named, client.origin) if len(named) <= LONGEST else None
    if found is None:
        raise Unreadable(f"{host} requires a token and does not say where to get one.")
    origin, target = found
    if not insecure and _forgets_tls(origin, client.origin):
        origin = client.origin
    if not _is_safe(origin, client.origin, insecure=insecure):
        raise Unreadable(
            f"nothing was sent to {shown(origin.url, 100)}, the token service of {host}: anyone on "
            "the way could read the token. Use https there."
        )
    return Realm(origin, target, asked.parameters.get("service", ""))


def _located(named: str, registry: Origin) -> tuple[Origin, str] | None:
    """Where a realm is; one without a host is at the registry itself (zot)."""
    target = registry.target("/", named) if named.startswith("/") else None
    return (registry, target) if target else located(named)


def _forgets_tls(realm: Origin, registry: Origin) -> bool:
    """Whether a realm is the registry itself without TLS: it does not know of its proxy (Harbor).

    It is asked at the registry's own origin then, where it is reached: never in clear text.
    """
    return (realm.scheme, registry.scheme) == ("http", "https") and realm.host == registry.host


def _is_safe(realm: Origin, registry: Origin, *, insecure: bool) -> bool:
    """Whether it can be overheard only by those who can overhear the registry itself."""
    if realm.scheme == "https" or insecure:
        return True
    return registry.scheme == "http" and is_loopback(realm.host)
