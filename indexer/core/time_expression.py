"""Read WHEN: a time, how long ago, a crawl, or a change. `now` is an argument."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from indexer.core.errors import UsageError
from indexer.core.printable import shown

_PART = (
    r"([0-9]{1,9})\s*"
    r"(s|sec(?:ond)?s?|m|min(?:ute)?s?|h|hours?|d|days?|w|weeks?|y|years?)(?![a-z])\s*"
)
_AGO = re.compile(rf"(?:{_PART})+(?:ago)?", re.ASCII)
_PARTS = re.compile(_PART, re.ASCII)
_CRAWL = re.compile(r"crawl:([0-9]{1,18})", re.ASCII)
_CHANGE = re.compile(r"change:([0-9]{1,18})", re.ASCII)
DAYS_OF_A_YEAR = 365
AHEAD = timedelta(minutes=1)
"""How far ahead of our clock a time may be: the clocks of clients differ."""

_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "y": timedelta(days=DAYS_OF_A_YEAR),
}

_DAYS = {"now": None, "today": 0, "yesterday": 1}
"""Words for times; a number is how many midnights before the present day's."""


@dataclass(frozen=True, slots=True)
class When:
    """Exactly one of: a time, the id of a crawl, the id of the last change seen."""

    time: datetime | None = None
    crawl: int | None = None
    change: int | None = None


def parse_when(text: str, now: datetime) -> When:
    """Read WHEN as a user typed it.

    Args:
        text: ISO 8601, `now`, `today`, `yesterday` (their beginnings), `90m`, `24h`, `1d12h`,
            `2 days ago`, `2w`, `crawl:12`, or `change:345`.
        now: what "ago" counts from. Its time zone is that of days, and of times without an offset.

    Raises:
        UsageError: the text has none of these forms (the message gives examples), or it is a time
            in the future, of which nothing can be known.
    """
    when = _read(text, now)
    if when.time is not None and when.time > now + AHEAD:
        raise UsageError(
            f"'{shown(text, 60)}' is in the future: it is {now.astimezone(UTC):%Y-%m-%d %H:%M} UTC "
            "now."
        )
    return when


def check_window(since: When, until: When) -> None:
    """Check that something can lie between two times, crawls or changes.

    Raises:
        UsageError: the end is before the beginning.
    """
    is_reversed = (
        (since.time and until.time and until.time < since.time)
        or (since.crawl and until.crawl and until.crawl < since.crawl)
        or (since.change and until.change and until.change < since.change)
    )
    if is_reversed:
        raise UsageError(
            "the end is before the beginning, so nothing lies between: exchange the two."
        )


def is_ago(text: str) -> bool:
    """Whether WHEN says how long ago, so that it depends on the present time."""
    typed = text.strip().lower()
    return typed in _DAYS or _AGO.fullmatch(typed) is not None


def _read(text: str, now: datetime) -> When:
    typed = text.strip()
    if match := _CRAWL.fullmatch(typed):
        return When(crawl=int(match[1]))
    if match := _CHANGE.fullmatch(typed):
        return When(change=int(match[1]))
    try:
        if is_ago(typed):
            return When(_ago(typed.lower(), now).astimezone(UTC))
        time = datetime.fromisoformat(typed)
        local = time.replace(tzinfo=now.tzinfo) if time.tzinfo is None else time
        return When(local.astimezone(UTC))
    except (ValueError, OverflowError):
        raise UsageError(
            f"cannot read '{shown(text, 60)}' as a time: write how long ago, as '90m', '24h', '7d' "
            "or '2w', a date or time, as '2026-03-02' or '2026-03-02T09:00Z', a crawl, as "
            "'crawl:12', or the last change that you have seen, as 'change:345'."
        ) from None


def _ago(typed: str, now: datetime) -> datetime:
    if typed in _DAYS:
        days = _DAYS[typed]
        if days is None:
            return now
        # A day before midnight is midnight, also where the clocks were changed in between.
        day = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)
        return day.astimezone(UTC)
    parts = (_UNITS[unit[0]] * int(number) for number, unit in _PARTS.findall(typed))
    return now.astimezone(UTC) - sum(parts, timedelta(0))
