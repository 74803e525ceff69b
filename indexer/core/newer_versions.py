"""Which tags are newer versions of the same shape as a tag. Pure.

A tag is `PREFIX NUMBERS [PRE-RELEASE] [BUILD] [SUFFIX]`:

    1.27.3-alpine       three numbers, the suffix `-alpine`
    v2.0.0-rc.1         the prefix `v`, three numbers, a pre-release
    21.0.1_12-jre       three numbers, the build 12, the suffix `-jre`
    24.04, 2024.01.5    two numbers; three, of which the first is a year
    bookworm-20240110   the prefix `bookworm-`, a date: three numbers
    4.9.0.12            four numbers

Two tags have the same shape if prefix and suffix are the same, there are as many numbers, both
have a build or neither, and both begin with a year or neither. So `1.27` is compared with `1.29`
and not with `1.29.4`, as Renovate does it. A build counts as the last number.

A word before a single number is not a version, but a build, a pull request or a release by name:
`build-10234`, `pr-7`, `debian-12`.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.version_order import pieces

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.core.version_order import Piece

_PRERELEASE = (
    r"[-_.]?(?:alpha|beta|rc|cr|preview|pre|milestone|snapshot|ea)(?:[-_.]?\d{1,9}){0,3}"
    r"|[-_.]?(?:dev|m)\d{1,9}|[ab]\d{1,9}"
)
_TAG = re.compile(
    rf"""(?P<prefix>\D*)
    (?:(?P<date>\d{{4}}-\d\d-\d\d)(?:T(?P<time>\d\d-\d\d-\d\d)Z)?
      |(?P<numbers>\d{{1,9}}(?:\.\d{{1,9}}){{0,3}}))
    (?P<prerelease>(?:{_PRERELEASE})(?![^-_.+]))?
    (?:(?:[-_]|-r)(?P<build>\d{{1,9}})(?![^-_.+]))?
    (?P<suffix>[-_+].*|\.[A-Za-z].*)?""",
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
_REVISION = re.compile(r"(.*-r)(\d{1,9})", re.ASCII)
"""The end of `-debian-12-r7`: a build behind the suffix."""

_SHORT_DATE = re.compile(r"((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", re.ASCII)
_YEARS = range(1990, 2100)
_LONGEST_NUMBER = 4
"""A longer single number is a build or a commit, if it is not a date."""

_PLAIN_PREFIXES = ("", "v", "version-", "release-")
"""May stand before a single number."""


class Level(StrEnum):
    """The first number in which a newer version differs."""

    PATCH = "patch"
    MINOR = "minor"
    MAJOR = "major"


class Shape(NamedTuple):
    """What is the same in tags that are compared."""

    prefix: str
    suffix: str
    numbers: int
    has_build: bool
    has_year: bool


class VersionTag(NamedTuple):
    """A tag that reads as a version.

    Attributes:
        shape: its shape.
        numbers: its numbers, from the major one on.
        is_release: it is no pre-release.
        prerelease: the identifiers of its pre-release.
        build: the number of its build.
    """

    shape: Shape
    numbers: tuple[int, ...]
    is_release: bool
    prerelease: tuple[Piece, ...]
    build: int

    @property
    def order(self) -> tuple[object, ...]:
        """What tags of the same shape are compared by: a newer one is greater."""
        return self[1:]


class NewerTags(NamedTuple):
    """The newest tag of each level, and how many tags of the same shape there are.

    Attributes:
        patch: of the same major and minor version.
        minor: of the same major version.
        major: of a higher major version.
        compared: how many tags of the same shape there are, the tag itself included if it is there.
    """

    patch: str | None
    minor: str | None
    major: str | None
    compared: int

    @property
    def by_level(self) -> list[tuple[Level, str]]:
        """The levels that have a newer tag, with it."""
        return [(level, name) for level, name in zip(Level, self[:3], strict=True) if name]


def parse(tag: str) -> VersionTag | None:
    """Read a tag; None if it is not a version."""
    found = _TAG.fullmatch(tag)
    if found is None:
        return None
    numbers = _numbers(found)
    if not numbers:
        return None
    suffix, build = found["suffix"] or "", found["build"]
    if build is None and (revised := _REVISION.fullmatch(suffix)):
        suffix, build = revised[1], revised[2]
    prerelease = (found["prerelease"] or "").lower()
    has_year = numbers[0] in _YEARS
    return VersionTag(
        Shape(found["prefix"], suffix, len(numbers), build is not None, has_year),
        numbers,
        not prerelease,
        tuple(pieces(prerelease)),
        int(build or 0),
    )


class Versions:
    """The versions among the tags of a repository, each read once.

    Args:
        names: the tags that there are.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._of_shape: dict[Shape, list[tuple[VersionTag, str]]] = {}
        for name in names:
            if each := parse(name):
                self._of_shape.setdefault(each.shape, []).append((each, name))

    def newer(self, tag: str) -> NewerTags | None:
        """The tags that are newer versions of the same shape; None if the tag is not a version.

        Pre-releases are offered only for a pre-release.
        """
        mine = parse(tag)
        if mine is None:
            return None
        same = self._of_shape.get(mine.shape, [])
        best: dict[Level, tuple[tuple[object, ...], str]] = {}
        for each, name in same:
            if each.order > mine.order and (each.is_release or not mine.is_release):
                level = _level(mine.numbers, each.numbers)
                found = each.order, name
                best[level] = max(best.get(level, found), found)
        names_of = {level: name for level, (_, name) in best.items()}
        patch, minor, major = (names_of.get(level) for level in Level)
        return NewerTags(patch, minor, major, len(same))


def _numbers(found: re.Match[str]) -> tuple[int, ...]:
    """The numbers of a tag; none if they are those of no version."""
    if found["date"]:
        return tuple(map(int, [*found["date"].split("-"), *(found["time"] or "0-0-0").split("-")]))
    words = found["numbers"].split(".")
    if len(words) > 1:
        return tuple(map(int, words))
    (word,) = words
    if date := _SHORT_DATE.fullmatch(word):
        return tuple(map(int, date.groups()))
    is_short = len(word) <= _LONGEST_NUMBER and (word == "0" or not word.startswith("0"))
    return (int(word),) if is_short and found["prefix"].lower() in _PLAIN_PREFIXES else ()


def _level(mine: tuple[int, ...], other: tuple[int, ...]) -> Level:
    if mine[0] != other[0]:
        return Level.MAJOR
    return Level.MINOR if mine[1:2] != other[1:2] else Level.PATCH
