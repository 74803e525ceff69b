"""Tags that tools keep beside an image: signatures, attestations, SBOMs, lists of referrers.

Cosign 2 names them after the digest of their image, `sha256-<64 digits>.sig`, `.att`, `.sbom`.
On registries without the referrers API, clients (cosign 3 and Notation too) keep an index under
`sha256-<64 digits>` (OCI distribution specification 1.1, "referrers tag schema"), which truncates
longer digests. This module is the only place that says which tags these are, as a pattern, as
globs (SQLite has no patterns) and as a function.

Nobody deploys such a tag, and tools rewrite it at will: it is hidden where tags are listed, and
neither notified of nor judged, unless it is asked for.

Builders keep their caches under tags too (BuildKit's `--cache-to`, kaniko's `--cache-repo`). Their
names are only a habit, so they are listed and judged like others; nobody is notified of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

PATTERN: Final = r"(?:sha256|sha512)-[0-9a-f]{64}(?:[0-9a-f]{64})?(?:\.[A-Za-z0-9._-]+)?"
"""A pattern of the whole name, for Python and for PostgreSQL."""

GLOBS: Final = tuple(
    f"{algorithm}-{'[0-9a-f]' * digits}{ending}"
    for algorithm in ("sha256", "sha512")
    for digits in (64, 128)
    for ending in ("", ".?*")
)
"""The same as globs; a tag has no other characters than those of the pattern's last part."""

_BUILD_CACHE = re.compile(
    r"(?:.*[-_.])?build[-_.]?cache(?:[-_.].*)?"  # `buildcache`, `main-build-cache-arm64`
    r"|cache(?:[-_][A-Za-z].*)?"  # `cache`, `cache-main`; `cache-2.0` may be a version of something
    r"|[0-9a-f]{64}",  # kaniko: the hash of a build's step
    re.ASCII,
)

_COMPANION = re.compile(PATTERN)
_ASKS = re.compile(r"(?:sha256|sha512)-.*|.*\.(?:sig|att|sbom)", re.DOTALL)


def is_companion(tag: str) -> bool:
    """Whether a tag's name has the form of such a tag."""
    return _COMPANION.fullmatch(tag) is not None


def asks_for_companions(globs: Iterable[str]) -> bool:
    """Whether globs of tags name such tags themselves: `sha256-*`, `*.sig`; not `*`."""
    return any(_ASKS.fullmatch(glob) for glob in globs)


def is_build_cache(tag: str) -> bool:
    """Whether a tag's name is one under which builders keep their caches."""
    return _BUILD_CACHE.fullmatch(tag) is not None


def asks_for_build_caches(globs: Iterable[str]) -> bool:
    """Whether globs of tags name such tags themselves: `buildcache`, `*cache*`; not `*`."""
    return any("cache" in glob for glob in globs)
