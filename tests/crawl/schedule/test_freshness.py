"""How fresh an answer is: it depends on complete crawls, the schedule and the time only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.config import Schedule, ScheduleSettings
from indexer.config.timetables import timetable_of
from indexer.core.catalog_entries import ChangeFilter, NamespaceAge
from indexer.core.model import CrawlStatus
from indexer.crawl.schedule.freshness import (
    freshness,
    holds,
    of_changes,
    of_namespace,
    of_repositories,
)
from indexer.crawl.schedule.next_crawl import Every, Never, Timetable

if TYPE_CHECKING:
    from indexer.crawl.schedule.freshness import Freshness, Wanted

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
HOURLY = Timetable(Every("1h", timedelta(hours=1)), Every("12h", timedelta(hours=12)), Never())
LIBRARY = ("docker.io", "library")
ACME = ("docker.io", "acme")


def ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def status(
    name: tuple[str, str], complete: datetime | None, *, running: bool = False
) -> NamespaceAge:
    last = CrawlStatus.RUNNING if running else CrawlStatus.COMPLETE
    return NamespaceAge(*name, complete, last, running)


def one(
    complete: datetime | None,
    table: Timetable | None = HOURLY,
    *,
    running: bool = False,
) -> Freshness:
    return freshness([status(LIBRARY, complete, running=running)], {LIBRARY: table}, NOW)


@pytest.mark.parametrize(
    ("complete", "schedule"),
    [
        (ago(1.09), ""),
        (ago(1.11), "1h"),
        (ago(100), "1h"),
        (None, "1h"),
    ],
)
def test_a_namespace_is_stale_after_its_schedule_and_the_grace(
    complete: datetime | None, schedule: str
) -> None:
    (found,) = one(complete).namespaces
    assert (found.last_complete_at, found.schedule) == (complete, schedule)
    assert bool(one(complete).stale) is bool(schedule)


def test_a_crawl_that_runs_gets_one_more_interval_and_no_other() -> None:
    assert not one(ago(2.09), running=True).stale
    assert one(ago(2.11), running=True).stale


def test_jitter_is_allowed() -> None:
    late = Timetable(HOURLY.crawl, HOURLY.verify, HOURLY.full, jitter=timedelta(hours=1))
    assert not one(ago(2.09), late).stale
    assert one(ago(2.11), late).stale


def test_a_crawl_of_any_mode_counts_and_the_next_one_of_any_mode_is_waited_for() -> None:
    rare = Timetable(Never(), Every("12h", timedelta(hours=12)), Never())
    assert not one(ago(13), rare).stale
    assert one(ago(14), rare).namespaces[0].schedule == "12h"
    cron = timetable_of(ScheduleSettings(crawl=Schedule("0 3 * * *", None), jitter=0.0)).crawl
    nightly = Timetable(cron, Never(), Never())
    assert not one(ago(8), nightly).stale
    assert one(ago(40), nightly).namespaces[0].schedule == "0 3 * * *"


@pytest.mark.parametrize("table", [None, Timetable(Never(), Never(), Never())])
def test_without_a_schedule_nothing_is_stale(table: Timetable | None) -> None:
    assert not one(ago(10_000), table).stale
    assert not one(None, table).stale


def test_a_time_in_the_future_is_not_believed() -> None:
    found = one(NOW + timedelta(days=365))
    assert found.stale
    assert found.last_complete_at is None
    assert found.older_than(timedelta(days=1), NOW)
    assert one(NOW + timedelta(seconds=30)).last_complete_at == NOW + timedelta(seconds=30)


def test_the_oldest_of_what_an_answer_rests_on_is_its_age() -> None:
    known = [status(LIBRARY, ago(1)), status(ACME, ago(5))]
    both = freshness(known, {}, NOW)
    assert both.last_complete_at == ago(5)
    assert [each.name for each in both.older_than(timedelta(hours=2), NOW)] == ["docker.io/acme"]
    assert not both.older_than(timedelta(hours=5), NOW)
    only = freshness(known, {}, NOW, lambda _, name: name == "library")
    assert only.last_complete_at == ago(1)


def test_what_is_configured_and_was_never_crawled_has_no_age() -> None:
    found = freshness([status(LIBRARY, ago(1))], {LIBRARY: HOURLY, ACME: HOURLY}, NOW)
    assert found.last_complete_at is None
    assert [each.name for each in found.never] == ["docker.io/acme"]
    assert [each.name for each in found.stale] == ["docker.io/acme"]
    assert found.older_than(timedelta(hours=2), NOW) == found.never
    assert freshness([], {}, NOW).last_complete_at is None


def test_a_registry_as_a_whole_holds_each_repository() -> None:
    assert holds("*", "a/b")
    assert holds("a", "a/b")
    assert not holds("a", "ab/c")


@pytest.mark.parametrize(
    ("asked", "homes"),
    [
        (of_repositories([("docker.io", "library/nginx")]), {LIBRARY}),
        (of_repositories([("reg.example", "a/b")]), {("reg.example", "*")}),
        (of_repositories([]), set()),
        (of_namespace(None, None), {LIBRARY, ACME, ("reg.example", "*")}),
        (of_namespace("docker.io", "acme"), {ACME}),
        (of_namespace("reg.example", "team"), {("reg.example", "*")}),
        (of_changes(ChangeFilter(repository="library/nginx")), {LIBRARY, ("reg.example", "*")}),
        (of_changes(ChangeFilter(repository="*/nginx", registry="docker.io")), {LIBRARY, ACME}),
        (of_changes(ChangeFilter(repository="lib*/*", registry="docker.io")), {LIBRARY}),
        (of_changes(ChangeFilter(namespace="acme", registry="docker.io")), {ACME}),
    ],
)
def test_an_answer_rests_on_the_namespaces_that_can_hold_what_was_asked(
    asked: Wanted, homes: set[tuple[str, str]]
) -> None:
    known = [status(name, ago(1)) for name in (LIBRARY, ACME, ("reg.example", "*"))]
    found = freshness(known, {}, NOW, asked)
    assert {(each.registry, each.namespace) for each in found.namespaces} == homes
