"""A daemon on a clock that tests move, whose crawls take as long as the test says."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from indexer.config.timetables import timetable_of
from indexer.core.model import ANONYMOUS, Cost, CrawlStatus
from indexer.crawl import diff
from indexer.service.due_namespaces import PlannedNamespace
from indexer.service.scheduler import Plan, Scheduler
from indexer.store import open_store
from tests.store.scribe import remembered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from indexer.config import ScheduleSettings
    from indexer.core.model import Crawl, Mode
    from indexer.crawl.schedule.next_crawl import NextCrawl
    from indexer.store import Store
    from tests.http.fake_server import FakeClock

REGISTRY = "docker.io"
PATIENCE = 120
"""Seconds of real time after which a test that hangs ends."""


@dataclass
class Running:
    """A crawl under way: it waits until its time has come, or its process dies."""

    namespace: str
    mode: Mode
    ends_at: datetime
    thread: threading.Thread
    may_end: threading.Event = field(default_factory=threading.Event)
    is_dead: bool = False


@dataclass
class World:
    """A daemon after the other on one index.

    Attributes:
        url: of the index.
        clock: the time.
        schedules: of each namespace.
        takes: how long its crawls take.
        fate: what becomes of a crawl.
        parts: which repositories alone each crawl was told to read.
    """

    url: str
    clock: FakeClock
    schedules: Mapping[str, ScheduleSettings]
    takes: Callable[[str, Mode], timedelta] = lambda _name, _mode: timedelta(0)
    fate: Callable[[str, Mode], CrawlStatus] = lambda _name, _mode: CrawlStatus.COMPLETE
    width: int = 4
    running: list[Running] = field(default_factory=list)
    done: list[Crawl] = field(default_factory=list)
    begun: list[tuple[str, Mode, datetime]] = field(default_factory=list)
    parts: list[tuple[str, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.boot()

    def boot(self) -> None:
        """Start a daemon."""
        self.store: Store = open_store(self.url, create=True)
        self.daemon = Scheduler(
            Plan(self.planned, self.width, self.crawl),
            past=self.store.catalog,
            clock=self.clock,
            hints=self.store.hints,
            start=self._start,
        )

    def kill(self) -> None:
        """The process dies, and its crawls with it, without a word."""
        for each in self.running:
            each.is_dead = True
        self.store.close()
        self._end(self.running)

    @property
    def planned(self) -> Sequence[PlannedNamespace]:
        return [
            PlannedNamespace(REGISTRY, name, timetable_of(schedule))
            for name, schedule in self.schedules.items()
        ]

    def passes(self, time: timedelta, step: timedelta = timedelta(minutes=1)) -> None:
        """Let time pass, with a look of the daemon's at each step."""
        until = self.clock.now() + time
        while self.clock.now() < until:
            self.clock.advance(step.total_seconds())
            self.end_what_is_finished()
            self.daemon.tick()

    def end_what_is_finished(self) -> None:
        now = self.clock.now()
        self._end([each for each in self.running if each.ends_at <= now])

    def _end(self, crawls: Sequence[Running]) -> None:
        for each in list(crawls):
            each.may_end.set()
            each.thread.join(PATIENCE)
            assert not each.thread.is_alive()
            self.running.remove(each)

    def _start(self, name: str, work: Callable[[], None]) -> None:
        """Start a crawl, and wait until it is under way or has ended."""

        arrived = self._arrived = threading.Event()

        def run() -> None:
            try:
                work()
            finally:
                arrived.set()

        self._thread = threading.Thread(target=run, name=name, daemon=True)
        self._thread.start()
        assert arrived.wait(PATIENCE)

    def crawl(self, planned: PlannedNamespace, due: NextCrawl) -> Crawl:
        mode = due.mode
        assert mode is not None
        now, name = self.clock.now(), planned.namespace
        self.store.hints.take(REGISTRY, name)
        self.parts.append(due.parts)
        record = self.store.archive.begin(REGISTRY, name, mode, ANONYMOUS, now)
        self.begun.append((name, mode, now))
        crawl = Running(name, mode, now + self.takes(name, mode), self._thread)
        if crawl.ends_at > now:
            self.running.append(crawl)
            self._arrived.set()
            assert crawl.may_end.wait(PATIENCE)
        if crawl.is_dead:
            raise KeyboardInterrupt
        if record.known_repositories().memory is None:
            nothing = diff.RepositoriesDiff(identity=ANONYMOUS)
            record.record_repositories(nothing, remembered(), now)
        finished = record.finish(
            self.fate(name, mode),
            spent=Cost(),
            errors=(),
            rate_limit=None,
            now=self.clock.now(),
        )
        self.done.append(finished)
        return finished


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
