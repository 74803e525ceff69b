"""Hints that something was pushed only make a repository due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core.catalog_entries import ChangeFilter
from indexer.core.model import WHOLE_REGISTRY, Mode
from indexer.crawl import due_repositories
from indexer.crawl.diff import TagsDiff
from indexer.store.crawl.push_hints import UNKNOWN
from tests.store.scribe import Scribe, tag
from tests.support.readings import record_tags

if TYPE_CHECKING:
    from indexer.crawl.ports import CrawlRecord
    from indexer.store import Store

NGINX = "library/nginx"


def opened(record: CrawlRecord) -> list[str]:
    """What an incremental crawl would open now."""
    known = record.known_repositories().repositories
    return sorted(
        item.repository for item in due_repositories.repositories(known, Mode.INCREMENTAL)
    )


def test_a_repository_that_was_hinted_at_is_opened_and_then_no_more(
    store: Store, scribe: Scribe
) -> None:
    held = {"nginx": [tag("latest", "one")], "redis": []}
    scribe.crawl(held)
    assert store.hints.hint("docker.io", [NGINX]) == 1
    record = scribe.begin()
    assert opened(record) == [NGINX]
    scribe.read(record, NGINX, held["nginx"])
    assert opened(record) == []


def test_a_hint_only_makes_a_repository_pending(store: Store, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [tag("latest", "one")]})
    everything = ChangeFilter(baseline=True)
    before = list(store.catalog.changes(everything)), list(store.catalog.tags("docker.io", NGINX))
    store.hints.hint(None, [NGINX])
    after = list(store.catalog.changes(everything)), list(store.catalog.tags("docker.io", NGINX))
    assert after == before
    (status,) = store.catalog.namespaces()
    assert status.pending == 1


def test_unknown_removed_and_foreign_repositories_take_no_hint(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": [], "gone": []})
    scribe.crawl({"nginx": []})
    assert store.hints.hint("docker.io", ["library/gone", "library/never", "' OR 1=1 --"]) == 0
    assert store.hints.hint("quay.io", [NGINX]) == 0
    assert store.hints.hint("docker.io", []) == 0
    assert opened(scribe.begin()) == []


def test_a_hint_that_comes_while_the_tags_are_read_is_not_lost(
    store: Store, scribe: Scribe
) -> None:
    held = {"nginx": [tag("latest", "one")]}
    scribe.crawl(held)
    record = scribe.begin()
    store.hints.hint("docker.io", [NGINX])
    record.known_tags(NGINX)
    store.hints.hint("docker.io", [NGINX])
    known = record.known_tags(NGINX)
    store.hints.hint("docker.io", [NGINX])
    assert known.memory is not None
    record_tags(record, NGINX, TagsDiff(), known.memory, scribe.now, scribe.passes())
    assert opened(record) == [NGINX]
    scribe.read(record, NGINX, held["nginx"])
    assert opened(record) == []


HOME = ("docker.io", "library")


def test_a_flood_of_hints_waits_once_until_it_is_taken(store: Store, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [], "redis": []})
    for _ in range(3):
        store.hints.hint("docker.io", [NGINX, "library/redis"])
    store.hints.hint(None, [NGINX])
    assert store.hints.waiting() == {HOME: [NGINX, "library/redis"]}
    assert store.hints.take("docker.io", "tools") == ()
    assert store.hints.take(*HOME) == (NGINX, "library/redis")
    assert (store.hints.waiting(), store.hints.take(*HOME)) == ({}, ())
    store.hints.put_back(*HOME, [NGINX])
    store.hints.hint("docker.io", [NGINX])
    assert store.hints.waiting() == {HOME: [NGINX]}


def test_a_repository_that_is_not_known_makes_its_namespace_due(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": []})
    Scribe(store.archive, WHOLE_REGISTRY, "quay.io").crawl({})
    unknown = ["library/new", "library/newer", "library2/x", "other/y"]
    assert store.hints.hint("docker.io", unknown) == 0
    assert store.hints.hint(None, unknown) == 0
    assert store.hints.waiting() == {HOME: [UNKNOWN]}
    store.hints.hint("quay.io", ["team/deep/app"])
    assert store.hints.take("quay.io", WHOLE_REGISTRY) == (UNKNOWN,)


def test_what_is_forgotten_waits_no_more(store: Store, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [], "redis": []})
    store.hints.hint("docker.io", [NGINX, "library/redis"])
    store.archive.forget("docker.io", repository=NGINX)
    assert store.hints.waiting() == {HOME: ["library/redis"]}
    store.archive.forget("docker.io", namespace="library")
    assert store.hints.waiting() == {}
