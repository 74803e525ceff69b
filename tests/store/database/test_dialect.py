"""Statements at the drivers' speed: they hand over any text, and fail as all others do."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import pytest
import sqlalchemy as sa

from indexer.core.errors import StoreError, UsageError
from indexer.store.database.dialect import (
    CHUNK,
    BulkInsert,
    CompiledStatement,
    FetchByValue,
    array_text,
    new_ids,
)
from indexer.store.database.engine import Database
from indexer.store.schema.tables import media_type
from tests.support.databases import postgresql_index

if TYPE_CHECKING:
    from collections.abc import Iterator

HOSTILE = [
    "",
    "NULL",
    '"',
    "\\",
    '\\"',
    "{a,b}",
    "a\nb\tc",
    "\\N",
    "\\.",
    "é😀",
    "%s",
    "'; --",
    " x ",
]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with closing(Database(database_url)) as database:
        yield database


class Named(NamedTuple):
    """A media type."""

    id: int
    name: str


BY_NAME = FetchByValue(Named, media_type.c.name)


@pytest.mark.parametrize("conflict", ["", "ON CONFLICT (name) DO NOTHING"])
def test_any_text_is_inserted_as_it_is(database: Database, conflict: str) -> None:
    add = BulkInsert(media_type, ("id", "name"), conflict=conflict)
    with database.writing() as connection:
        ids = [*new_ids(connection, media_type, len(HOSTILE))]
        assert ids == [*range(ids[0], ids[0] + len(HOSTILE))]
        rows = [*zip(ids, HOSTILE, strict=True)]
        add.run(connection, rows)
        add.run(connection, [])
        if conflict:
            add.run(connection, [(number + 100, name) for number, name in rows])
    with database.reading() as connection:
        assert [tuple(each) for each in connection.execute(sa.select(media_type))] == rows
        found = BY_NAME.run(connection, [*HOSTILE, *map(str, range(CHUNK))])
        assert sorted(tuple(each) for each in found) == rows


def test_a_statement_is_executed_for_each_of_many(database: Database) -> None:
    rename = CompiledStatement(
        sa.update(media_type)
        .where(media_type.c.id == sa.bindparam("number"))
        .values(name=sa.bindparam("new"))
        .returning(media_type.c.name)
    )
    with database.writing() as connection:
        BulkInsert(media_type, ("id", "name")).run(connection, [(1, "a"), (3, "b")])
        wanted = [{"number": number, "new": f"new {number}"} for number in (3, 2, 1)]
        found = rename.run_each(connection, wanted)
        assert [[*map(tuple, rows)] for rows in found] == [[("new 3",)], [], [("new 1",)]]
        assert rename.run_each(connection, []) == []


@pytest.mark.parametrize("name", ["twice", "\ud800"])
def test_what_cannot_be_inserted_is_an_error_as_any_other(database: Database, name: str) -> None:
    with pytest.raises((StoreError, UsageError)), database.writing() as connection:
        BulkInsert(media_type, ("id", "name")).run(connection, [(1, "twice"), (2, name)])
    with database.reading() as connection:
        assert connection.execute(sa.select(media_type)).all() == []


@pytest.mark.postgresql
def test_arrays_are_read_as_they_were_written() -> None:
    statement = "SELECT * FROM unnest(%s::text[], %s::bigint[], %s::bytea[], %s::boolean[])"
    texts = [*HOSTILE, None]
    numbers = [*range(-1, len(HOSTILE) - 1), None]
    blobs = [*(each.encode() for each in HOSTILE), None]
    truths = [*(bool(number % 2) for number in range(len(HOSTILE))), None]
    given = texts, numbers, blobs, truths
    with closing(Database(postgresql_index())) as database, database.reading() as connection:
        found = connection.exec_driver_sql(statement, tuple(map(array_text, given))).all()
    assert [tuple(each) for each in found] == [*zip(*given, strict=True)]


@pytest.mark.postgresql
@pytest.mark.parametrize("text", ["a\x00b"])
def test_a_text_that_postgresql_cannot_hold_is_an_error_in_a_copy_too(text: str) -> None:
    with closing(Database(postgresql_index())) as database:
        with pytest.raises(StoreError), database.writing() as connection:
            BulkInsert(media_type, ("id", "name")).run(connection, [(1, text)])
        with database.writing() as connection:
            BulkInsert(media_type, ("id", "name")).run(connection, [(1, "a")])
