"""Each write is one transaction: all of it or nothing, and readers never see a part."""

from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from indexer.core.catalog_entries import ChangeFilter
from indexer.core.errors import UsageError
from indexer.core.model import Repository
from indexer.crawl.diff import RepositoriesDiff
from indexer.store import open_store
from tests.store.scribe import START, Scribe, changes, digest, image, remembered, tag, told

if TYPE_CHECKING:
    from indexer.store import Store
    from indexer.store.catalog.catalog import Catalog

NGINX = "library/nginx"
UNWRITABLE = "\ud800"
"""Half of a character: no database takes it, and it never comes out of `indexer.sources`."""


def everything(catalog: Catalog) -> object:
    """All that the index tells, but for its crawls."""
    repositories = list(catalog.repositories())
    names = [(each.registry, each.repository) for each in repositories]
    return (
        repositories,
        [list(catalog.tags(*name)) for name in names],
        [list(catalog.history(*name)) for name in names],
        list(catalog.changes(ChangeFilter(baseline=True))),
    )


def test_a_write_of_tags_that_fails_in_the_middle_leaves_nothing(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": [tag("moves", "one"), tag("goes", "two")]})
    record = scribe.begin()
    before = record.known_tags(NGINX), everything(store.catalog)
    with pytest.raises(UsageError):
        scribe.read(record, NGINX, [tag("moves", "two"), tag(UNWRITABLE, "three")])
    assert (record.known_tags(NGINX), everything(store.catalog)) == before


def test_a_write_of_repositories_that_fails_in_the_middle_leaves_nothing(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": [tag("latest", "one")], "redis": []})
    record = scribe.begin()
    before = record.known_repositories(), everything(store.catalog)
    with pytest.raises(UsageError):
        scribe.list(
            record,
            [Repository("library/redis", START, UNWRITABLE), Repository("library/new", None)],
        )
    assert (record.known_repositories(), everything(store.catalog)) == before


def test_a_removal_that_cannot_be_written_to_its_end_removes_nothing(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": [tag("latest", "one")]})
    record = scribe.begin()
    record.known_repositories()
    before = everything(store.catalog)
    wrong = RepositoriesDiff(removed=(NGINX, "library/never-seen"))
    with pytest.raises(LookupError):
        record.record_repositories(wrong, remembered(), START)
    assert everything(store.catalog) == before


def test_the_crawl_goes_on_after_a_write_that_failed(store: Store, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [tag("latest", "one")]})
    record = scribe.begin()
    with pytest.raises(UsageError):
        scribe.read(record, NGINX, [tag(UNWRITABLE, "three")])
    scribe.read(record, NGINX, [tag("latest", "two")])
    done = scribe.finish(record)
    assert told(changes(store, crawl=done.id)) == [("tag_retagged", NGINX, "latest")]


def test_what_a_failed_write_had_numbered_is_not_remembered(store: Store, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [tag("latest", "one")]})
    record = scribe.begin()
    lost = image("lost/lost", "a")
    with pytest.raises(UsageError):
        scribe.read(record, NGINX, [tag(UNWRITABLE, "two", platforms=(lost,), media_type="lost")])
    scribe.read(record, NGINX, [])
    later = image("linux/arm64", "b")
    scribe.read(record, NGINX, [tag("first", "three", platforms=(later,), media_type="later")])
    scribe.read(
        record,
        NGINX,
        [
            tag("first", "three", platforms=(later,)),
            tag("second", "four", platforms=(lost,), media_type="lost"),
        ],
    )
    assert [each.platforms for each in store.catalog.tags("docker.io", NGINX)] == [
        (later,),
        (lost,),
    ]


def test_what_is_read_while_somebody_writes_is_one_state(store: Store, scribe: Scribe) -> None:
    many = [tag(f"{number:04}", f"{number}") for number in range(2_500)]
    scribe.crawl({"nginx": many})
    tags = store.catalog.tags("docker.io", NGINX)
    log = store.catalog.changes(ChangeFilter(baseline=True))
    first = next(tags), next(log)
    scribe.crawl({"nginx": [tag("0000", "other"), *many[5:1_500], tag("9999", "new")]})
    assert [first[0].digest, *(each.digest for each in tags)] == [each.digest for each in many]
    assert len([first[1], *log]) == 2_501


def test_an_answer_that_was_asked_for_earlier_knows_what_was_written_before_it_is_read(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": []})
    answer = store.catalog.tags("docker.io", NGINX)
    scribe.crawl({"nginx": [tag("latest", "one", platforms=(image("plan9/mips", "a"),))]})
    seen = [(each.tag, [str(place) for place in each.platforms]) for each in answer]
    assert seen in ([], [("latest", ["plan9/mips"])])


def test_a_reader_is_not_kept_waiting_by_a_write_that_waits(
    store: Store, database_url: str, scribe: Scribe
) -> None:
    scribe.crawl({"nginx": [tag("latest", "one")]})
    reader = store.catalog.changes(ChangeFilter(baseline=True))
    next(reader)
    with closing(open_store(database_url, create=False)) as other:
        Scribe(other.archive, namespace="ansible").crawl({"ansible": [tag("latest", "two")]})
        assert len(told(changes(other))) == 4
    assert len(list(reader)) == 1


@pytest.mark.parametrize("crawls", [15])
def test_the_numbers_of_changes_become_visible_in_their_order(
    database_url: str, store: Store, crawls: int
) -> None:
    """Two crawls write at once, and store the same content, while a consumer keeps its cursor."""
    failures: list[BaseException] = []
    others = [open_store(database_url, create=False) for _ in range(2)]

    def write(number: int) -> None:
        scribe = Scribe(others[number].archive, namespace=f"team{number}")
        try:
            for turn in range(crawls):
                shared = [tag(f"{n}", f"{turn + n}") for n in range(20)]
                scribe.crawl({"one": shared, "two": shared[turn % 20 :]})
        except BaseException as error:  # noqa: BLE001 - told by the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    seen: list[int] = []
    while any(thread.is_alive() for thread in threads):
        cursor = seen[-1] if seen else 0
        visible = [change.id for change in changes(store)]
        assert visible == sorted(set(visible))
        assert [number for number in visible if number <= cursor] == seen
        seen = visible
    for thread in threads:
        thread.join()
    for other in others:
        other.close()
    assert failures == []
    for number in range(2):
        mine = changes(store, namespace=f"team{number}", baseline=False)
        assert {change.new_digest for change in mine} >= {digest(f"{crawls + 18}")}


def test_two_crawls_of_one_program_store_new_content_at_once(store: Store) -> None:
    """Both through one archive, as a daemon does: neither may rely on what the other rolls back."""
    failures: list[BaseException] = []

    def write(number: int) -> None:
        scribe = Scribe(store.archive, namespace=f"team{number}")
        try:
            for turn in range(20):
                places = [image(f"os{(turn + n) % 23}/cpu{number}", f"{turn}") for n in range(9)]
                scribe.crawl({"one": [tag("t", f"{number}-{turn}", platforms=tuple(places))]})
        except BaseException as error:  # noqa: BLE001 - told by the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    for number in range(2):
        (entry,) = store.catalog.tags("docker.io", f"team{number}/one")
        assert [str(each) for each in entry.platforms] == [
            f"os{(19 + n) % 23}/cpu{number}" for n in range(9)
        ]


def test_a_listing_that_says_the_same_as_before_writes_nothing_of_it(
    store: Store, scribe: Scribe
) -> None:
    held = Repository("library/redis", START, pulls=7)
    memory = remembered(full_at=START)
    record = scribe.begin()
    known = record.known_repositories()
    record.record_repositories(RepositoriesDiff(added=(held,), baseline=True), memory, START)
    same = RepositoriesDiff(counted=(held,))
    statements: list[str] = []

    def note(*event: object) -> None:
        statements.append(str(event[2]))

    known = record.known_repositories()
    sa.event.listen(Engine, "before_cursor_execute", note)
    try:
        record.record_repositories(same, memory, START)
        same_again = record.known_repositories()
        assert (same_again.revision, same_again.memory) == (known.revision, memory)
        assert not [each for each in statements if each.startswith(("UPDATE", "INSERT"))]

        more = RepositoriesDiff(counted=(replace(held, pulls=8),))
        record.record_repositories(more, memory, START)
        assert record.known_repositories().revision == known.revision + 1
    finally:
        sa.event.remove(Engine, "before_cursor_execute", note)
    (entry,) = store.catalog.repositories()
    assert entry.pulls == 8
