"""Parses dates as registries write them. Never raises. Pure."""

from __future__ import annotations

from datetime import UTC, datetime


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
