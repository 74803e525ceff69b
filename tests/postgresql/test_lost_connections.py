"""Connections that are lost in the middle of a crawl's transactions, and at the end of them."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from indexer.core.errors import Conflict, StoreError
from indexer.core.model import CrawlStatus, Repository
from indexer.crawl import diff
from indexer.crawl.diff import TagsDiff
from indexer.crawl.write_buffer import TagsReading
from indexer.store import open_store
from indexer.store.database import engine
from indexer.store.database.engine import Database
from indexer.store.database.retry import TRIES
from tests.postgresql.front import Front
from tests.postgresql.test_connections import folder, over
from tests.store.schemas import execute
from tests.store.scribe import START, Scribe, changes, remembered, spans, tag, told
from tests.support.databases import postgresql_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.core.model import Tag
    from indexer.store import Store

pytestmark = pytest.mark.postgresql

ONE: dict[str, list[Tag]] = {"nginx": [tag("latest", "one"), tag("1", "one")], "redis": []}
TWO: dict[str, list[Tag]] = {"nginx": [tag("latest", "two"), tag("2", "two")]}

COMMIT = b"COMMIT\x00"
"""Not the end of READ COMMITTED."""

CUT = """
    CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF nextval('cuts') IN ({numbers}) THEN
            PERFORM pg_terminate_backend(pg_backend_pid());
        END IF;
        RETURN NULL;
    END $$
