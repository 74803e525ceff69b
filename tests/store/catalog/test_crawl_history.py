"""What is recorded of earlier crawls, which decides the next one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from indexer.core.model import CrawlStatus, Mode
from indexer.store import open_store
from tests.store.scribe import Scribe, tag

if TYPE_CHECKING:
    from indexer.core.catalog_entries import CrawlHistory
    from indexer.core.model import Crawl
    from indexer.store import Store

HELD = {"alpine": [tag("1", "one")]}


def crawl_history(store: Store) -> CrawlHistory:
    (only,) = store.catalog.crawl_history()
    return only


def ended(scribe: Scribe, status: CrawlStatus, mode: Mode = Mode.INCREMENTAL) -> Crawl:
    return scribe.finish(scribe.begin(mode), status)


def test_nothing_is_known_of_what_was_never_crawled(store: Store) -> None:
    assert store.catalog.crawl_history() == []


def test_a_first_complete_crawl_counts_as_one_of_each_mode(store: Store, scribe: Scribe) -> None:
    first = scribe.crawl(HELD)

    assert crawl_history(store).done == dict.fromkeys(Mode, first.started_at)
    assert crawl_history(store).last.status is CrawlStatus.COMPLETE


def test_a_stronger_crawl_counts_as_a_weaker_one_and_not_the_other_way_round(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl(HELD)
    full = scribe.crawl(HELD, Mode.FULL)
    verified = scribe.crawl(HELD, Mode.VERIFY)
    crawled = scribe.crawl(HELD)

    assert crawl_history(store).done == {
        Mode.FULL: full.started_at,
        Mode.VERIFY: verified.started_at,
        Mode.INCREMENTAL: crawled.started_at,
    }


@pytest.mark.parametrize("status", [CrawlStatus.FAILED, CrawlStatus.INTERRUPTED])
def test_what_did_not_get_through_is_counted_until_something_does(
    store: Store, scribe: Scribe, status: CrawlStatus
) -> None:
    first = scribe.crawl(HELD)
    ended(scribe, status, Mode.FULL)
    last = ended(scribe, status)

    assert crawl_history(store).failures == 2
    assert crawl_history(store).done == dict.fromkeys(Mode, first.started_at)
    assert crawl_history(store).last[1:5] == (last.mode, status, last.started_at, last.finished_at)

    ended(scribe, CrawlStatus.INCOMPLETE)
    assert crawl_history(store).failures == 0


def test_an_incomplete_crawl_got_through_as_far_as_it_could(store: Store, scribe: Scribe) -> None:
    incomplete = ended(scribe, CrawlStatus.INCOMPLETE, Mode.FULL)

    assert crawl_history(store).done == dict.fromkeys(Mode, incomplete.started_at)


def test_an_interrupted_first_crawl_leaves_everything_to_do(store: Store, scribe: Scribe) -> None:
    ended(scribe, CrawlStatus.INTERRUPTED)

    assert crawl_history(store).done == {}
    assert crawl_history(store).failures == 1


def test_what_a_second_crawl_completed_needs_no_full_crawl(store: Store, scribe: Scribe) -> None:
    ended(scribe, CrawlStatus.INTERRUPTED)
    scribe.crawl(HELD)

    assert Mode.FULL in crawl_history(store).done


def test_a_crawl_is_alive_as_long_as_its_process(
    store: Store, scribe: Scribe, database_url: str
) -> None:
    record = scribe.begin()
    other = open_store(database_url, create=False)
    assert (crawl_history(other).last.status, crawl_history(other).alive) == (
        CrawlStatus.RUNNING,
        True,
    )
    assert crawl_history(store).alive

    scribe.finish(record)
    assert not crawl_history(other).alive
    other.close()


def test_a_crawl_whose_process_died_is_not_alive(database_url: str) -> None:
    store = open_store(database_url, create=True)
    Scribe(store.archive).begin()
    store.close()  # gives its locks back, as the end of a process does

    later = open_store(database_url, create=False)
    assert crawl_history(later).last.status is CrawlStatus.RUNNING
    assert not crawl_history(later).alive
    later.close()


def test_each_namespace_is_told_by_registry_and_name(store: Store) -> None:
    for registry, namespace in (("docker.io", "b"), ("docker.io", "a"), ("ghcr.io", "c")):
        Scribe(store.archive, namespace, registry).crawl(HELD)

    found = store.catalog.crawl_history()
    assert [(each.registry, each.namespace) for each in found] == [
        ("docker.io", "a"),
        ("docker.io", "b"),
        ("ghcr.io", "c"),
    ]
    assert all(replace(each, registry="", namespace="").failures == 0 for each in found)


def test_what_was_crawled_since_a_look_is_told_and_only_that_is_read(
    store: Store, scribe: Scribe
) -> None:
    catalog = store.catalog
    scribe.crawl(HELD)
    first = catalog.crawled_since(None)
    assert first.places is None, "without a mark anything may have changed"
    assert catalog.crawled_since(first.mark) == (first.mark, frozenset())

    other = Scribe(store.archive, "other")
    other.begin(Mode.INCREMENTAL)
    place = ("docker.io", "other")
    since = catalog.crawled_since(first.mark)
    assert since.places == frozenset([place]), "it has begun"
    assert [each.namespace for each in catalog.crawl_history({place})] == ["other"]
    assert catalog.crawl_history({("quay.io", "other"), ("docker.io", "none")}) == []


def test_after_something_was_forgotten_anything_may_have_changed(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl(HELD)
    Scribe(store.archive, "other").crawl(HELD)
    mark = store.catalog.crawled_since(None).mark
    store.archive.forget("docker.io", namespace="other")
    assert store.catalog.crawled_since(mark).places is None
