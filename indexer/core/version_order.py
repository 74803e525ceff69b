"""Sorts tags so that the newest comes first, judged by their names alone. Pure.

`latest` comes first, then tags that read as versions, the greatest first (a release before its own
pre-releases, as in semantic versioning; variants such as `1.27-alpine` count as pre-releases). All
other tags follow in descending order of name. Of these, tags that have the same word before a
version are ordered by that version: `alpine-v15` before `alpine-v9`, `build-10234` before
`build-9876`, `RELEASE.2026-11-02` before `RELEASE.2026-9-30`. Of several words the last by name
comes first, for versions of different words cannot be compared.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_SUFFIX = r"((?:a|b|rc|alpha|beta|pre|dev|post)[.\d]*|[-_+][\w.+-]+)?"

_VERSION = re.compile(
    rf"v?(\d{{1,4}}|\d{{1,9}}(?:\.\d{{1,9}}){{1,3}}){_SUFFIX}", re.ASCII | re.IGNORECASE
)
"""A long number without a point is a date or a build; `4e83c1a` is a commit."""

_BEHIND_A_WORD = re.compile(
    rf"(\D+?)(?:(?<=[-_.])v)?(\d{{1,18}}(?:\.\d{{1,9}}){{0,3}}){_SUFFIX}", re.ASCII | re.IGNORECASE
)
"""Behind a word a long number is compared too: all tags of the word have one."""

_PIECES = re.compile(r"\d{1,18}|[^\W\d_]+", re.ASCII)

Piece = tuple[int, int, str]
Order = tuple[int, str, tuple[int, ...], bool, tuple[Piece, ...], str]


def newest_first(tags: Iterable[str]) -> list[str]:
    """The tags, newest first by their names."""
    return sorted(tags, key=order, reverse=True)


@lru_cache(maxsize=1_024)  # tags of one digest are compared in each of their rows
def order(tag: str) -> Order:
    """What tags are compared by: a newer one is greater."""
    if tag == "latest":
        return 2, "", (), True, (), tag
    if found := _VERSION.fullmatch(tag):
        return 1, "", *_version(found[1], found[2] or ""), tag
    if found := _BEHIND_A_WORD.fullmatch(tag):
        return 0, found[1], *_version(found[2], found[3] or ""), tag
    return 0, tag, (), True, (), tag


def _version(numbers: str, suffix: str) -> tuple[tuple[int, ...], bool, tuple[Piece, ...]]:
    """The numbers of a version, whether it is a release, and the identifiers of its suffix."""
    parts = tuple(int(part) for part in numbers.split("."))
    return parts + (0,) * (4 - len(parts)), not suffix, tuple(pieces(suffix))


def pieces(suffix: str) -> Iterable[Piece]:
    """The identifiers of a suffix: numbers before words, and by value (semver.org, rule 11)."""
    for piece in _PIECES.findall(suffix):
        yield (0, int(piece), "") if piece.isdigit() else (1, 0, piece)
