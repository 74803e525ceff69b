"""What the scheduler does at each tick, and what can go wrong."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.config import Schedule, ScheduleSettings
from indexer.config.timetables import timetable_of
from indexer.core.catalog_entries import CrawledSince, CrawlHistory, CrawlMark, LastCrawl
from indexer.core.errors import StoreError
from indexer.core.model import ANONYMOUS, CrawlStatus, Mode
from indexer.service.due_namespaces import (
    HINT_SECONDS,
    CrawlHistoryReader,
    DueNamespaces,
    PlannedNamespace,
)
from indexer.service.scheduler import Plan, Scheduler
from indexer.store import open_store
from tests.http.fake_server import START, FakeClock
from tests.service.daemon_run import World
from tests.store.scribe import Scribe

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    from indexer.crawl.schedule.next_crawl import NextCrawl

NOTHING = CrawlMark(0, 0)
HOURLY = replace(ScheduleSettings(), jitter=0.0)
EVERY_20M = Schedule("20m", 1_200)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'index.db'}"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def world(url: str, clock: FakeClock) -> Iterator[World]:
    world = World(url, clock, {"a": HOURLY}, takes=lambda _name, _mode: timedelta(minutes=10))
    yield world
    world.kill()


def test_a_namespace_is_never_crawled_twice_at_once(world: World, clock: FakeClock) -> None:
    world.daemon.tick()
    clock.advance(7 * 86_400)
    world.daemon.tick()

    assert len(world.begun) == 1
    assert world.daemon.status == "crawling 1 of 1 namespace"
    assert not world.daemon.is_idle


def test_a_namespace_that_another_process_crawls_is_left_to_it(
    url: str, clock: FakeClock, world: World
) -> None:
    other = open_store(url, create=True)
    record = other.archive.begin("docker.io", "a", Mode.INCREMENTAL, ANONYMOUS, clock.now())
    world.daemon.tick()
    assert world.begun == []
    del record
    other.close()  # as if the process had died

    world.daemon.tick()
    assert len(world.begun) == 1


def test_a_crawl_under_a_clock_that_was_a_year_ahead_puts_no_other_off(
    url: str, clock: FakeClock
) -> None:
    year, day = 365 * 86_400, 86_400
    schedule = replace(
        HOURLY,
        crawl=Schedule("12h", day / 2),
        verify=Schedule("1d", day),
        full=Schedule("4d", 4 * day),
    )
    world = World(url, clock, {"a": schedule})
    world.daemon.tick()
    clock.advance(year)
    world.daemon.tick()
    clock.advance(-year)
    world.passes(timedelta(days=5), step=timedelta(hours=6))
    world.kill()

    assert [
        (mode.value, (began - START) / timedelta(days=1)) for _, mode, began in world.begun
    ] == [
        ("incremental", 0),
        ("full", 365),
        ("incremental", 0.25),
        ("incremental", 0.75),
        ("verify", 1.25),
        ("incremental", 1.75),
        ("verify", 2.25),
        ("incremental", 2.75),
        ("verify", 3.25),
        ("incremental", 3.75),
        ("full", 4.25),
        ("incremental", 4.75),
    ]


def test_a_stopping_daemon_begins_nothing(world: World) -> None:
    world.daemon.stop()
    world.daemon.tick()

    assert world.begun == []
    assert world.daemon.wait_until_idle(0)


def test_a_new_plan_applies_from_the_next_tick(world: World) -> None:
    world.daemon.tick()
    world.schedules = {"b": HOURLY, "c": HOURLY}
    world.daemon.replan(Plan(world.planned, 2, world.crawl))
    world.daemon.tick()

    assert [name for name, *_ in world.begun] == ["a", "b"]
    assert {each.namespace for each in world.running} == {"a", "b"}


class Broken(CrawlHistoryReader):
    """An index that cannot be read, until it can."""

    def __init__(self, error: Exception) -> None:
        self.error: Exception | None = error

    def crawl_history(
        self, places: Collection[tuple[str, str]] | None = None
    ) -> Sequence[CrawlHistory]:
        """See `CrawlHistoryReader`."""
        del places
        return []

    def crawled_since(self, mark: CrawlMark | None) -> CrawledSince:
        """See `CrawlHistoryReader`."""
        if self.error:
            raise self.error
        return CrawledSince(NOTHING, None if mark is None else frozenset())


def at_once(_name: str, work: Callable[[], None]) -> None:
    work()


def unexpected(planned: PlannedNamespace, due: NextCrawl) -> object:
    raise AssertionError(planned, due)


def planned(*names: str) -> list[PlannedNamespace]:
    return [PlannedNamespace("docker.io", name, timetable_of(HOURLY)) for name in names]


def test_an_unreadable_index_is_reported_once_and_read_again(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    catalog = Broken(StoreError("the database is away."))
    daemon = Scheduler(Plan([], 4, unexpected), past=catalog, clock=clock, start=at_once)
    with caplog.at_level(logging.INFO, "indexer.daemon"):
        for _ in range(5):
            daemon.tick()
        catalog.error = None
        daemon.tick()
        daemon.tick()

    assert [record.getMessage() for record in caplog.records] == [
        "cannot read the index, trying again: the database is away.",
        "the index can be read again",
    ]


def test_errors_in_a_tick_do_not_end_the_scheduler(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    catalog = Broken(ZeroDivisionError("a bug"))
    daemon = Scheduler(Plan([], 4, unexpected), past=catalog, clock=clock)
    daemon.tick()

    assert "the daemon continues" in caplog.text


@pytest.mark.parametrize(
    "error", [MemoryError(), ZeroDivisionError("a bug"), StoreError("no room."), SystemExit(3)]
)
def test_a_crawl_that_breaks_off_ends_neither_the_daemon_nor_other_crawls(
    clock: FakeClock, caplog: pytest.LogCaptureFixture, error: BaseException
) -> None:
    begun = []

    def crawl(planned: PlannedNamespace, due: NextCrawl) -> object:
        begun.append((planned.namespace, due.mode))
        raise error

    catalog = Broken(error=StoreError("unused"))
    catalog.error = None
    plan = Plan(planned("a", "b"), 4, crawl)
    daemon = Scheduler(plan, past=catalog, clock=clock, start=at_once)
    daemon.tick()
    daemon.tick()
    assert begun == [("a", Mode.INCREMENTAL), ("b", Mode.INCREMENTAL)], "not at each look"
    assert daemon.is_idle

    clock.advance(61)
    daemon.tick()
    assert len(begun) == 4
    assert all(record.levelno >= logging.ERROR for record in caplog.records)


def test_the_longest_overdue_comes_first_and_what_was_never_crawled_last(
    clock: FakeClock,
) -> None:
    begun: list[str] = []

    def crawl(planned: PlannedNamespace, due: NextCrawl) -> object:
        del due
        begun.append(planned.namespace)
        raise StoreError("enough.")

    def crawled(name: str, hours: float) -> CrawlHistory:
        when = START - timedelta(hours=hours)
        last = LastCrawl(1, Mode.FULL, CrawlStatus.COMPLETE, when, when)
        return CrawlHistory("docker.io", name, last, done=dict.fromkeys(Mode, when))

    class Known(CrawlHistoryReader):
        def crawl_history(
            self, places: Collection[tuple[str, str]] | None = None
        ) -> Sequence[CrawlHistory]:
            """See `CrawlHistoryReader`."""
            del places
            return [crawled("late", 2), crawled("later", 5), crawled("fine", 0.5)]

        def crawled_since(self, mark: CrawlMark | None) -> CrawledSince:
            """See `CrawlHistoryReader`."""
            return CrawledSince(NOTHING, None if mark is None else frozenset())

    plan = Plan(planned("new", "fine", "late", "later"), 4, crawl)
    Scheduler(plan, past=Known(), clock=clock, start=at_once).tick()

    assert begun == ["later", "late", "new"]


def hinted(world: World, *names: str) -> None:
    """A hook names repositories; what it says is pushed is known or not."""
    world.store.hints.hint("docker.io", names)


def knowing(world: World, *names: str) -> None:
    """The first crawl has ended, and the index knows these repositories of `a`."""
    world.takes = lambda _name, _mode: timedelta(0)
    world.daemon.tick()
    Scribe(world.store.archive, "a", now=world.clock.now()).crawl(dict.fromkeys(names))
    world.begun.clear()
    world.parts.clear()


def test_what_hooks_name_is_crawled_at_the_next_look_however_many_they_are(
    world: World, clock: FakeClock
) -> None:
    knowing(world, "one", "two")
    clock.advance(60)
    world.daemon.tick()
    assert world.begun == []
    for _ in range(5):
        hinted(world, "a/one")
    world.daemon.tick()
    world.daemon.tick()
    assert [(name, mode.value) for name, mode, _ in world.begun] == [("a", "incremental")]
    assert world.parts == [("a/one",)]


def test_what_hooks_say_during_a_crawl_and_shortly_after_it_is_one_more(
    world: World, clock: FakeClock
) -> None:
    knowing(world, "one", "two")
    clock.advance(60)
    world.takes = lambda _name, _mode: timedelta(seconds=3)
    hinted(world, "a/one")
    world.daemon.tick()
    for _ in range(4):
        clock.advance(1)
        hinted(world, "a/one", "a/two")
        world.end_what_is_finished()
        world.daemon.tick()
    assert world.parts == [("a/one",)]
    clock.advance(HINT_SECONDS)
    world.daemon.tick()
    assert world.parts == [("a/one",), ("a/one", "a/two")]


def test_hooks_start_no_crawl_while_failures_make_it_wait(world: World, clock: FakeClock) -> None:
    knowing(world, "one")
    world.fate = lambda _name, _mode: CrawlStatus.FAILED
    clock.advance(2 * 3_600)
    world.daemon.tick()
    assert len(world.begun) == 1
    hinted(world, "a/one")
    clock.advance(30)
    world.daemon.tick()
    assert len(world.begun) == 1
    world.passes(timedelta(minutes=1), step=timedelta(seconds=15))
    assert len(world.begun) == 2


def test_hooks_about_what_is_not_configured_start_nothing(world: World, clock: FakeClock) -> None:
    knowing(world, "one")
    Scribe(world.store.archive, "b", now=clock.now()).crawl({"other": None})
    clock.advance(60)
    hinted(world, "b/other", "c/any")
    world.daemon.tick()
    assert world.begun == []


@dataclass
class Counted(CrawlHistoryReader):
    """Notes which histories are read."""

    past: CrawlHistoryReader
    read: list[tuple[str, str]] = field(default_factory=list)

    def crawl_history(
        self, places: Collection[tuple[str, str]] | None = None
    ) -> Sequence[CrawlHistory]:
        """See `CrawlHistoryReader`."""
        found = self.past.crawl_history(places)
        self.read += [(each.registry, each.namespace) for each in found]
        return found

    def crawled_since(self, mark: CrawlMark | None) -> CrawledSince:
        """See `CrawlHistoryReader`."""
        return self.past.crawled_since(mark)


def crawling(world: World) -> Callable[[PlannedNamespace, NextCrawl], object]:
    """Crawls that take no time."""

    def crawl(planned: PlannedNamespace, due: NextCrawl) -> object:
        del due
        return Scribe(world.store.archive, planned.namespace, now=world.clock.now()).crawl({})

    return crawl


def test_a_look_reads_only_what_may_be_due(world: World, clock: FakeClock) -> None:
    often = timetable_of(replace(HOURLY, crawl=EVERY_20M))
    teams = [PlannedNamespace("docker.io", f"team{number}", often) for number in range(9)]
    counted = Counted(world.store.catalog)
    daemon = Scheduler(Plan(teams, 99, crawling(world)), past=counted, clock=clock, start=at_once)
    for _ in range(3):
        daemon.tick()
    counted.read.clear()
    clock.advance(600)
    daemon.tick()
    assert counted.read == [], "nothing is due"

    Scribe(world.store.archive, "team4", now=clock.now()).crawl({})
    daemon.tick()
    assert counted.read == [("docker.io", "team4")], "somebody else has crawled it"

    clock.advance(700)
    daemon.tick()
    due = {each.place for each in teams} - {("docker.io", "team4")}
    assert set(counted.read[1:]) == due, "it is not due again yet"


def test_a_crawl_that_ends_in_the_middle_of_a_look_is_noticed_by_the_next(
    world: World, clock: FakeClock
) -> None:
    """A look has taken what runs when the crawl says that it has ended."""
    often = PlannedNamespace("docker.io", "a", timetable_of(replace(HOURLY, crawl=EVERY_20M)))
    due = DueNamespaces(world.store.catalog, None, clock)
    due.replan([often])
    due.look(())
    assert due.next("docker.io") is not None
    Scribe(world.store.archive, "a", now=clock.now()).crawl({})
    due.ended(often.place)
    due.look({often.place})

    clock.advance(5)
    due.look(())
    assert due.next("docker.io") is None, "it was crawled a moment ago"
    clock.advance(1_300)
    due.look(())
    assert due.next("docker.io") is not None


def test_the_next_one_takes_a_slot_as_soon_as_it_is_free(clock: FakeClock, world: World) -> None:
    begun: list[str] = []
    work: list[Callable[[], None]] = []

    def crawl(planned: PlannedNamespace, due: NextCrawl) -> object:
        begun.append(planned.namespace)
        return crawling(world)(planned, due)

    daemon = Scheduler(
        Plan(planned("a", "b", "c"), 1, crawl),
        past=world.store.catalog,
        clock=clock,
        start=lambda _name, run: work.append(run),
    )
    daemon.tick()
    while work:
        work.pop()()
    assert sorted(begun) == ["a", "b", "c"], "without another tick"


def test_what_another_process_crawls_while_it_waits_for_a_slot_is_not_crawled_again(
    world: World, clock: FakeClock
) -> None:
    begun: list[str] = []
    work: list[Callable[[], None]] = []
    daemon = Scheduler(
        Plan(planned("a", "b"), 1, lambda planned, _: begun.append(planned.namespace)),
        past=world.store.catalog,
        clock=clock,
        start=lambda _name, run: work.append(run),
    )
    daemon.tick()
    assert len(work) == 1
    for name in ("a", "b"):
        Scribe(world.store.archive, name, now=clock.now()).crawl({})
    work.pop()()
    daemon.tick()
    assert len(begun) == 1
    assert work == []


def test_a_namespace_that_was_forgotten_is_crawled_at_the_next_look(
    world: World, clock: FakeClock
) -> None:
    knowing(world, "one")
    clock.advance(60)
    world.store.archive.forget("docker.io", namespace="a")
    world.daemon.tick()
    assert [name for name, *_ in world.begun] == ["a"]


def test_what_waits_in_a_queue_is_put_in_again_after_a_while(
    world: World, clock: FakeClock
) -> None:
    put: list[str] = []
    daemon = Scheduler(
        Plan(planned("a"), 1, lambda planned, _: put.append(planned.namespace), pause=30),
        past=world.store.catalog,
        clock=clock,
        start=at_once,
    )
    for seconds in (0, 10, 10, 10):
        clock.advance(seconds)
        daemon.tick()
    assert put == ["a", "a"]
