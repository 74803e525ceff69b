"""What Docker Hub says beside digests and dates: kept, shown, and never a change."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from indexer.catalog.answers import RepositoryKey
from indexer.catalog.stats import StatsQuestion, StatsScope
from indexer.core.catalog_entries import ChangeFilter, RepositoryDay
from indexer.core.model import Mode, Repository
from indexer.store.maintenance.integrity_check import check
from indexer.store.maintenance.prune import prune
from indexer.store.sql_reports.reports import Reports
from tests.store.scribe import START, Scribe, changes, tag
from tests.support.hub_crawls import hub_bench

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.core.catalog_entries import TagEntry
    from indexer.core.model import Change
    from indexer.store import Store
    from tests.support.hub_crawls import HubBench

pytestmark = pytest.mark.integration

CASES = Path(__file__).with_name("cases")
DAY = timedelta(days=1)
API = RepositoryKey("docker.io", "library/api")


@pytest.fixture
def bench(database_url: str) -> Iterator[HubBench]:
    with hub_bench(database_url) as bench:
        yield bench


@pytest.fixture
def store(bench: HubBench) -> Store:
    return bench.store


@pytest.fixture
def scribe(store: Store) -> Scribe:
    return Scribe(store.archive)


def case(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the two crawls of a case are answered."""
    first, second = list(json.loads((CASES / name / "answers.json").read_bytes()).values())[1:]
    return first, second


def rows(url: str, view: str) -> list[dict[str, Any]]:
    with closing(Reports(url)) as reports:
        names = reports.views()[view]
        return [dict(zip(names, row, strict=True)) for row in reports.rows(view)]


def only_tag(store: Store, repository: str = "library/api") -> TagEntry:
    (entry,) = store.catalog.tags("docker.io", repository)
    return entry


def log(store: Store, **wanted: Any) -> list[Change]:
    return list(store.catalog.changes(ChangeFilter(**{"baseline": True, **wanted})))


def days(store: Store, place: RepositoryKey = API) -> list[RepositoryDay]:
    return store.browser(private=True).counted(place, date.min, 100)


def test_who_pushed_is_told_with_the_tag_its_past_and_each_change(bench: HubBench) -> None:
    bench.hub.add_repository("acme/a")
    bench.hub.push("acme/a", "v1", by="alice")
    bench.crawl()
    bench.hub.clock.advance(60)
    bench.hub.push("acme/a", "v1", by="bob")
    bench.crawl()

    catalog = bench.store.catalog
    assert only_tag(bench.store, "acme/a").pushed_by == "bob"
    assert [each.pushed_by for each in catalog.history("docker.io", "acme/a")] == ["alice", "bob"]
    told = [(each.kind.value, each.pushed_by) for each in log(bench.store)]
    assert told == [("repository_added", None), ("tag_added", "alice"), ("tag_retagged", "bob")]
    (then,) = catalog.tags("docker.io", "acme/a", next(iter(log(bench.store))).observed_at + DAY)
    assert then.pushed_by == "bob"


def test_a_tag_that_becomes_inactive_says_since_when_and_is_no_change(
    bench: HubBench, database_url: str
) -> None:
    first, second = case("tag-status")
    bench.hub.add_repository("acme/a")
    bench.hub.push("acme/a", first["name"])
    bench.hub.set_tag_status("acme/a", first["name"], first["tag_status"])
    bench.crawl()
    active = only_tag(bench.store, "acme/a")
    bench.hub.clock.advance(3600)
    bench.hub.set_tag_status("acme/a", second["name"], second["tag_status"])
    crawled = bench.crawl(mode=Mode.FULL)
    inactive = only_tag(bench.store, "acme/a")
    bench.hub.clock.advance(3600)
    bench.crawl(mode=Mode.FULL)

    assert (active.status, inactive.status) == ("active", "inactive")
    assert active.status_since is not None
    assert inactive.status_since is not None
    assert inactive.status_since > active.status_since
    assert only_tag(bench.store, "acme/a").status_since == inactive.status_since
    assert inactive.content_type == "image"
    assert dict(crawled.changes) == {}
    (row,) = rows(database_url, "report_tags")
    assert (row["status"], row["content_type"]) == ("inactive", "image")


