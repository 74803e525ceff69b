"""How the two contents of a retag differ, where both are known.

Platforms are compared by their names and digests. If an index has another digest but the same
images, only its attestations or its annotations differ.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from indexer.core.platforms import Platform


class RetagKind(StrEnum):
    """The kinds, from a change of what runs to a change of metadata only."""

    CONTENT = "content"
    PLATFORMS = "platforms"
    ATTESTATIONS = "attestations"
    METADATA = "metadata"


class RetagDetail(NamedTuple):
    """How two contents of one tag differ.

    Attributes:
        changed: platforms that both have, with other content.
        added: platforms that only the new one has.
        removed: platforms that only the old one has.
        attestations: their attestations differ.
    """

    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    attestations: bool = False

    @property
    def kind(self) -> RetagKind:
        """The most important kind."""
        if self.changed:
            return RetagKind.CONTENT
        if self.added or self.removed:
            return RetagKind.PLATFORMS
        return RetagKind.ATTESTATIONS if self.attestations else RetagKind.METADATA

    def __str__(self) -> str:
        """In words: `content of linux/amd64, linux/arm64; linux/s390x added`."""
        parts = [
            f"content of {', '.join(self.changed)}" if self.changed else "",
            f"{', '.join(self.added)} added" if self.added else "",
            f"{', '.join(self.removed)} removed" if self.removed else "",
        ]
        words = "; ".join(filter(None, parts))
        if words:
            return words
        return "attestations only" if self.attestations else "annotations only"


def between(old: Iterable[Platform], new: Iterable[Platform]) -> RetagDetail | None:
    """Compare the old and the new content of a tag; None where one is not fully known.

    Content is known where every image has a digest. Several images of one platform (Windows has
    one for each of its versions) are told apart by that version.
    """
    before, after = list(old), list(new)
    if not before or not after or any(each.digest is None for each in (*before, *after)):
        return None
    was, now = _images(before), _images(after)
    return RetagDetail(
        changed=tuple(name for name in was if name in now and was[name] != now[name]),
        added=tuple(name for name in now if name not in was),
        removed=tuple(name for name in was if name not in now),
        attestations=_attestations(before) != _attestations(after),
    )


def _images(platforms: Iterable[Platform]) -> Mapping[str, frozenset[str | None]]:
    images: dict[str, set[str | None]] = {}
    for each in platforms:
        if not each.is_attestation:
            name = f"{each} {each.os_version}" if each.os_version else str(each)
            images.setdefault(name, set()).add(each.digest)
    return {name: frozenset(images[name]) for name in sorted(images)}


def _attestations(platforms: Iterable[Platform]) -> frozenset[str | None]:
    return frozenset(each.digest for each in platforms if each.is_attestation)
