"""What is counted of namespaces when it is written."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.store.database.engine import Database
from indexer.store.schema.tables import namespace_count
from tests.store.scribe import Scribe, tag

if TYPE_CHECKING:
    from indexer.store import Store

HELD = {"nginx": [tag("one", "a"), tag("two", "b")], "redis": [tag("three", "c")]}


def rows(url: str) -> list[tuple[int, int]]:
    with closing(Database(url)) as database, database.reading() as connection:
        counted = sa.select(namespace_count.c.repositories, namespace_count.c.tags)
        return [(row[0], row[1]) for row in connection.execute(counted)]


def test_a_crawl_leaves_one_row_of_counts_however_many_transactions_it_took(
    scribe: Scribe, database_url: str
) -> None:
    scribe.crawl(HELD)
    assert rows(database_url) == [(2, 3)]
    crawl = scribe.crawl({"nginx": [tag("one", "a")]})
    assert rows(database_url) == [(1, 1)]
    assert (crawl.repositories, crawl.tags) == (1, 1)


def test_while_a_crawl_runs_its_namespace_counts_what_was_read(
    store: Store, scribe: Scribe
) -> None:
    scribe.crawl(HELD)
    other = Scribe(store.archive, namespace="ansible")
    other.crawl({"awx": [tag("one", "a")]})
    record = scribe.begin()
    record.known_repositories()
    scribe.read(record, "library/nginx", [tag("one", "a")])
    known = {each.namespace: (each.repositories, each.tags) for each in store.catalog.namespaces()}
    scribe.finish(record)
    assert known == {"library": (2, 2), "ansible": (1, 1)}
