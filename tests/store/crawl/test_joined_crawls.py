"""Other processes write for a crawl as long as it is running, in every kind of archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import Ended
from indexer.core.model import Mode, Repository
from indexer.crawl import diff
from tests.store.scribe import REGISTRY, START, Scribe, remembered, tag
from tests.support.readings import record_tags

if TYPE_CHECKING:
    from indexer.crawl.ports import Archive, CrawlRecord

NAMES = [f"library/r{number}" for number in range(3)]


@pytest.fixture
def scribe(archive: Archive) -> Scribe:
    return Scribe(archive)


def listed(scribe: Scribe) -> CrawlRecord:
    """A crawl that has listed three repositories."""
    record = scribe.begin()
    scribe.list(record, [Repository(name, START) for name in NAMES])
    return record


def write(guest: CrawlRecord, name: str, scribe: Scribe) -> None:
    known = guest.known_tags(name)
    changes = diff.tags(known.tags, [tag("1", name)], baseline=known.memory is None)
    record_tags(guest, name, changes, remembered(), START, scribe.passes())


def test_what_joined_writers_write_belongs_to_the_crawl(archive: Archive, scribe: Scribe) -> None:
    record = listed(scribe)
    for name in NAMES:
        write(archive.join(REGISTRY, "library", record.id), name, scribe)
    done = scribe.finish(record)

    assert (done.repositories, done.tags) == (3, 3)
    assert scribe.begin(Mode.VERIFY).known_tags(NAMES[0]).tags.keys() == {"1"}


def test_a_crawl_that_has_ended_cannot_be_joined(archive: Archive, scribe: Scribe) -> None:
    done = scribe.finish(listed(scribe))

    with pytest.raises(Ended):
        archive.join(REGISTRY, "library", done.id)


def test_a_joined_writer_writes_nothing_after_the_crawl_has_ended(
    archive: Archive, scribe: Scribe
) -> None:
    record = listed(scribe)
    guest = archive.join(REGISTRY, "library", record.id)
    guest.known_tags(NAMES[0])
    scribe.finish(record)

    with pytest.raises(Ended):
        write(guest, NAMES[0], scribe)
    assert scribe.begin().known_tags(NAMES[0]).memory is None
