"""Two writers of one list: the second one writes nothing, and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import Conflict
from indexer.core.model import Repository
from indexer.crawl.diff import RepositoriesDiff, TagsDiff
from tests.store.scribe import MINUTE, START, Scribe, digest, remembered, tag
from tests.support.readings import record_tags

if TYPE_CHECKING:
    from indexer.crawl.ports import Archive, CrawlRecord

NGINX = "library/nginx"


@pytest.fixture
def scribe(archive: Archive) -> Scribe:
    return Scribe(archive)


@pytest.fixture
def slow(scribe: Scribe) -> CrawlRecord:
    """A crawl that was taken for dead while it waited, and knows what was true before."""
    scribe.crawl({"nginx": [tag("latest", "one")]})
    record = scribe.begin()
    record.known_repositories()
    record.known_tags(NGINX)
    scribe.finish(record)
    return record


def contents(scribe: Scribe) -> dict[str, str | None]:
    record = scribe.begin()
    found = {name: each.digest for name, each in record.known_tags(NGINX).tags.items()}
    scribe.finish(record)
    return found


def write_tags(record: CrawlRecord, diff: TagsDiff) -> None:
    record_tags(record, NGINX, diff, remembered(), START, START + MINUTE)


def test_a_namespace_that_another_crawl_wrote_is_not_written(
    scribe: Scribe, slow: CrawlRecord
) -> None:
    scribe.crawl({"nginx": None, "redis": None})
    diff = RepositoriesDiff(removed=(NGINX,))
    with pytest.raises(Conflict, match="crawl again"):
        slow.record_repositories(diff, remembered(exact=False), START)
    record = scribe.begin()
    known = record.known_repositories()
    assert set(known.repositories) == {NGINX, "library/redis"}
    assert known.memory is not None
    assert known.memory.exact


def test_a_writer_that_reads_again_may_write(scribe: Scribe, slow: CrawlRecord) -> None:
    scribe.crawl({"nginx": None, "redis": None})
    with pytest.raises(Conflict):
        slow.record_repositories(RepositoriesDiff(), remembered(), START)
    slow.known_repositories()
    slow.record_repositories(RepositoriesDiff(removed=(NGINX,)), remembered(), START)
    assert set(slow.known_repositories().repositories) == {"library/redis"}


def test_an_unfinished_listing_is_a_write_too(scribe: Scribe, slow: CrawlRecord) -> None:
    record = scribe.begin()
    record.known_repositories()
    record.record_repositories(RepositoriesDiff(unlisted=(NGINX,)), None, START)
    scribe.finish(record)
    with pytest.raises(Conflict):
        slow.record_repositories(RepositoriesDiff(), remembered(), START)


def test_tags_that_another_crawl_wrote_are_not_written(scribe: Scribe, slow: CrawlRecord) -> None:
    scribe.crawl({"nginx": [tag("latest", "two")]})
    with pytest.raises(Conflict, match=f"{NGINX}.*crawl again"):
        write_tags(slow, TagsDiff(removed=("latest",)))
    assert contents(scribe) == {"latest": digest("two")}


def test_tags_that_another_crawl_read_without_changes_are_not_written_either(
    scribe: Scribe, slow: CrawlRecord
) -> None:
    scribe.crawl({"nginx": [tag("latest", "one")]})
    with pytest.raises(Conflict):
        write_tags(slow, TagsDiff(added=(tag("new", "two"),)))
    assert contents(scribe) == {"latest": digest("one")}


def test_tags_are_written_once_for_each_time_they_were_asked_for(
    scribe: Scribe, slow: CrawlRecord
) -> None:
    write_tags(slow, TagsDiff(added=(tag("new", "two"),)))
    with pytest.raises(Conflict):
        write_tags(slow, TagsDiff(removed=("latest",)))
    assert set(contents(scribe)) == {"latest", "new"}


def test_tags_of_a_repository_removed_meanwhile_are_not_written(
    scribe: Scribe, slow: CrawlRecord
) -> None:
    scribe.crawl({})
    with pytest.raises(Conflict):
        write_tags(slow, TagsDiff(added=(tag("new", "two"),)))
    assert contents(scribe) == {}


def test_tags_of_a_repository_removed_and_added_again_meanwhile_are_not_written(
    scribe: Scribe, slow: CrawlRecord
) -> None:
    scribe.crawl({})
    scribe.crawl({"nginx": None})
    with pytest.raises(Conflict):
        write_tags(slow, TagsDiff(removed=("latest",)))
    assert contents(scribe) == {}


def test_a_new_date_of_a_repository_is_no_conflict_for_its_tags(
    scribe: Scribe, slow: CrawlRecord
) -> None:
    scribe.repositories[NGINX] = Repository(NGINX, START + MINUTE)
    scribe.crawl({"nginx": None})
    write_tags(slow, TagsDiff(added=(tag("new", "two"),)))
    record = scribe.begin()
    item = record.known_repositories().repositories[NGINX]
    assert (item.last_updated, item.read_updated) == (START + MINUTE, START)


def test_other_repositories_of_the_namespace_may_be_written_after_a_conflict(
    scribe: Scribe, slow: CrawlRecord
) -> None:
    scribe.crawl({"nginx": [tag("latest", "two")], "redis": []})
    with pytest.raises(Conflict):
        write_tags(slow, TagsDiff())
    slow.known_tags("library/redis")
    record_tags(
        slow, "library/redis", TagsDiff(added=(tag("7", "one"),)), remembered(), START, START
    )
    assert set(slow.known_tags("library/redis").tags) == {"7"}