"""
"""A sequence counts on when a transaction is undone."""


def cut(url: str, table: str, *numbers: int) -> None:
    """Let the server end the connection of whoever writes a table, each of those times."""
    execute(
        url,
        "CREATE SEQUENCE cuts",
        CUT.format(numbers=", ".join(map(str, numbers))),
        f"CREATE TRIGGER cut BEFORE INSERT OR UPDATE OR DELETE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION cut()",
    )


def written(url: str) -> int:
    """How often the table was written, or tried to."""
    with closing(Database(url)) as database, database.reading() as connection:
        return int(connection.scalar(sa.text("SELECT last_value FROM cuts")) or 0)


@pytest.fixture
def url() -> str:
    return postgresql_index()


def two_crawls(store: Store) -> None:
    scribe = Scribe(store.archive)
    for held in (ONE, TWO):
        assert scribe.crawl(held).status is CrawlStatus.COMPLETE


def everything(store: Store) -> tuple[object, ...]:
    """What the index says of two crawls."""
    return (
        [(each.id, each.observed_at) for each in changes(store)],
        told(changes(store)),
        spans(store.catalog.history("docker.io", "library/nginx")),
        [each.tags for each in store.catalog.repositories()],
    )


@pytest.fixture(scope="module")
def undisturbed() -> tuple[object, ...]:
    with closing(open_store(postgresql_index(), create=False)) as store:
        two_crawls(store)
        return everything(store)


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("table", ["repository", "tag", "change", "history", "manifest"])
def test_a_transaction_that_is_cut_is_done_once_more(
    url: str, undisturbed: tuple[object, ...], table: str, number: int
) -> None:
    cut(url, table, number)
    with closing(open_store(url, create=False)) as store:
        two_crawls(store)
        assert everything(store) == undisturbed
    assert written(url) > number


def test_a_crawl_that_is_cut_while_it_finishes_finishes_once_more(url: str) -> None:
    with closing(open_store(url, create=False)) as store:
        scribe = Scribe(store.archive)
        scribe.crawl(ONE)
        record = scribe.begin()
        cut(url, "crawl", 1)
        scribe.list(record, [])
        assert scribe.finish(record).status is CrawlStatus.COMPLETE
    assert written(url) > 1


def test_a_connection_that_is_always_cut_ends_the_crawl_with_a_sentence(url: str) -> None:
    cut(url, "tag", *range(1, 100))
    with closing(open_store(url, create=False)) as store:
        scribe = Scribe(store.archive)
        with pytest.raises(StoreError, match="ended the connection, as it does when it restarts"):
            scribe.crawl(ONE)
    assert written(url) == TRIES


@pytest.fixture
def front(url: str) -> Iterator[Front]:
    with Front(folder(url)) as front:
        yield front


def test_a_commit_whose_answer_is_lost_is_not_done_twice(
    url: str, front: Front, undisturbed: tuple[object, ...]
) -> None:
    with closing(open_store(over(front, url), create=False)) as store:
        scribe = Scribe(store.archive)
        scribe.crawl(ONE)
        record = scribe.begin()
        for act in (
            lambda: scribe.list(record, [Repository("library/nginx", START)]),
            lambda: scribe.read(record, "library/nginx", TWO["nginx"]),
            lambda: scribe.finish(record),
        ):
            front.swallows = COMMIT
            act()
            assert front.swallows is None
        assert everything(store) == undisturbed


@pytest.mark.parametrize("lost_at", [COMMIT, b"INSERT INTO manifest"])
def test_readings_that_are_written_together_are_written_once(
    url: str, front: Front, lost_at: bytes
) -> None:
    with closing(open_store(over(front, url), create=False)) as store:
        scribe = Scribe(store.archive)
        scribe.crawl(ONE)
        record = scribe.begin()
        before = len(changes(store))
        readings = [TagsReading("library/unknown", TagsDiff(), remembered(), START)]
        for name, new in (("library/nginx", "2"), ("library/redis", "7")):
            known = record.known_tags(name)
            found = diff.tags(known.tags, [tag(new, new)], removed=known.tags)
            readings.append(TagsReading(name, found, remembered(), START))
        front.swallows = lost_at
        assert list(record.record_readings(readings, scribe.passes())) == ["library/unknown"]
        assert not front.swallows
        scribe.finish(record)
        assert sorted(told(changes(store)[before:])) == [
            ("tag_added", "library/nginx", "2"),
            ("tag_added", "library/redis", "7"),
            ("tag_removed", "library/nginx", "1"),
            ("tag_removed", "library/nginx", "latest"),
        ]


def test_what_is_read_is_read_once_more(url: str, front: Front) -> None:
    with closing(open_store(over(front, url), create=False)) as store:
        scribe = Scribe(store.archive)
        scribe.crawl(ONE)
        record = scribe.begin()
        for read in (
            record.known_repositories,
            record.change_rates,
            lambda: record.known_tags("library/nginx"),
            lambda: store.manifests.tag_names("docker.io", "library/nginx"),
        ):
            expected = read()
            front.swallows = b"SELECT"
            assert read() == expected
            assert front.swallows is None
        scribe.finish(record)


@pytest.mark.parametrize("reads", [True, False])
def test_another_crawl_that_took_over_meanwhile_is_respected(
    url: str, front: Front, monkeypatch: pytest.MonkeyPatch, *, reads: bool
) -> None:
    """The answer to a commit is lost, and the server is away for us; others reach it."""
    with (
        closing(open_store(url, create=False)) as others,
        closing(open_store(over(front, url), create=False)) as store,
    ):
        scribe, other = Scribe(store.archive), Scribe(others.archive)
        scribe.crawl(ONE)
        record = scribe.begin()

        def sleep(_seconds: float) -> None:
            wait_until_free(url)
            other.now = scribe.now
            other.crawl({"nginx": ONE["nginx"] if reads else None})
            front.come_back()

        monkeypatch.setattr(engine, "sleep", sleep)
        front.swallows, front.stops_then = COMMIT, True
        with pytest.raises(Conflict, match="another crawl"):
            scribe.read(record, "library/nginx", TWO["nginx"])
        tags = [each.tag for each in others.catalog.tags("docker.io", "library/nginx")]
        assert tags == (["1", "latest"] if reads else ["2", "latest"])


def wait_until_free(url: str) -> None:
    """Until the server has noticed that a client is gone, and gave its lock back."""
    held = sa.text(
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
        " WHERE locktype = 'advisory' AND datname = current_database()"
    )
    with closing(Database(url)) as database:
        while True:
            with database.reading() as connection:
                if not connection.scalar(held):
                    return
