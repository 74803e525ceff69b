"""Says why a worker has nothing to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from indexer.config.timetables import timetable_of
from indexer.core.humanize import agreed, count
from indexer.core.printable import shown
from indexer.crawl.schedule.next_crawl import next_crawl
from indexer.service.daemon import nothing_to_crawl

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from indexer.config import Settings
    from indexer.core.catalog_entries import CrawlHistory
    from indexer.core.clock import Clock
    from indexer.crawl.sharding import QueueStatus

QUIET_SECONDS = 30.0
"""Seconds without a job before a worker says that it is idle: between two shards it does not."""

LOOK_SECONDS = 60.0
"""Seconds between two looks for the reason."""


class IdleFacts(NamedTuple):
    """What the reason is found from.

    Attributes:
        queue: the state of the queue; None: it cannot be read.
        history: the crawls that the index has recorded.
    """

    queue: QueueStatus | None
    history: Sequence[CrawlHistory]


def idle_reason(settings: Settings, facts: IdleFacts, now: datetime) -> str:
    """Why no job comes, and what to do about it.

    Args:
        settings: the worker's configuration.
        facts: what the database says.
        now: the time.
    """
    queue = facts.queue
    if queue is not None and not queue.daemons:
        file = shown(str(settings.file or "indexer.toml"))
        if not settings.daemon.workers:
            return (
                "no daemon fills the queue, since the configuration says 'workers = false': set "
                f"'[daemon] workers = true' in {file}, and restart the daemon and this worker"
            )
        return "no daemon fills the queue: start 'indexer daemon' with this configuration"
    lacking = nothing_to_crawl(settings)
    if lacking:
        return f"{lacking}, and restart this worker"
    if queue is not None and queue.waiting:
        wait = agreed(queue.waiting, "waits", "wait")
        return f"{count(queue.waiting, 'job')} in the queue {wait} for jobs that are running"
    return _next(settings, facts.history, now)


def _next(settings: Settings, history: Sequence[CrawlHistory], now: datetime) -> str:
    """When something is due again."""
    known = {(each.registry, each.namespace): each for each in history}
    times = []
    for registry, namespace in settings.namespaces():
        timetable = timetable_of(settings.schedule_of(registry.host, namespace))
        full_name = f"{registry.host}/{shown(namespace)}"
        crawl = next_crawl(timetable, full_name, known.get((registry.host, namespace)), now)
        if crawl.mode is not None:
            return f"{full_name} is due: the daemon has yet to put it into the queue"
        if crawl.at is not None:
            times.append((crawl.at, full_name))
    if not times:
        return "nothing is ever due: each schedule says 'never'"
    at, full_name = min(times)
    return f"nothing is due; next is {full_name} at {at:%Y-%m-%d %H:%M} UTC"


class IdleReporter:
    """Notices that a worker has nothing to do, and finds out why.

    Args:
        settings: the worker's configuration.
        look: reads the facts from the database.
        clock: the time.
    """

    def __init__(self, settings: Settings, look: Callable[[], IdleFacts], clock: Clock) -> None:
        self._settings = settings
        self._look = look
        self._clock = clock
        self._busy_until = clock.monotonic()
        self._looked_at: float | None = None
        self.status = "working"

    def look(self, *, is_busy: bool) -> str | None:
        """Look whether the worker is idle; to be called every few seconds.

        Returns:
            The sentence to log; None if there is nothing new to say.

        Raises:
            StoreError: the database cannot be read.
        """
        now = self._clock.monotonic()
        if is_busy:
            self._busy_until, self._looked_at, self.status = now, None, "working"
            return None
        is_soon = self._looked_at is not None and now - self._looked_at < LOOK_SECONDS
        if now - self._busy_until < QUIET_SECONDS or is_soon:
            return None
        self._looked_at = now
        status = f"idle: {idle_reason(self._settings, self._look(), self._clock.now())}"
        is_new, self.status = status != self.status, status
        return status if is_new else None
