"""Tags as versions: releases, and ranges of versions. Pure.

Versions are ordered as by Semantic Versioning 2.0, with one to four numbers: a tag may omit the
minor and the patch number (`1.27`, `v2`), have a fourth one (`4.9.0.12`), or be a date (`24.04`,
`2024.01.5`); it may begin with a `v`. Semantic Versioning takes what follows a `-` as a
pre-release, whether it is a release candidate or a variant (`1.27-alpine`): the two cannot be told
apart here. As in npm and Go's Masterminds/semver, a range includes pre-releases only if it names
one itself: `>=1.27.0-0` includes all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    import semver

_SHAPE = re.compile(r"v?((?!0\d+(?:-|$))\d{1,9}(?:\.\d{1,9}){0,3})(?:-([0-9A-Za-z.-]+))?", re.ASCII)
"""A single number with a leading zero is a commit or a build."""

_NUMBERS = 4
_COMPARISON = re.compile(r"(>=|<=|!=|>|<|=|\^|~)?\s*(\S+)")
_OPERATOR_BLANKS = re.compile(r"(>=|<=|!=|>|<|=|\^|~)\s+")


class Version(NamedTuple):
    """A version; versions compare by precedence.

    Attributes:
        numbers: four; those that are not written are 0.
        rest: orders pre-releases of the same numbers (semver.org, rule 11); its numbers are 0.
    """

    numbers: tuple[int, ...]
    rest: semver.Version

    @property
    def prerelease(self) -> str | None:
        """What follows the `-`."""
        return self.rest.prerelease


_COMPARE: dict[str, Callable[[Version, Version], bool]] = {
    ">=": lambda one, other: one >= other,
    "<=": lambda one, other: one <= other,
    "!=": lambda one, other: one != other,
    ">": lambda one, other: one > other,
    "<": lambda one, other: one < other,
    "=": lambda one, other: one == other,
}

_LEAST = "0"
"""The lowest pre-release of a version."""


def version_of(tag: str) -> Version | None:
    """The version that a tag names; None if it is not a version."""
    match = _SHAPE.fullmatch(tag)
    if match is None:
        return None
    try:
        return _version(tuple(int(number) for number in match[1].split(".")), match[2])
    except ValueError:  # such as leading zeros in a pre-release
        return None


def _version(numbers: tuple[int, ...], prerelease: str | None) -> Version:
    import semver  # noqa: PLC0415 - few commands compare versions

    rest = semver.Version.parse(f"0.0.0-{prerelease}" if prerelease else "0.0.0")
    return Version(numbers + (0,) * (_NUMBERS - len(numbers)), rest)


def is_release(tag: str) -> bool:
    """Whether a tag is a version and no pre-release: `1.27.3`, `v2`; not `latest`, `1.28-rc1`."""
    version = version_of(tag)
    return version is not None and not version.prerelease


@dataclass(frozen=True, slots=True)
class Comparison:
    """`>=1.2`."""

    operator: str
    version: Version
    names_a_prerelease: bool

    def holds(self, version: Version) -> bool:
        """Whether a version satisfies it."""
        return _COMPARE[self.operator](version, self.version)


@dataclass(frozen=True, slots=True)
class Range:
    """A range of versions: alternatives, each a tuple of comparisons that must all hold."""

    text: str
    alternatives: tuple[tuple[Comparison, ...], ...]

    @classmethod
    def parse(cls, text: str) -> Range:
        """Read `>=1.2 <2`, `^1.4`, `~2.1 || >=3`; a comma counts as a space.

        Raises:
            ValueError: the text is not a range.
        """
        return cls(text, tuple(_alternative(part) for part in text.split("||")))

    def holds(self, tag: str) -> bool:
        """Whether a tag is a version in this range."""
        version = version_of(tag)
        return version is not None and any(
            all(each.holds(version) for each in comparisons)
            and (not version.prerelease or any(each.names_a_prerelease for each in comparisons))
            for comparisons in self.alternatives
        )


def _alternative(text: str) -> tuple[Comparison, ...]:
    words = _OPERATOR_BLANKS.sub(r"\1", text.replace(",", " ")).split()
    if not words:
        raise ValueError(text)
    return tuple(comparison for word in words for comparison in _comparisons(word))


def _comparisons(word: str) -> list[Comparison]:
    match = _COMPARISON.fullmatch(word)
    version = version_of(match[2]) if match else None
    if match is None or version is None:
        raise ValueError(word)
    operator = match[1] or "="
    is_named = version.prerelease is not None
    if operator not in {"^", "~"}:
        return [Comparison(operator, version, is_named)]
    end = _end(operator, version, match[2])
    return [Comparison(">=", version, is_named), Comparison("<", end, names_a_prerelease=False)]


def _end(operator: str, version: Version, written: str) -> Version:
    """The first version that `^1.4` (same major) or `~1.4` (same minor) excludes.

    It is the lowest pre-release of that version, so that the range includes none of them.
    """
    given = written.partition("-")[0].count(".") + 1
    major, minor, patch, build = version.numbers
    if given == 1 or (operator == "^" and major > 0):
        end: tuple[int, ...] = (major + 1,)
    elif operator == "~" or minor > 0 or given == 2:  # noqa: PLR2004 - major and minor
        end = (major, minor + 1)
    elif patch > 0 or given < _NUMBERS:
        end = (0, 0, patch + 1)
    else:
        end = (0, 0, 0, build + 1)
    return _version(end, _LEAST)
