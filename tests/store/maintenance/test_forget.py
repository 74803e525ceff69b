"""Deleting something from the index on purpose."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import Busy, UsageError
from indexer.core.model import CrawlStatus
from indexer.crawl.ports import ForgottenCounts
from indexer.manifests.signatures import Referrer
from indexer.policies.evidence import ReadReferrers
from indexer.store.database.engine import Database
from indexer.store.maintenance.forget import forget
from indexer.store.maintenance.integrity_check import check
from tests.store.scribe import REGISTRY, Scribe, changes, digest, tag, told
from tests.support.crawls import Bench

if TYPE_CHECKING:
    from indexer.store import Store


def test_a_forgotten_repository_is_deleted_with_its_history_and_is_no_removal(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": [tag("one", "a"), tag("two", "b")], "redis": [tag("three", "c")]})
    scribe.crawl({"nginx": [tag("one", "z"), tag("two", "b")], "redis": [tag("three", "c")]})
    forgotten = store.archive.forget(REGISTRY, repository="library/nginx")
    assert forgotten == ForgottenCounts(repositories=1, tags=2)
    assert [entry.repository for entry in store.catalog.repositories()] == ["library/redis"]
    assert told(changes(store)) == [
        ("repository_added", "library/redis", None),
        ("tag_added", "library/redis", "three"),
    ]


def test_what_refers_to_its_images_is_forgotten_too(store: Store, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [tag("one", "a")], "redis": [tag("two", "a")]})
    evaluations = store.evaluations
    for name in ("library/nginx", "library/redis"):
        evaluations.remember_referrers(
            REGISTRY, name, digest("a"), [Referrer(digest("s"))], scribe.now
        )
    store.archive.forget(REGISTRY, repository="library/nginx")
    assert not evaluations.referrers(REGISTRY, "library/nginx")
    kept = evaluations.referrers(REGISTRY, "library/redis")
    assert kept == {digest("a"): ReadReferrers((Referrer(digest("s")),), scribe.now)}


def test_what_is_crawled_again_after_it_was_forgotten_is_new_and_numbers_continue(
    store: Store, scribe: Scribe
) -> None:
    held = {"nginx": [tag("one", "a")], "redis": [tag("two", "b")]}
    scribe.crawl(held)
    last = changes(store)[-1].id
    store.archive.forget(REGISTRY, repository="library/redis")
    scribe.crawl(held)
    news = changes(store, baseline=False)
    assert told(news) == [
        ("repository_added", "library/redis", None),
        ("tag_added", "library/redis", "two"),
    ]
    assert min(change.id for change in news) > last


def test_the_next_crawl_finds_what_was_forgotten_and_what_was_removed_meanwhile(
    store: Store,
) -> None:
    """Their list is as long as what is known, and neither stands on its first page."""
    bench = Bench()
    forgotten, removed, *_ = bench.registry.add_many(120)
    bench.crawl(into=lambda _: store.archive)
    store.archive.forget(REGISTRY, repository=forgotten)
    bench.registry.remove(removed)
    crawl = bench.crawl(into=lambda _: store.archive)
    assert told(changes(store, baseline=False)) == [
        ("repository_added", forgotten, None),
        ("repository_removed", removed, None),
    ]
    assert crawl.status is CrawlStatus.COMPLETE
    bench.crawl(into=lambda _: store.archive)
    pages = [each for each in bench.asked if each.startswith("repositories ")]
    assert pages == ["repositories 1"], "the list is exact again"


def test_a_forgotten_namespace_begins_anew(store: Store, scribe: Scribe) -> None:
    held = {"nginx": [tag("one", "a")]}
    scribe.crawl(held)
    other = Scribe(store.archive, namespace="ansible")
    other.crawl({"awx": [tag("one", "a")]})
    assert store.archive.forget(REGISTRY, namespace="library") == ForgottenCounts(1, 1)
    assert [status.namespace for status in store.catalog.namespaces()] == ["ansible"]
    scribe.crawl(held)
    assert not changes(store, baseline=False)


def test_an_unknown_name_cannot_be_forgotten(store: Store, scribe: Scribe) -> None:
    scribe.crawl({"nginx": []})
    with pytest.raises(UsageError, match="library/apache"):
        store.archive.forget(REGISTRY, repository="library/apache")
    with pytest.raises(UsageError, match="ansible"):
        store.archive.forget(REGISTRY, namespace="ansible")


def test_nothing_is_forgotten_while_it_is_crawled(store: Store, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [tag("one", "a")]})
    record = scribe.begin()
    with pytest.raises(Busy, match="library"):
        store.archive.forget(REGISTRY, repository="library/nginx")
    scribe.finish(record)
    assert store.archive.forget(REGISTRY, repository="library/nginx") == ForgottenCounts(1, 1)


class Killed(Exception):
    """Stands for the death of the process between two transactions."""


MANY = {"nginx": [tag(str(number), "a") for number in range(5)], "redis": [tag("one", "b")]}
LATER = {"nginx": [tag(str(number), "z") for number in range(5)], "redis": [tag("one", "b")]}


def in_pieces(url: str, name: str | None, die_after: int) -> int:
    """Forget four rows at a time, and die after some transactions; returns how many there were."""
    taken = 0

    def pause(seconds: float) -> None:
        del seconds
        nonlocal taken
        taken += 1
        assert [finding for finding in check(url) if finding.broken] == []
        if taken == die_after:
            raise Killed

    with closing(Database(url)) as database:
        forget(database, 1, name, check_alone=lambda: None, pause=pause, at_once=4)
    return taken


@pytest.mark.parametrize("name", [None, "library/nginx"])
def test_it_is_forgotten_in_short_transactions_each_of_which_leaves_a_sound_index(
    database_url: str, scribe: Scribe, store: Store, name: str | None
) -> None:
    scribe.crawl(MANY)
    scribe.crawl(LATER)
    assert in_pieces(database_url, name, die_after=0) > 5
    left = {change.repository for change in changes(store)}
    assert left == ({"library/redis"} if name else set())


@pytest.mark.parametrize("name", [None, "library/nginx"])
def test_what_was_forgotten_in_part_is_no_news_of_the_next_crawl_and_is_forgotten_again(
    database_url: str, scribe: Scribe, store: Store, name: str | None
) -> None:
    scribe.crawl(MANY)
    with pytest.raises(Killed):
        in_pieces(database_url, name, die_after=3)
    scribe.crawl(MANY)
    assert told(changes(store, baseline=False)) == []
    store.archive.forget(REGISTRY, repository="library/nginx")
    assert {change.repository for change in changes(store)} == {"library/redis"}
