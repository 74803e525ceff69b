"""Where a redirect of a registry may lead. Pure.

    to the registry itself                         always
    to https on any host                           always, without credentials
    to http                                        with `insecure = true`: lists and manifests
                                                   anywhere, content on the registry's own host

Whether the address of that host is admitted is checked when it is connected to: see
`indexer.http.address_class`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.http import located

if TYPE_CHECKING:
    from indexer.http import Origin

MOST_HOPS = 3
"""The most redirects for one answer."""

STATUSES = frozenset({301, 302, 303, 307, 308})


def destination(
    location: str, at: tuple[Origin, str], registry: Origin, *, insecure: bool, is_content: bool
) -> tuple[Origin, str] | None:
    """The origin that a redirect leads to, and the path and query there.

    Args:
        location: the header.
        at: which origin sent it, to a request for which path and query.
        registry: the registry's own origin.
        insecure: the configuration allows plain http.
        is_content: it is of a configuration or a layer.

    Returns:
        None if it must not be followed, or cannot be read.
    """
    origin, target = at
    within = origin.target(target.partition("?")[0], location)
    if within is not None:
        return origin, within
    found = located(location)
    if found is None:
        return None
    to = found[0]
    if to.is_at(registry) or to.scheme == "https":
        return found
    return found if insecure and (to.host == registry.host or not is_content) else None
