"""Which tags are newer versions of the same shape as a tag. Pure.

Only those of the same shape are compared (see `version_tag`).

Where none of the same shape is newer, those of the same family are looked at: with another version
of the same distribution (`-alpine3.19`, `-alpine3.21`), not an older one, and with or without a
`v`. Publishers end with a version of Alpine, and write their tags another way; what is pinned there
would count as the newest for ever.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.version_tag import newest_alike, parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.core.version_tag import Alike, Shape, VersionTag


class Level(StrEnum):
    """The first number in which a newer version differs."""

    PATCH = "patch"
    MINOR = "minor"
    MAJOR = "major"


class NewerTags(NamedTuple):
    """The newest tag of each level, and how many tags of the same shape there are.

    Attributes:
        patch: of the same major and minor version.
        minor: of the same major version.
        major: of a higher major version.
        compared: how many tags of the same shape there are, the tag itself included if it is there.
        is_of_shape: they are of the same shape; else of the same family.
    """

    patch: str | None
    minor: str | None
    major: str | None
    compared: int
    is_of_shape: bool = True

    @property
    def by_level(self) -> list[tuple[Level, str]]:
        """The levels that have a newer tag, with it."""
        return [(level, name) for level, name in zip(Level, self[:3], strict=True) if name]


class Versions:
    """The versions among the tags of a repository, read once.

    Args:
        names: the tags that there are.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._of_family: dict[Shape, list[Alike]] = {}
        for each in newest_alike(names):
            self._of_family.setdefault(each.version.family, []).append(each)

    def newer(self, tag: str) -> NewerTags | None:
        """The tags that are newer versions of the same shape; None if the tag is not a version.

        Pre-releases are offered only for a pre-release.
        """
        mine = parse(tag)
        if mine is None:
            return None
        family = self._of_family.get(mine.family, [])
        same = [each for each in family if each.version.shape == mine.shape]
        found = _newest(mine, same)
        is_of_shape = bool(found)
        patch, minor, major = map((found or _newest(mine, family)).get, Level)
        return NewerTags(patch, minor, major, sum(each.tags for each in same), is_of_shape)


def _newest(mine: VersionTag, others: Iterable[Alike]) -> dict[Level, str]:
    """The newest of each level among tags of the same family."""
    best: dict[Level, tuple[tuple[object, ...], str]] = {}
    for each, name, _ in others:
        if each.follows(mine):
            level = _level(mine.numbers, each.numbers)
            found = (each.order, each.distribution), name
            best[level] = max(best.get(level, found), found)
    return {level: name for level, (_, name) in best.items()}


def _level(mine: tuple[int, ...], other: tuple[int, ...]) -> Level:
    if mine[0] != other[0]:
        return Level.MAJOR
    return Level.MINOR if mine[1:2] != other[1:2] else Level.PATCH
