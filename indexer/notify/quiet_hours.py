"""Hours in which nothing is sent. What happens meanwhile is sent when they end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DAY_MINUTES = 24 * 60
_SHAPE = re.compile(
    r"(?:(?P<days>[a-z, -]+?)\s+)?(?P<h1>\d\d?):(?P<m1>\d\d)\s*-\s*(?P<h2>\d\d?):(?P<m2>\d\d)"
)
_LONGEST = timedelta(days=8)
"""Quiet hours that last longer are taken as never ending."""


@dataclass(frozen=True, slots=True)
class DailyHours:
    """From one minute of a day to another; if that is earlier, past midnight.

    Attributes:
        days: on which they begin, 0 is Monday.
        start: minutes after midnight.
        end: minutes after midnight.
    """

    days: frozenset[int]
    start: int
    end: int

    @classmethod
    def parse(cls, text: str) -> DailyHours:
        """Read `22:00-07:00`, `sat-sun 00:00-24:00`, `mon,wed 12:00-13:00`.

        Raises:
            ValueError: the text has another form.
        """
        match = _SHAPE.fullmatch(text.strip().lower())
        if match is None:
            raise ValueError(text)
        start = int(match["h1"]) * 60 + int(match["m1"])
        end = int(match["h2"]) * 60 + int(match["m2"])
        is_time = start < _DAY_MINUTES and end <= _DAY_MINUTES and start != end
        if not is_time or int(match["m1"]) >= 60 or int(match["m2"]) >= 60:  # noqa: PLR2004 - an hour's minutes
            raise ValueError(text)
        return cls(_days(match["days"]), start, end)

    def hold(self, day: int, minute: int) -> bool:
        """Whether a minute of a day of the week lies within."""
        if self.start < self.end:
            return day in self.days and self.start <= minute < self.end
        yesterday = (day - 1) % len(DAYS)
        return (day in self.days and minute >= self.start) or (
            yesterday in self.days and minute < self.end
        )


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Quiet hours, in a time zone."""

    hours: tuple[DailyHours, ...] = ()
    zone: tzinfo = UTC

    def until(self, now: datetime) -> datetime | None:
        """When the quiet hours that include `now` end; None if none do."""
        moment = now
        while self._hold(moment):
            if moment - now > _LONGEST:
                return moment
            # The next whole minute; never past a change of the clocks.
            moment += timedelta(seconds=60 - moment.second, microseconds=-moment.microsecond)
        return moment if moment != now else None

    def _hold(self, moment: datetime) -> bool:
        local = moment.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return any(each.hold(local.weekday(), minute) for each in self.hours)


def _days(text: str | None) -> frozenset[int]:
    if text is None:
        return frozenset(range(len(DAYS)))
    days: set[int] = set()
    for part in text.split(","):
        first, dash, last = (word.strip() for word in part.partition("-"))
        ends: Sequence[str] = (first, last) if dash else (first, first)
        if not set(ends) <= set(DAYS):
            raise ValueError(text)
        begin, end = map(DAYS.index, ends)
        days |= {(begin + step) % len(DAYS) for step in range((end - begin) % len(DAYS) + 1)}
    return frozenset(days)
