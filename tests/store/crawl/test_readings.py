"""Many readings in one transaction: the same rows as one after the other, in every archive."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import UsageError
from indexer.core.model import Repository
from indexer.crawl import diff
from indexer.crawl.diff import TagsDiff
from indexer.crawl.write_buffer import TagsReading
from indexer.store import open_store
from tests.store.schemas import execute
from tests.store.scribe import START, Scribe, changes, digest, image, remembered, spans, tag
from tests.support.databases import new_index, postgresql_index

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from indexer.core.model import Tag
    from indexer.crawl.ports import Archive, CrawlRecord
    from indexer.store import Store

NAMES = [f"library/r{number}" for number in range(4)]


def listed(scribe: Scribe) -> CrawlRecord:
    record = scribe.begin()
    scribe.list(record, [Repository(name, START) for name in NAMES])
    return record


def readings(record: CrawlRecord, held: Mapping[str, list[Tag]]) -> list[TagsReading]:
    """What was read of repositories that hold these tags."""
    found = []
    for name, tags in held.items():
        known = record.known_tags(name)
        removed = known.tags.keys() - {each.name for each in tags}
        changed = diff.tags(known.tags, tags, removed=removed, baseline=known.memory is None)
        found.append(TagsReading(name, changed, remembered(), START))
    return found


def test_of_many_readings_only_those_that_another_crawl_wrote_are_not_written(
    archive: Archive,
) -> None:
    scribe = Scribe(archive)
    slow = listed(scribe)
    read = readings(slow, {name: [tag("1", name)] for name in NAMES})
    scribe.finish(slow)
    quick = scribe.begin()
    scribe.read(quick, NAMES[1], [tag("2", "other")])
    scribe.finish(quick)
    late = TagsReading("library/unknown", TagsDiff(), remembered(), START)
    assert sorted(slow.record_readings([*read, late], scribe.passes())) == [NAMES[1], late[0]]
    record = scribe.begin()
    held = {name: set(record.known_tags(name).tags) for name in NAMES}
    assert held == {name: {"2" if name == NAMES[1] else "1"} for name in NAMES}
    assert sorted(slow.record_readings(read, scribe.passes())) == NAMES


FIRST = {
    NAMES[0]: [tag("moves", "a"), tag("stays", "b"), tag("goes", "c")],
    NAMES[1]: [tag("moves", "a", platforms=(image("linux/amd64", "x", 7),))],
    NAMES[2]: [tag("plain", None, platforms=(image("linux/arm64"),))],
    NAMES[3]: [],
}
THEN = {
    NAMES[3]: [tag("late", "a"), tag("moves", "d")],
    NAMES[2]: [tag("plain", "e", platforms=(image("linux/arm64"),))],
    NAMES[1]: [tag("moves", "c", platforms=(image("linux/amd64", "y"),)), tag("new", "b")],
    NAMES[0]: [tag("moves", "d"), tag("stays", "b", last_updated=START, status="active")],
}


LAST = {
    NAMES[0]: [tag("goes", "c"), tag("newer", "f"), tag("moves", "d")],
    NAMES[1]: [tag("moves", "f"), tag("new", "b"), tag("newest", "a")],
    NAMES[2]: [],
    NAMES[3]: [tag("late", "a"), tag("first", "a"), tag("moves", "d")],
}


def everything(store: Store) -> object:
    log = [
        (each.kind, each.repository, each.tag or "", each.old_digest, each.new_digest)
        for each in changes(store)
    ]
    return (
        sorted(log, key=repr),
        [list(store.catalog.tags("docker.io", name)) for name in NAMES],
        [spans(store.catalog.history("docker.io", name)) for name in NAMES],
    )


@pytest.fixture
def second(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Another empty index of the same kind."""
    kind = request.node.callspec.params["database_url"]
    (tmp_path / "second").mkdir()
    with closing(open_store(new_index(kind, tmp_path / "second"), create=False)) as store:
        yield store


def test_together_they_write_what_they_write_one_by_one(store: Store, second: Store) -> None:
    for index, together in ((store, True), (second, False)):
        scribe = Scribe(index.archive)
        for held in (FIRST, THEN, LAST):
            record = listed(scribe)
            read = readings(record, held)
            now = scribe.passes()
            for some in [read] if together else [[each] for each in read]:
                assert not list(record.record_readings(some, now))
            scribe.finish(record)
    assert everything(store) == everything(second)
    tags = {each.tag: each.digest for each in store.catalog.tags("docker.io", NAMES[0])}
    assert tags == {"goes": digest("c"), "newer": digest("f"), "moves": digest("d")}
    ids = [each.id for each in changes(store)]
    assert ids == sorted(set(ids))


@pytest.mark.postgresql
def test_ids_that_another_machine_takes_in_between_are_no_obstacle() -> None:
    url = postgresql_index()
    execute(url, "ALTER SEQUENCE tag_id_seq INCREMENT BY 2")
    with closing(open_store(url, create=False)) as store:
        scribe = Scribe(store.archive)
        record = listed(scribe)
        record.record_readings(readings(record, FIRST), scribe.passes())
        scribe.finish(record)
        held = {(name, each.name): each.digest for name in FIRST for each in FIRST[name]}
        log = {(each.repository, each.tag): each.new_digest for each in changes(store) if each.tag}
        assert log == held
        kept = {
            (name, each.tag): each.digest
            for name in NAMES
            for each in store.catalog.tags("docker.io", name)
        }
        assert kept == held


def test_what_fails_in_one_of_them_writes_none(scribe: Scribe) -> None:
    record = listed(scribe)
    held = {NAMES[0]: [tag("1", "a")], NAMES[1]: [tag("\ud800", "b")], NAMES[2]: []}
    read = readings(record, held)
    with pytest.raises(UsageError):
        record.record_readings(read, scribe.passes())
    assert {name: record.known_tags(name).memory for name in NAMES} == dict.fromkeys(NAMES)
    assert not list(record.record_readings([read[0], read[2]], scribe.passes()))
    assert set(record.known_tags(NAMES[0]).tags) == {"1"}
