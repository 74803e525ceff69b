"""Hints that something was pushed only make a repository due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core.catalog_entries import ChangeFilter
from indexer.core.model import Mode
from indexer.crawl import due_repositories
from indexer.crawl.diff import TagsDiff
from tests.store.scribe import tag

if TYPE_CHECKING:
    from indexer.crawl.ports import CrawlRecord
    from indexer.store import Store
    from tests.store.scribe import Scribe

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
    record.record_tags(NGINX, TagsDiff(), known.memory, scribe.now, scribe.passes())
    assert opened(record) == [NGINX]
    scribe.read(record, NGINX, held["nginx"])
    assert opened(record) == []
