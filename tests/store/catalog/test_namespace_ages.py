"""When each namespace was last crawled completely, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core.catalog_entries import NamespaceAge
from indexer.core.model import CrawlStatus
from tests.store.scribe import Scribe

if TYPE_CHECKING:
    from indexer.store import Store


def test_only_complete_crawls_count_and_the_status_of_the_last_one_is_told(store: Store) -> None:
    assert store.catalog.ages() == []
    library, acme = Scribe(store.archive), Scribe(store.archive, "acme")
    complete = library.crawl({"nginx": []})
    library.finish(library.begin(), CrawlStatus.INCOMPLETE)
    library.finish(library.begin(), CrawlStatus.FAILED)
    acme.finish(acme.begin(), CrawlStatus.FAILED)
    began = acme.finish(acme.begin(), CrawlStatus.INCOMPLETE).finished_at
    acme.finish(acme.begin(), CrawlStatus.INCOMPLETE)
    done = complete.finished_at
    ages = [
        NamespaceAge("docker.io", "acme", None, CrawlStatus.INCOMPLETE, began_at=began),
        NamespaceAge("docker.io", "library", done, CrawlStatus.FAILED, began_at=done),
    ]
    assert store.catalog.ages() == store.browser(private=False).ages() == ages


def test_a_crawl_that_runs_is_told_as_that_while_its_process_lives(store: Store) -> None:
    scribe = Scribe(store.archive)
    record = scribe.begin()
    (age,) = store.catalog.ages()
    assert (age.last_status, age.is_running) == (CrawlStatus.RUNNING, True)
    scribe.finish(record)
    assert not store.catalog.ages()[0].is_running