def test_pulls_are_kept_by_the_day_and_are_no_change(bench: HubBench, database_url: str) -> None:
    first, second = case("pulls-over-time")
    name = f"acme/{first['name']}"
    bench.hub.add_repository(name)
    bench.hub.push(name, "v1")
    bench.hub.set_counters(name, pulls=first["pull_count"], stars=3, storage=700)
    bench.crawl()
    today = bench.hub.clock.now().date()
    bench.hub.clock.advance(DAY.total_seconds())
    bench.hub.set_counters(name, pulls=second["pull_count"])
    crawled = bench.crawl()

    assert crawled.spent.requests == 1
    assert dict(crawled.changes) == {}
    assert days(bench.store, RepositoryKey("docker.io", name)) == [
        RepositoryDay(today, 100, 3, 700),
        RepositoryDay(today + DAY, 160, 3, 700),
    ]
    counted = rows(database_url, "report_repository_days")
    assert [(row["date"], row["pulls"]) for row in counted] == [
        (today.isoformat(), 100),
        ((today + DAY).isoformat(), 160),
    ]
    asked = StatsQuestion(None, None, bench.hub.clock.now(), 20)
    told = bench.store.catalog.stats(StatsScope("docker.io", "acme"), asked)
    assert [each.counts.pulls for each in told.days] == [100, 160]
    assert [each.gained.pulls for each in told.repositories] == [60]
    (entry,) = bench.store.catalog.repositories()
    assert (entry.pulls, entry.stars, entry.storage_size) == (160, 3, 700)


def counted(pulls: int, **more: Any) -> Repository:
    return Repository("library/api", START, pulls=pulls, **more)


def listed(scribe: Scribe, item: Repository) -> None:
    record = scribe.begin()
    scribe.list(record, [item])
    scribe.finish(record)


def test_the_last_listing_of_a_day_counts(scribe: Scribe, store: Store) -> None:
    for pulls in (1, 2, 2):
        listed(scribe, counted(pulls))
    scribe.now += DAY
    listed(scribe, counted(5))
    first = START.date()
    assert days(store) == [
        RepositoryDay(first, 2, None, None),
        RepositoryDay(first + DAY, 5, None, None),
    ]


def test_what_a_listing_says_of_a_repository_is_shown_and_follows_it(
    scribe: Scribe, store: Store
) -> None:
    made = datetime(2020, 1, 1, tzinfo=UTC)
    listed(scribe, counted(1, stars=1, categories=("Databases",), registered_at=made))
    listed(scribe, counted(1, stars=2, categories=("Databases", "Web servers"), registered_at=made))
    (entry,) = store.catalog.repositories()
    assert (entry.stars, entry.categories) == (2, ("Databases", "Web servers"))
    assert entry.registered_at == made
    assert [each.kind.value for each in changes(store)] == ["repository_added"]


def test_old_days_are_pruned_and_those_of_a_forgotten_repository_are_deleted_with_it(
    scribe: Scribe, store: Store, database_url: str
) -> None:
    for pulls in range(3):
        listed(scribe, counted(pulls))
        scribe.now += DAY
    prune(database_url, START + DAY + timedelta(hours=1), really=True, now=scribe.now)
    assert [each.pulls for each in days(store)] == [1, 2]
    store.archive.forget("docker.io", repository="library/api")
    assert rows(database_url, "report_repository_days") == []
    assert not any(each.broken for each in check(database_url))


def test_a_removed_repository_is_pruned_once_its_last_day_is(
    scribe: Scribe, store: Store, database_url: str
) -> None:
    listed(scribe, counted(1))
    record = scribe.begin()
    scribe.list(record, [])
    scribe.finish(record)
    prune(database_url, scribe.now + timedelta(hours=1), really=True, now=scribe.now)
    assert len(days(store)) == 1
    prune(database_url, scribe.now + DAY, really=True, now=scribe.now + DAY)
    assert rows(database_url, "report_repository_days") == []


def test_only_changes_of_who_pushed_are_told_where_that_is_asked(
    scribe: Scribe, store: Store
) -> None:
    scribe.crawl({"api": [tag("1", "one", pushed_by="ci-web"), tag("2", "two", pushed_by="eve")]})
    assert [each.tag for each in log(store, pushed_by="ci-*")] == ["1"]
    assert [each.tag for each in log(store, pushed_by="eve")] == ["2"]
    assert log(store, pushed_by="nobody") == []


def test_values_that_move_without_a_push_are_stored_and_are_no_change(
    scribe: Scribe, store: Store
) -> None:
    scribe.crawl({"api": [tag("1", "one", status="active", last_pulled=START)]})
    before = len(log(store))
    scribe.crawl({"api": [tag("1", "one", status="active", last_pulled=START + DAY)]})
    assert only_tag(store).last_pulled == START + DAY
    assert len(log(store)) == before
