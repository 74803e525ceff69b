"""Parses cron expressions of five fields with `cronsim`, and computes their times.

`cronsim` follows Debian's cron: a time that the clock jumps over at the start of summer time is run
at the first moment after the jump, and one that comes twice at its end is run the first time. What
is due in every hour of the day goes by real time instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_FIELDS = 5

_HOURS_A_DAY = 24

_ANY_TIME = datetime(2000, 1, 1)  # noqa: DTZ001 - only to parse an expression


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression, by crontab(5).

    Attributes:
        expression: what `cronsim` reads. Its minutes and hours are listed unless every hour is
            due: `cronsim` would skip `*/15 2 * * *`, whose minutes begin with a star, where the
            clock jumps over that hour.
    """

    expression: str

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """The first time after a moment, in UTC; None if there is none in the next fifty years."""
        from cronsim import CronSim  # noqa: PLC0415 - intervals do without

        for found in CronSim(self.expression, moment.astimezone(zone)):
            at = found.astimezone(UTC)
            if at > moment:  # else it is in the hour that comes twice, and was run the first time
                return at
        return None


def parse(text: str) -> Cron | None:
    """Parse a cron expression; None if it is invalid, or names a day that never comes."""
    from cronsim import CronSim, CronSimError  # noqa: PLC0415 - the same

    fields = text.split()
    if len(fields) != _FIELDS:
        return None
    try:
        read = CronSim(text, _ANY_TIME)
    except (CronSimError, ValueError):
        return None
    minutes = ",".join(map(str, sorted(read.minutes)))
    hours = ",".join(map(str, sorted(read.hours)))
    if len(read.hours) == _HOURS_A_DAY:
        hours = "*"
    cron = Cron(" ".join((minutes, hours, *fields[2:])))
    return cron if next(iter(CronSim(cron.expression, _ANY_TIME)), None) else None
