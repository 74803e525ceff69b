"""Computes when a schedule is due next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from indexer.config import NEVER, cron
from indexer.core.errors import ConfigError
from indexer.crawl.schedule.next_crawl import Every, Never, Timetable

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.config import Schedule, ScheduleSettings, Settings
    from indexer.config.cron import Cron
    from indexer.crawl.schedule.next_crawl import Timing

_LOOKED_AT = 32
"""Times of a cron expression that are looked at for the longest span between two: a month's."""

_WITHOUT_SCHEDULE = timedelta(hours=12)
"""The time between two verify crawls that nobody has scheduled, as `[schedule] verify` has it."""


@dataclass(frozen=True, slots=True)
class CronTimes:
    """Due at the times of a cron expression: as it is written, and parsed."""

    text: str
    cron: Cron
    zone: ZoneInfo

    def after(self, moment: datetime) -> datetime | None:
        """See `indexer.crawl.schedule.next_crawl.Timing`."""
        return self.cron.after(moment, self.zone)


def timetable_of(settings: ScheduleSettings) -> Timetable:
    """The timetable of a namespace with these settings."""
    zone = settings.timezone
    return Timetable(
        crawl=_timing(settings.crawl, zone),
        verify=_timing(settings.verify, zone),
        full=_timing(settings.full, zone),
        jitter=timedelta(seconds=settings.jitter),
        verify_has_budget=settings.verify_budget is not None,
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


def public_for(settings: Settings, now: datetime) -> timedelta:
    """For how long the public is shown what a crawl with an account last saw in public.

    That is `[serve] public_for`, or twice the longest time between two crawls that look at all of
    a namespace's list: verify crawls, or full ones where there are none.
    """
    if settings.serve.public_for is not None:
        return timedelta(seconds=settings.serve.public_for)
    schedules = {
        settings.schedule_of(registry.host, namespace)
        for registry, namespace in settings.namespaces()
    }
    tables = [timetable_of(each) for each in schedules or {settings.schedule}]
    gaps = [_longest(each.verify, now) or _longest(each.full, now) for each in tables]
    return 2 * max((each for each in gaps if each is not None), default=_WITHOUT_SCHEDULE)


def _longest(timing: Timing, now: datetime) -> timedelta | None:
    """The longest time between two of the next crawls; None: there are none."""
    times = [now]
    while len(times) <= _LOOKED_AT and (following := timing.after(times[-1])) is not None:
        times.append(following)
    spans = [later - earlier for earlier, later in pairwise(times[1:])]
    return max(spans, default=None)


def _timing(schedule: Schedule, zone: str) -> Timing:
    if schedule.seconds is not None:
        return Every(schedule.text, timedelta(seconds=schedule.seconds))
    if schedule.text == NEVER:
        return Never()
    expression = cron.parse(schedule.text)
    if expression is None:
        raise ConfigError(f"'{schedule.text}' is not a schedule.")
    return CronTimes(schedule.text, expression, ZoneInfo(zone))
