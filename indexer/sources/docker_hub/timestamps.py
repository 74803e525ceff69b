"""Parses dates as registries write them. Never raises. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def read_all(texts: Sequence[object]) -> list[datetime | None]:
    """Parse dates as `read` does, in a fifth of the time if all of them end with `Z`."""
    try:
        dates = [*map(datetime.fromisoformat, texts)]  # type: ignore[arg-type] # others raise
    except (TypeError, ValueError, OverflowError):
        return [*map(read, texts)]
    are_usual = all(date.tzinfo is UTC and date.year > 1 for date in dates)
    return [*dates] if are_usual else [*map(read, texts)]


def read(text: object) -> datetime | None:
    """Parse an ISO 8601 date: with `Z`, an offset, or none (then UTC); nanoseconds are cut off.

    Returns:
        An aware date in UTC; None for anything else, and for the year 1, which programs in Go
        write for a missing date.
    """
    if not isinstance(text, str):
        return None
    try:
        date = datetime.fromisoformat(text)
        if date.tzinfo is not UTC:  # which is what `Z` gives
            date = date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return date if date.year > 1 else None
