"""Which keys of docker's config.json, or of podman's auth.json, are of a registry. Pure.

Docker compares host names, with scheme and path stripped: `https://reg.example.com/v2/` is of
`reg.example.com`. Docker Hub's key is written in many ways; `docker login` writes the first of
`usual`. In podman's file a key may be of a namespace or of a repository (`quay.io/team`), and the
longest one counts: containers-auth.json(5).
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.hub_names import DOCKER_HUB, canonical_registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HUB_KEYS = (
    "https://index.docker.io/v1/",
    "index.docker.io",
    "docker.io",
    "registry-1.docker.io",
    "registry.hub.docker.com",
    "hub.docker.com",
)
"""Keys of a login to Docker Hub, the likeliest first: helpers compare them letter by letter."""

_NO_LOGIN = ("access-token", "refresh-token")
"""Ends of keys under which `docker login` in a browser keeps tokens that registries do not take:
`https://index.docker.io/v1/access-token`."""

_API = frozenset({"", "v1", "v2"})
"""Paths that mean the whole registry."""

_GLOB = frozenset("*?[:")


class _Key(NamedTuple):
    """A key, taken apart. `path` is empty for a whole registry."""

    host: str
    path: str
    has_scheme: bool


def usual(registry: str) -> tuple[str, ...]:
    """How a registry's login is usually named, the likeliest first."""
    return HUB_KEYS if registry == DOCKER_HUB else (registry, f"https://{registry}")


def fitting(
    keys: Iterable[str], registry: str, repositories: Sequence[str], *, strips_paths: bool
) -> list[str]:
    """The keys that are of a registry, the best first.

    Args:
        keys: of `auths` or `credHelpers`.
        registry: the host, with its port; `docker.io` for Docker Hub.
        repositories: names or patterns of what is read there; empty for all.
        strips_paths: whether the path of a key means nothing, as in docker's own file.
    """
    host, first = _taken_apart(registry).host, usual(registry)[0]
    ranked: list[tuple[int, int, str]] = []
    for key in keys:
        each = _taken_apart(key)
        if each.host != host or key.rstrip("/").endswith(_NO_LOGIN):
            continue
        if each.path and _holds_all(each.path, repositories):
            ranked.append((0, -len(each.path), key))
        elif not each.path:
            rank = 1 if key == first else 3 if each.has_scheme else 2
            ranked.append((rank, 0, key))
        elif strips_paths:
            ranked.append((4, 0, key))
    return [key for *_, key in sorted(ranked)]


def _holds_all(path: str, repositories: Sequence[str]) -> bool:
    """Whether every repository that is read is `path`, or lies below it."""
    return bool(repositories) and all(
        _GLOB.isdisjoint(path) and (name.startswith(f"{path}/") or name.partition(":")[0] == path)
        for name in repositories
    )


def _taken_apart(key: str) -> _Key:
    scheme, separator, rest = key.strip().rpartition("://")
    host, _, path = rest.partition("/")
    host = _normal(host.lower().rpartition("@")[2], "" if scheme.lower() == "http" else ":443")
    path = path.strip("/")
    is_whole = bool(separator) or path in _API
    return _Key(canonical_registry(host), "" if is_whole else path, bool(separator))


def _normal(host: str, default_port: str) -> str:
    """A host in one spelling: no default port, IPv6 addresses short and in brackets."""
    bare, bracket, port = host.removeprefix("[").partition("]")
    if not bracket and host.count(":") == 1:
        bare, port = host.partition(":")[0], f":{host.partition(':')[2]}"
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        pass
    else:
        bare = f"[{address.compressed}]" if address.version == 6 else str(address)  # noqa: PLR2004 - IPv6
    return bare if port == default_port else f"{bare}{port}"
