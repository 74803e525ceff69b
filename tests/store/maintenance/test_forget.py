"""Deleting something from the index on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import Busy, UsageError
from indexer.crawl.ports import ForgottenCounts
from indexer.manifests.signatures import Referrer
from indexer.policies.evidence import ReadReferrers
from tests.store.scribe import REGISTRY, Scribe, changes, digest, tag, told

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
