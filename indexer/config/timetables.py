"""Computes when a schedule is due next. Cron expressions use APScheduler's triggers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from indexer.config import NEVER, cron
from indexer.core.errors import ConfigError
from indexer.crawl.next_crawl import Every, Never, Timetable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from apscheduler.triggers.cron import CronTrigger

    from indexer.config import Schedule, ScheduleSettings, Settings
    from indexer.config.cron import Cron
    from indexer.crawl.next_crawl import Timing

HOURS_A_DAY = 24

_ANY = "*"
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class CronTimes:
    """Due at the times of a cron expression.

    Attributes:
        text: as it is written.
        triggers: the first of them counts.
        hourly: due in every hour. Otherwise a time that occurs twice, because the clock is set
            back, counts once.
    """

    text: str
    triggers: tuple[CronTrigger, ...]
    hourly: bool

    def after(self, moment: datetime) -> datetime | None:
        """See `indexer.crawl.next_crawl.Timing`."""
        found = [self._first(trigger, moment) for trigger in self.triggers]
        return min((each for each in found if each), default=None)

    def _first(self, trigger: CronTrigger, moment: datetime) -> datetime | None:
        found: datetime | None = trigger.get_next_fire_time(None, moment + _MOMENT)
        while found is not None and found.fold and not self.hourly:
            found = trigger.get_next_fire_time(None, found.astimezone(UTC) + _MOMENT)
        return found.astimezone(UTC) if found else None


def timetable_of(settings: ScheduleSettings) -> Timetable:
    """The timetable of a namespace with these settings."""
    zone = settings.timezone
    return Timetable(
        crawl=_timing(settings.crawl, zone),
        verify=_timing(settings.verify, zone),
        full=_timing(settings.full, zone),
        jitter=timedelta(seconds=settings.jitter),
    )


def timetables_of(settings: Settings) -> dict[tuple[str, str], Timetable | None]:
    """The timetable of each configured namespace, by registry and name.

    None without a configuration file: then there is no schedule.
    """
    return {
        (registry.host, namespace): timetable_of(settings.schedule_of(registry.host, namespace))
        if settings.file
        else None
        for registry, namespace in settings.namespaces()
    }


def _timing(schedule: Schedule, zone: str) -> Timing:
    if schedule.seconds is not None:
        return Every(schedule.text, timedelta(seconds=schedule.seconds))
    if schedule.text == NEVER:
        return Never()
    expression = cron.parse(schedule.text)
    if expression is None:
        raise ConfigError(f"'{schedule.text}' is not a schedule.")
    hourly = len(expression.hours) == HOURS_A_DAY
    return CronTimes(schedule.text, tuple(_triggers(expression, zone)), hourly)


def _triggers(expression: Cron, zone: str) -> list[CronTrigger]:
    """One trigger, or two if day of month or weekday is enough; APScheduler would require both.

    APScheduler's weekdays begin with Monday, cron's with Sunday.
    """
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415 - intervals do without

    days = _listed(expression.days)
    weekdays = _listed([(number - 1) % 7 for number in expression.weekdays])
    wanted = [(days, _ANY), (_ANY, weekdays)] if expression.either else [(days, weekdays)]
    return [
        CronTrigger(
            minute=_listed(expression.minutes),
            hour=_listed(expression.hours),
            day=day,
            month=_listed(expression.months),
            day_of_week=weekday,
            timezone=zone,
        )
        for day, weekday in wanted
    ]


def _listed(numbers: Sequence[int]) -> str:
    return ",".join(map(str, sorted(numbers)))
