"""Read WHEN: a time, how long ago, a crawl, or a change. `now` is an argument."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from indexer.core.errors import UsageError
from indexer.core.printable import shown

_AGO = re.compile(r"([0-9]{1,9})\s*([smhdwy])(?:\s+ago)?", re.ASCII)
_CRAWL = re.compile(r"crawl:([0-9]{1,18})", re.ASCII)
_CHANGE = re.compile(r"change:([0-9]{1,18})", re.ASCII)
DAYS_OF_A_YEAR = 365
AHEAD = timedelta(minutes=1)
"""How far ahead of our clock a time may be: the clocks of clients differ."""

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class When:
    """Exactly one of: a time, the id of a crawl, the id of the last change seen."""

    time: datetime | None = None
    crawl: int | None = None
    change: int | None = None


def parse_when(text: str, now: datetime) -> When:
    """Read WHEN as a user typed it.

    Args:
        text: ISO 8601 (without an offset: UTC), `90m`, `24h`, `7d`, `2w`, `crawl:12`, or
            `change:345`.
        now: what "ago" counts from.

    Raises:
        UsageError: the text has none of these forms (the message gives examples), or it is a time
            in the future, of which nothing can be known.
    """
    when = _read(text, now)
    if when.time is not None and when.time > now + AHEAD:
        raise UsageError(
            f"'{shown(text, 60)}' is in the future: it is {now:%Y-%m-%d %H:%M} UTC now."
        )
    return when


def is_ago(text: str) -> bool:
    """Whether WHEN says how long ago, so that it depends on the present time."""
    return _AGO.fullmatch(text.strip()) is not None


def _read(text: str, now: datetime) -> When:
    typed = text.strip()
    if match := _CRAWL.fullmatch(typed):
        return When(crawl=int(match[1]))
    if match := _CHANGE.fullmatch(typed):
        return When(change=int(match[1]))
    try:
        if match := _AGO.fullmatch(typed):
            number, unit = int(match[1]), match[2]
            if unit == "y":
                return When(now - timedelta(days=DAYS_OF_A_YEAR * number))
            return When(now - timedelta(**{_UNITS[unit]: number}))
        time = datetime.fromisoformat(typed)
        return When(time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC))
    except (ValueError, OverflowError):
        raise UsageError(
            f"cannot read '{shown(text, 60)}' as a time: write how long ago, as '90m', '24h', '7d' "
            "or '2w', a date or time, as '2026-03-02' or '2026-03-02T09:00Z', a crawl, as "
            "'crawl:12', or the last change that you have seen, as 'change:345'."
        ) from None
