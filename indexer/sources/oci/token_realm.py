"""Where a registry's tokens come from, and whether its credentials may go there. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from indexer.core.errors import Unreadable
from indexer.core.printable import shown
from indexer.http.origin import is_loopback, located

if TYPE_CHECKING:
    from indexer.http import HttpClient, Origin
    from indexer.sources.oci.www_authenticate import Challenge

LONGEST = 2_048
"""Characters of a realm; the real ones have some 50."""

_LEAST_LABELS = 2
"""Of a domain that two hosts may have in common: `example.com`, not `com`."""


class Realm(NamedTuple):
    """A token service: its origin, path and query there, and what it is to be told of us."""

    origin: Origin
    target: str
    service: str


def realm_of(asked: Challenge, client: HttpClient, *, insecure: bool) -> Realm:
    """The token service that a challenge names.

    Raises:
        Unreadable: it names none, or one that everybody on the way could listen to.
    """
    named = asked.parameters.get("realm", "")
    host = client.host
    found = located(named) if len(named) <= LONGEST else None
    if found is None:
        raise Unreadable(f"{host} wants a token and names no address that it could come from.")
    origin, target = found
    if not _is_safe(origin, client.origin, insecure=insecure):
        raise Unreadable(
            f"{host} wants a token of {shown(origin.url, 100)}, where everybody on the way could "
            "read it, and nothing was sent: its token service must be on https."
        )
    return Realm(origin, target, asked.parameters.get("service", ""))


def belongs_to(realm: Origin, registry: Origin) -> bool:
    """Whether a token service is a registry's own, so that it may have the registry's credentials.

    It is on the same host, or below the domain that the registry's host is directly below:
    `auth.docker.io` for `registry-1.docker.io`, `gitlab.com` for `registry.gitlab.com`.
    """
    if realm.host == registry.host or (is_loopback(realm.host) and is_loopback(registry.host)):
        return True
    domain = registry.host.partition(".")[2]
    if domain.count(".") + 1 < _LEAST_LABELS or domain.replace(".", "").isdigit():
        return False
    return realm.host == domain or realm.host.endswith(f".{domain}")


def _is_safe(realm: Origin, registry: Origin, *, insecure: bool) -> bool:
    """Whether nobody listens who does not listen to the registry's own answers too."""
    if realm.scheme == "https" or insecure:
        return True
    return registry.scheme == "http" and is_loopback(realm.host)
