"""Computes when a schedule is due next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
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
    return CronTimes(schedule.text, expression, ZoneInfo(zone))
