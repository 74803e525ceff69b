"""When each namespace was last crawled completely, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from indexer.core.catalog_entries import NamespaceAge
from indexer.core.model import CrawlStatus
from tests.store.scribe import START, Scribe

if TYPE_CHECKING:
    from indexer.store import Store


NOW = START + timedelta(days=1)


def test_only_complete_crawls_count_and_the_status_of_the_last_one_is_told(store: Store) -> None:
    assert store.catalog.ages(NOW) == []
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
    assert store.catalog.ages(NOW) == store.browser(private=False).ages(NOW) == ages


def test_a_crawl_that_runs_is_told_as_that_while_its_process_lives(store: Store) -> None:
    scribe = Scribe(store.archive)
    record = scribe.begin()
    (age,) = store.catalog.ages(NOW)
    assert (age.last_status, age.is_running) == (CrawlStatus.RUNNING, True)
    scribe.finish(record)
    assert not store.catalog.ages(NOW)[0].is_running


def test_the_knowledge_begins_with_the_first_crawl_whose_time_is_believed(store: Store) -> None:
    scribe = Scribe(store.archive, now=START + timedelta(days=365))
    wrong = scribe.crawl({"nginx": []}).finished_at
    assert store.catalog.ages(NOW)[0].began_at is None
    assert wrong is not None
    assert store.catalog.ages(wrong)[0].began_at == wrong
    scribe.now = START
    right = scribe.crawl({"nginx": []}).finished_at
    scribe.crawl({"nginx": []})
    assert store.catalog.ages(NOW)[0].began_at == right
