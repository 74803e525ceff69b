"""Patterns as a shell writes them (`fnmatch`), for each database in its own words. Pure.

`*` stands for anything, `?` for one character, `[abc]` or `[!a-c]` for one of these or none of
these; everything else, an unclosed `[` too, for itself. Upper and lower case differ.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlalchemy as sa

_TOKEN = re.compile(r"\*|\?|\[(!?)(\]?[^\]]*)\]|.", re.DOTALL)
_SPECIAL = frozenset(r"\.^$*+?{}[]|()")


def matches(column: sa.Column[str], pattern: str, dialect: str) -> sa.ColumnElement[bool]:
    """Whether a column matches a pattern; without wildcards an index serves it."""
    if not is_pattern(pattern):
        return column == pattern
    if dialect == "sqlite":
        return column.op("GLOB", is_comparison=True)(sqlite_glob(pattern))
    return column.regexp_match(regex(pattern))


def is_pattern(text: str) -> bool:
    """Whether a text stands for more than itself."""
    return any(len(token[0]) > 1 or token[0] in "*?" for token in _TOKEN.finditer(text))


def sqlite_glob(pattern: str) -> str:
    """The pattern for SQLite's GLOB."""

    def written(token: re.Match[str]) -> str:
        if len(token[0]) > 1:
            return f"[{'^' if token[1] else ''}{token[2]}]"
        return "[[]" if token[0] == "[" else token[0]

    return _TOKEN.sub(written, pattern)


def regex(pattern: str) -> str:
    """The pattern for PostgreSQL's `~`."""

    def written(token: re.Match[str]) -> str:
        text = token[0]
        if len(text) > 1:
            body = re.sub(r"([\\\[\]^])", r"\\\1", token[2])
            return f"[{'^' if token[1] else ''}{body}]"
        if text in "*?":
            return ".*" if text == "*" else "."
        return f"\\{text}" if text in _SPECIAL else text

    return f"^{_TOKEN.sub(written, pattern)}$"
