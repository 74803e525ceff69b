"""Tags as versions, by Semantic Versioning 2.0: releases, and ranges of versions. Pure.

A tag may omit the minor and the patch number, and may begin with a `v`: `1.27`, `v2`. Semantic
Versioning takes what follows a `-` as a pre-release, whether it is a release candidate or a variant
(`1.27-alpine`): the two cannot be told apart. As in npm and Go's Masterminds/semver, a range
includes pre-releases only if it names one itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import semver

_SHAPE = re.compile(r"v?(\d{1,9}(?:\.\d{1,9}){0,2}(?:-[0-9A-Za-z.-]+)?)", re.ASCII)
_COMPARISON = re.compile(r"(>=|<=|!=|>|<|=|\^|~)?\s*(\S+)")
_OPERATOR_BLANKS = re.compile(r"(>=|<=|!=|>|<|=|\^|~)\s+")

_COMPARE: dict[str, Callable[[semver.Version, semver.Version], bool]] = {
    ">=": lambda one, other: one >= other,
    "<=": lambda one, other: one <= other,
    "!=": lambda one, other: one != other,
    ">": lambda one, other: one > other,
    "<": lambda one, other: one < other,
    "=": lambda one, other: one == other,
}

_LEAST = "0"
"""The lowest pre-release of a version."""


def version_of(tag: str) -> semver.Version | None:
    """The version that a tag names; None if it is not a version."""
    match = _SHAPE.fullmatch(tag)
    if match is None:
        return None
    import semver  # noqa: PLC0415 - few commands compare versions

    try:
        return semver.Version.parse(match[1], optional_minor_and_patch=True)
    except ValueError:  # such as leading zeros
        return None


def is_release(tag: str) -> bool:
    """Whether a tag is a version and no pre-release: `1.27.3`, `v2`; not `latest`, `1.28-rc1`."""
    version = version_of(tag)
    return version is not None and not version.prerelease


@dataclass(frozen=True, slots=True)
class Comparison:
    """`>=1.2`."""

    operator: str
    version: semver.Version

    @property
    def names_a_prerelease(self) -> bool:
        """Whether the comparison names a pre-release."""
        return self.version.prerelease not in {None, _LEAST}

    def holds(self, version: semver.Version) -> bool:
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
    if operator not in {"^", "~"}:
        return [Comparison(operator, version)]
    return [Comparison(">=", version), Comparison("<", _end(operator, version, match[2]))]


def _end(operator: str, version: semver.Version, written: str) -> semver.Version:
    """The first version that `^1.4` (same major) or `~1.4` (same minor) excludes.

    It is the lowest pre-release of that version, so that the range includes none of them.
    """
    major_only = "." not in written.partition("-")[0]
    import semver  # noqa: PLC0415 - the same

    if major_only or (operator == "^" and version.major > 0):
        end = semver.Version(version.major + 1)
    elif operator == "~" or version.minor > 0 or written.count(".") == 1:
        end = semver.Version(version.major, version.minor + 1)
    else:
        end = semver.Version(0, 0, version.patch + 1)
    return end.replace(prerelease=_LEAST)
