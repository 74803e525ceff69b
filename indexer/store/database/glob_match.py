"""Glob patterns (`fnmatch`) as SQL, for each database. Pure.

`*` matches anything, `?` one character, `[abc]` one of these, `[!a-c]` one that is none of
these; any other character, an unclosed `[` too, matches itself. Case matters.
"""

from __future__ import annotations

import re
import sys
from enum import Enum
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SET = re.compile(r"\[(!?)(\]?[^\]]*)\]")


class _Wild(Enum):
    ANYTHING = "*"
    ONE = "?"


class _Set(NamedTuple):
    """One character in any of these ranges (first and last), or, negated, in none of them."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool


_Token = str | _Wild | _Set


def matches(column: sa.ColumnElement[str], pattern: str, dialect: str) -> sa.ColumnElement[bool]:
    """Whether a column matches a pattern; a pattern without wildcards can use an index."""
    if is_literal(pattern):
        return column == pattern
    tokens = list(_tokens(pattern))
    if _Set((), negated=False) in tokens:
        return sa.false()
    if dialect == "sqlite":
        glob = "".join(map(_sqlite, tokens))
        return column.op("GLOB", is_comparison=True)(glob)
    return column.regexp_match(f"^{''.join(map(_postgresql, tokens))}$")


def is_literal(pattern: str) -> bool:
    """Whether a pattern has no wildcard: it matches one text only."""
    return all(isinstance(token, str) for token in _tokens(pattern))


def literal_prefix(pattern: str) -> str:
    """What a pattern begins with, up to its first wildcard."""
    return "".join(takewhile(lambda token: isinstance(token, str), _tokens(pattern)))  # type: ignore[arg-type] # texts


def within_prefix(column: sa.ColumnElement[str], pattern: str) -> list[sa.ColumnElement[bool]]:
    """Bounds for what begins as a pattern does, up to its first wildcard, for an index to use.

    Only for columns that sort by their bytes (`indexer.store.schema.tables.NAME`).
    """
    prefix = literal_prefix(pattern)
    if not prefix:
        return []
    return [column >= prefix, column < f"{prefix}{chr(sys.maxunicode)}"]


def _tokens(pattern: str) -> Iterator[_Token]:
    place = 0
    while place < len(pattern):
        found = _SET.match(pattern, place)
        if found:
            place = found.end()
            yield _Set(tuple(_ranges(found[2])), bool(found[1])) if found[2] else found[0]
            continue
        sign = pattern[place]
        place += 1
        if sign == "*" == pattern[place : place + 1]:
            continue  # `**` means `*`, but would cost PostgreSQL minutes
        yield _Wild(sign) if sign in "*?" else sign


def _ranges(members: str) -> Iterator[tuple[str, str]]:
    """The ranges between the brackets; a reversed range is left out."""
    place = 0
    while place < len(members):
        spans = members[place + 1 : place + 2] == "-" and place + 2 < len(members)
        first, last = members[place], members[place + 2 if spans else place]
        place += 3 if spans else 1
        if first <= last:
            yield first, last


def _sqlite(token: _Token) -> str:
    """A token for GLOB, where sets have no escapes: special signs must stand in certain places."""
    if isinstance(token, _Wild):
        return token.value
    if isinstance(token, str):
        return token.replace("[", "[[]")
    ranges = [part for each in token.ranges for part in _without_signs(*each)]
    singles = {first for first, last in ranges if first == last}
    spans = "".join(f"{first}-{last}" for first, last in ranges if first != last)
    rest = "".join(sorted(singles - set("]-^")))
    body = "".join(("]" if "]" in singles else "", spans, "-" if "-" in singles else "", rest))
    body += "^" if "^" in singles else ""
    if token.negated:
        return f"[^{body}]" if body else "?"
    return body if body == "^" else f"[{body}]"


def _without_signs(first: str, last: str) -> Sequence[tuple[str, str]]:
    """A range, shortened so that it does not begin with a special sign."""
    if first == last or first not in "]^":
        return [(first, last)]
    return [(first, first), *_without_signs(chr(ord(first) + 1), last)]


def _postgresql(token: _Token) -> str:
    """A token for the operator `~`: each character as its code, so that none is special."""
    if isinstance(token, _Wild):
        return ".*" if token is _Wild.ANYTHING else "."
    if isinstance(token, str):
        return "".join(map(_numbered, token))
    if not token.ranges:
        return "."
    body = "".join(
        _numbered(first) if first == last else f"{_numbered(first)}-{_numbered(last)}"
        for first, last in token.ranges
    )
    return f"[{'^' if token.negated else ''}{body}]"


def _numbered(character: str) -> str:
    return character if character.isascii() and character.isalnum() else rf"\U{ord(character):08x}"
