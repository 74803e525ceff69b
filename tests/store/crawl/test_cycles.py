"""How far full and verify crawls have come that were cut short, in each kind of archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.core.catalog_entries import UnfinishedCycle
from indexer.core.model import CrawlStatus, Mode
from indexer.crawl.known_state import Extent
from tests.store.scribe import Scribe

if TYPE_CHECKING:
    from indexer.crawl.ports import Archive
    from indexer.store import Store

NAMES = ["library/httpd", "library/nginx", "library/redis"]


@pytest.fixture
def scribe(archive: Archive) -> Scribe:
    scribe = Scribe(archive)
    scribe.crawl({"httpd": [], "nginx": [], "redis": []})
    return scribe


def crawl(
    scribe: Scribe,
    mode: Mode,
    reads: dict[str, Extent],
    fails: tuple[str, ...] = (),
    status: CrawlStatus = CrawlStatus.INCOMPLETE,
) -> tuple[int, int]:
    """Crawl, and return the number of the crawl that began its cycle, and how many are left."""
    record = scribe.begin(mode)
    known = record.known_repositories().repositories
    for name, extent in reads.items():
        full_name = f"library/{name}"
        scribe.read(record, full_name, [], extent=extent)
    record.record_failures([f"library/{name}" for name in fails])
    done = scribe.finish(record, status)
    assert known.keys() == set(NAMES)
    return record.cycle - record.id, done.unread


def test_a_crawl_that_left_something_is_continued_by_the_next_of_its_mode(scribe: Scribe) -> None:
    full = Extent.FULL
    assert crawl(scribe, Mode.FULL, {"httpd": full}) == (0, 2)
    assert crawl(scribe, Mode.INCREMENTAL, {"nginx": Extent.VERIFIED}) == (0, 0)
    assert crawl(scribe, Mode.FULL, {"nginx": Extent.VERIFIED}) == (-2, 2)
    assert crawl(scribe, Mode.FULL, {"nginx": full}, ("redis",)) == (-3, 0)
    assert crawl(scribe, Mode.FULL, {}) == (0, 3)


def test_part_of_the_tags_does_not_count_as_read(scribe: Scribe) -> None:
    assert crawl(scribe, Mode.VERIFY, {"httpd": Extent.PART}) == (0, 3)
    assert crawl(scribe, Mode.VERIFY, {"httpd": Extent.VERIFIED}) == (-1, 2)


def test_a_killed_crawl_does_not_end_a_cycle(scribe: Scribe) -> None:
    killed = CrawlStatus.INTERRUPTED
    assert crawl(scribe, Mode.VERIFY, dict.fromkeys(("httpd", "nginx"), Extent.FULL)) == (0, 1)
    assert crawl(scribe, Mode.VERIFY, {"redis": Extent.FULL}, status=killed) == (-1, 0)
    assert crawl(scribe, Mode.VERIFY, {}) == (-2, 0)
    assert crawl(scribe, Mode.VERIFY, {}) == (0, 3)


def test_a_crawl_of_a_part_belongs_to_no_cycle(archive: Archive, scribe: Scribe) -> None:
    crawl(scribe, Mode.FULL, {"httpd": Extent.FULL})
    record = archive.begin(
        "docker.io", "library", Mode.FULL, "anonymous", scribe.passes(), "library/httpd"
    )
    record.known_repositories()
    done = scribe.finish(record)

    assert (record.cycle, done.unread) == (0, 0)
    assert crawl(scribe, Mode.FULL, {})[0] == -2


def test_what_is_known_of_each_repository_is_which_crawl_read_it(scribe: Scribe) -> None:
    crawl(scribe, Mode.FULL, {"httpd": Extent.FULL, "nginx": Extent.VERIFIED}, ("redis",))
    record = scribe.begin()
    known = record.known_repositories().repositories
    scribe.finish(record)
    last = record.id - 1
    found = [
        tuple(number == last for number in (item.read_crawl, item.full_crawl, item.failed_crawl))
        for item in (known[name] for name in NAMES)
    ]

    assert found == [(True, True, False), (True, False, False), (False, False, True)]


def test_a_repository_that_comes_back_was_never_read(scribe: Scribe) -> None:
    crawl(scribe, Mode.FULL, dict.fromkeys(("httpd", "nginx", "redis"), Extent.FULL))
    scribe.crawl({"nginx": [], "redis": []})
    scribe.crawl({"httpd": None, "nginx": [], "redis": []})
    record = scribe.begin()
    known = record.known_repositories().repositories["library/httpd"]
    scribe.finish(record)

    assert (known.read_crawl, known.full_crawl) == (0, 0)


def test_the_catalog_says_what_was_cut_short_and_how_much_is_left(store: Store) -> None:
    scribe = Scribe(store.archive)
    scribe.crawl({"httpd": [], "nginx": [], "redis": []})
    assert store.catalog.namespaces()[0].unfinished == ()
    crawl(scribe, Mode.FULL, {"httpd": Extent.FULL})
    began_at = store.catalog.crawl_history()[0].last.started_at
    crawl(scribe, Mode.FULL, {"nginx": Extent.FULL}, status=CrawlStatus.INTERRUPTED)
    (status,), (history,) = store.catalog.namespaces(), store.catalog.crawl_history()

    assert status.unfinished == (
        UnfinishedCycle(Mode.FULL, began_at, unread=1, repositories=3, running=False),
    )
    assert history.unread[Mode.FULL] == 2  # the killed one does not count
    outlook = store.catalog.outlook("docker.io", "library")
    assert outlook.verifying_since == history.last.id - 1
    crawl(scribe, Mode.FULL, {"redis": Extent.FULL})
    (status,), (history,) = store.catalog.namespaces(), store.catalog.crawl_history()
    assert status.unfinished == ()
    assert not any(history.unread.values())
