"""Sorts tags so that the newest comes first, judged by their names alone. Pure.

`latest` comes first, then tags that read as versions, the greatest first (a release before its own
pre-releases, as in semantic versioning; variants such as `1.27-alpine` count as pre-releases). All
other tags follow in descending order of name, which puts late dates and build numbers first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_VERSION = re.compile(
    r"v?(\d{1,4}|\d{1,9}(?:\.\d{1,9}){1,3})"
    r"((?:a|b|rc|alpha|beta|pre|dev|post)[.\d]*|[-_+][\w.+-]+)?",
    re.ASCII | re.IGNORECASE,
)
"""A long number without a point is a date or a build; `4e83c1a` is a commit."""

_PIECES = re.compile(r"\d{1,18}|[^\W\d_]+", re.ASCII)

_Piece = tuple[int, int, str]
_Order = tuple[int, tuple[int, ...], bool, tuple[_Piece, ...], str]


def newest_first(tags: Iterable[str]) -> list[str]:
    """The tags, newest first by their names."""
    return sorted(tags, key=_order, reverse=True)


def _order(tag: str) -> _Order:
    if tag == "latest":
        return 2, (), True, (), tag
    found = _VERSION.fullmatch(tag)
    if found is None:
        return 0, (), True, (), tag
    numbers = tuple(int(part) for part in found[1].split("."))
    padded = numbers + (0,) * (4 - len(numbers))
    suffix = found[2] or ""
    return 1, padded, not suffix, tuple(_pieces(suffix)), tag


def _pieces(suffix: str) -> Iterable[_Piece]:
    """The identifiers of a suffix: numbers before words, and by value (semver.org, rule 11)."""
    for piece in _PIECES.findall(suffix):
        yield (0, int(piece), "") if piece.isdigit() else (1, 0, piece)
