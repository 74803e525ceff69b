"""A computer's clock that is set back an hour or a year, and ahead a year, between crawls."""

from __future__ import annotations

import itertools
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.core.catalog_entries import ChangeFilter
from indexer.core.clock import Clock
from indexer.core.errors import Busy
from indexer.core.model import ANONYMOUS, CrawlStatus, Mode
from indexer.crawl.crawler import crawl
from indexer.crawl.target import Target
from indexer.store import open_store
from tests.crash.world import differences, indexed, logged
from tests.support.crawls import Watcher
from tests.support.memory_registry import MemoryRegistry, MemorySource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from indexer.core.model import Crawl
    from indexer.store import Store

HOUR, YEAR = timedelta(hours=1), timedelta(days=365)


@dataclass
class WrongClock(Clock):
    """The computer's clock, which is off by so much; the registry's is right."""

    registry: MemoryRegistry
    off: timedelta = timedelta()

    def now(self) -> datetime:
        """See `Clock`."""
        return self.registry.now + self.off

    def monotonic(self) -> float:
        """See `Clock`."""
        return self.registry.now.timestamp()

    def wait(self, seconds: float) -> None:
        """See `Clock`."""
        raise AssertionError(f"nothing here waits, but {seconds} seconds were asked for")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with closing(open_store(database_url, create=True)) as store:
        yield store


@dataclass
class Computer:
    """Crawls `acme` with a clock that may be wrong."""

    registry: MemoryRegistry
    store: Store
    clock: WrongClock

    def crawl(self, off: timedelta, mode: Mode = Mode.INCREMENTAL) -> tuple[Crawl, int]:
        """A crawl, and the requests that it took."""
        self.clock.off = off
        source = MemorySource(self.registry)
        done = crawl(
            Target("docker.io", "acme", mode, concurrency=1),
            source=source,
            archive=self.store.archive,
            clock=self.clock,
            observer=Watcher(),
        )
        return done, len(source.asked)

    @property
    def truth(self) -> dict[str, dict[str, str | None]]:
        return {
            name: {tag: each.digest for tag, each in held.tags.items()}
            for name, held in self.registry.held.items()
        }


@pytest.fixture
def computer(store: Store) -> Computer:
    registry = MemoryRegistry()
    registry.add_many(5, "latest", "1.0")
    return Computer(registry, store, WrongClock(registry))


def some_things_happen(registry: MemoryRegistry, turn: int) -> None:
    registry.push("acme/r001", "latest")
    registry.push("acme/r002", f"new-{turn}")
    registry.add(f"acme/s{turn}", "latest")
    if turn:
        registry.remove(f"acme/s{turn - 1}")
    registry.now += 2 * HOUR


JUMPS = [timedelta(), -HOUR, timedelta(), YEAR, timedelta(), -YEAR, YEAR, -HOUR, timedelta()]


@pytest.mark.parametrize("mode", list(Mode))
def test_nothing_is_lost_or_told_twice_whatever_the_clock_does(
    computer: Computer, mode: Mode
) -> None:
    before: dict[str, dict[str, str | None]] = {}
    cursor = 0
    for turn, off in enumerate(JUMPS):
        done, _ = computer.crawl(off, mode)
        assert done.status is CrawlStatus.COMPLETE, done.errors
        log = list(computer.store.catalog.changes(ChangeFilter(baseline=True)))[cursor:]
        assert indexed(computer.store) == computer.truth
        assert logged(log) == differences(before, computer.truth)
        assert {each.crawl_id for each in log} == {done.id}
        before, cursor = computer.truth, cursor + len(log)
        some_things_happen(computer.registry, turn)


def test_no_two_periods_of_a_tag_overlap_whatever_the_clock_did(computer: Computer) -> None:
    for turn, off in enumerate(JUMPS):
        computer.crawl(off)
        some_things_happen(computer.registry, turn)
    history = list(computer.store.catalog.history("docker.io", "acme/r001", "latest"))
    assert len(history) == len(JUMPS)
    for one, two in itertools.pairwise(history):
        assert one.ended_at is not None
        assert one.started_at <= one.ended_at <= two.started_at
    assert history[-1].ended_at is None


@pytest.mark.parametrize("off", [-HOUR, YEAR, -HOUR - YEAR / 2])
def test_an_unchanged_namespace_costs_one_request_whatever_the_clock_does(
    computer: Computer, off: timedelta
) -> None:
    computer.crawl(timedelta())
    assert computer.crawl(off)[1] == 1
    assert computer.crawl(timedelta())[1] == 1


def test_a_lock_is_not_freed_by_a_clock_that_runs_ahead(computer: Computer) -> None:
    record = computer.store.archive.begin(
        "docker.io", "acme", Mode.FULL, ANONYMOUS, computer.registry.now
    )
    with pytest.raises(Busy, match="is being crawled by"):
        computer.crawl(10 * YEAR)
    crawl_now = computer.store.catalog.crawl(record.id)
    assert crawl_now is not None
    assert crawl_now.status is CrawlStatus.RUNNING
