"""Bounds single values of the Hub, so that any database can store them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

WORD_CHARACTERS = 100
"""Characters kept of an operating system, an architecture, a media type; real ones are shorter."""

GREATEST_NUMBER = 2**63 - 1
"""The largest number that databases hold."""


def word(text: object, limit: int = WORD_CHARACTERS) -> str:
    """A string, bounded, without NUL, which PostgreSQL cannot store; empty for any other type."""
    return text[:limit].replace("\0", "\ufffd") if isinstance(text, str) else ""


def is_short(text: object) -> bool:
    """Whether a text, or its absence, takes no more memory than what is kept of it."""
    return text is None or (isinstance(text, str) and len(text) <= WORD_CHARACTERS)


def whole_number(number: object) -> int | None:
    """A non-negative integer that fits into a database; None for anything else."""
    if type(number) is int or isinstance(number, float):  # not bool, which is an int
        return int(number) if 0 <= number <= GREATEST_NUMBER else None
    return None


def are_whole_numbers(values: Sequence[Any]) -> bool:
    """Whether `whole_number` would leave all of these unchanged."""
    return set(map(type, values)) == {int} and min(values) >= 0 and max(values) <= GREATEST_NUMBER
