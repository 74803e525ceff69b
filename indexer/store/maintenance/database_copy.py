"""Copies an index from one database into another: `indexer db copy`.

    for each table, parents before children: rows in the order of their keys, in pieces
        rows from an earlier, unfinished copy are compared, and written where they differ
    the sequences of ids, so that no id is used again
    counts and checksums of both sides are compared

Until the end the target is marked as no index yet (`COPYING` in place of its revision). The
source is read in one snapshot; crawls may continue in it.
"""

from __future__ import annotations

import hashlib
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.core.errors import StoreError, UsageError
from indexer.core.humanize import count
from indexer.store.database.dialect import copy_rows, insert
from indexer.store.database.engine import Database
from indexer.store.maintenance.integrity_check import numbered
from indexer.store.schema import migrate
from indexer.store.schema.tables import metadata, namespace_count

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from indexer.store.database.typed_rows import Cells

    Rows = Sequence[Cells]

PIECE = 5_000
"""Rows that are written in one transaction."""

_VERSION = sa.table("alembic_version", sa.column("version_num"))


class Copied(NamedTuple):
    """A table that is the same in both databases: its rows, and the SHA-256 of all of them."""

    table: str
    rows: int
    checksum: str


def copy(source_url: str, target_url: str, progress: Callable[[str, int], None]) -> list[Copied]:
    """Copy the index at one URL into an empty database, or finish such a copy.

    Args:
        source_url: where the index is.
        target_url: a database without an index, or with an unfinished copy of this one.
        progress: called after each piece with the table, and how many of its rows are done.

    Raises:
        StoreError: a database cannot be used, or the copy differs from its source.
        UsageError: both are the same, or the target holds an index.
    """
    with ExitStack() as stack:
        source, target = Database(source_url), Database(target_url)
        for database in (source, target):
            stack.callback(database.close)
        if source.url == target.url:
            raise UsageError("both URLs name the same database: --to wants another one.")
        migrate.make_ready(source, create=False)
        _prepare(target, target_url)
        reading = stack.enter_context(source.reading())
        copied = []
        for table in _tables():
            with closing(_pieces(reading, table)) as pieces:
                copied.append(_copy_table(pieces, target, table, progress))
        _remove_what_is_not_there(reading, target)
        _number_on(reading, target)
        _compare(copied, target)
        with target.writing() as connection:
            connection.execute(sa.update(_VERSION).values(version_num=migrate.HEAD))
        return copied


def _tables() -> list[sa.Table]:
    """All tables, parents before children, but for what triggers write in the target itself."""
    return [table for table in metadata.sorted_tables if table is not namespace_count]


def _prepare(target: Database, url: str) -> None:
    """Create the schema, and mark the target as an unfinished copy."""
    found = migrate.revision_of(target)
    if found == migrate.COPYING:
        return
    if found is not None:
        migrate.make_ready(target, create=False)
        with target.reading() as connection:
            if connection.scalar(
                sa.select(sa.func.count()).select_from(metadata.tables["registry"])
            ):
                raise UsageError(
                    f"there is an index in {target.shown} already: copy into an empty database."
                )
    else:
        migrate.upgrade(url)
    with target.writing() as connection:
        connection.execute(sa.update(_VERSION).values(version_num=migrate.COPYING))


def _copy_table(
    pieces: Iterator[Rows],
    target: Database,
    table: sa.Table,
    progress: Callable[[str, int], None],
) -> Copied:
    done, sums = 0, hashlib.sha256()
    last: Cells | None = None
    with target.reading() as connection:
        is_empty = (
            connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is None
        )
    for rows in pieces:
        _add(sums, rows)
        if is_empty:
            with target.writing() as connection:
                _write(connection, table, rows)
        else:
            last = _mend(target, table, rows, last)
        done += len(rows)
        progress(table.name, done)
    return Copied(table.name, done, sums.hexdigest())


def _pieces(connection: sa.Connection, table: sa.Table) -> Generator[Rows]:
    statement = sa.select(table).order_by(*table.primary_key).execution_options(yield_per=PIECE)
    with connection.execute(statement) as found:
        for piece in found.partitions():
            yield [tuple(row) for row in piece]


def _write(connection: sa.Connection, table: sa.Table, rows: Rows) -> None:
    """Insert rows: many in one statement on SQLite, by COPY on PostgreSQL."""
    names = ", ".join(column.name for column in table.columns)
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(table.columns))
        text = f"INSERT INTO {table.name} ({names}) VALUES ({places})"  # noqa: S608 - our own names
        connection.exec_driver_sql(text, list(rows))
        return
    copy_rows(connection, f"COPY {table.name} ({names}) FROM STDIN", rows)


def _mend(target: Database, table: sa.Table, rows: Rows, after: Cells | None) -> Cells:
    """Write rows that are missing or differ; delete nothing. Returns the last key."""
    key = [column.name for column in table.primary_key]
    places = [list(table.columns.keys()).index(name) for name in key]
    last = tuple(rows[-1][place] for place in places)
    there = sa.select(table).where(sa.tuple_(*table.primary_key) <= sa.tuple_(*last))
    if after is not None:
        there = there.where(sa.tuple_(*table.primary_key) > sa.tuple_(*after))
    with target.writing() as connection:
        found = {tuple(row) for row in connection.execute(there)}
        missing = [
            dict(zip(table.columns.keys(), row, strict=True)) for row in rows if row not in found
        ]
        if missing:
            statement = insert(connection, table)
            others = {name: statement.excluded[name] for name in missing[0] if name not in key}
            connection.execute(
                statement.on_conflict_do_update(index_elements=key, set_=others)
                if others
                else statement.on_conflict_do_nothing(),
                missing,
            )
    return last


def _remove_what_is_not_there(reading: sa.Connection, target: Database) -> None:
    """Delete rows that the source has deleted since an earlier try; children before parents."""
    for table in reversed(_tables()):
        key = list(table.primary_key)
        count = sa.select(sa.func.count()).select_from(table)
        with target.writing() as connection:
            if connection.scalar(count) == reading.scalar(count):
                continue
            keys = sa.select(*key).order_by(*key)
            there = {tuple(row) for row in reading.execute(keys)}
            for row in [tuple(row) for row in connection.execute(keys)]:
                if row not in there:
                    connection.execute(sa.delete(table).where(sa.tuple_(*key) == sa.tuple_(*row)))


def _number_on(reading: sa.Connection, target: Database) -> None:
    """Copy the sequences of ids, so that no id is used again, even if its row was deleted."""
    given = _given(reading)
    with target.writing() as connection:
        for table in numbered():
            number = given.get(table.name, 0)
            if number and not target.is_sqlite:
                sequence = f"{table.name}_id_seq"
                connection.execute(sa.select(sa.func.setval(sequence, number)))
            elif number and table.dialect_options["sqlite"]["autoincrement"]:
                _number_sqlite(connection, table.name, number)


def _number_sqlite(connection: sa.Connection, name: str, number: int) -> None:
    known = sa.table("sqlite_sequence", sa.column("name"), sa.column("seq"))
    connection.execute(sa.delete(known).where(known.c.name == name))
    connection.execute(sa.insert(known).values(name=name, seq=number))


def _given(connection: sa.Connection) -> dict[str, int]:
    """The last id that each table has used."""
    given: dict[str, int] = {}
    for table in numbered():
        last = connection.scalar(sa.select(sa.func.max(table.c.id))) or 0
        if connection.dialect.name != "sqlite":
            sequence = sa.table(
                f"{table.name}_id_seq", sa.column("last_value"), sa.column("is_called")
            )
            value, is_called = connection.execute(sa.select(*sequence.c)).one()
            last = max(last, value if is_called else 0)
        elif table.dialect_options["sqlite"]["autoincrement"]:
            known = sa.table("sqlite_sequence", sa.column("name"), sa.column("seq"))
            last = (
                connection.scalar(sa.select(known.c.seq).where(known.c.name == table.name)) or last
            )
        given[table.name] = int(last)
    return given


def _compare(copied: Sequence[Copied], target: Database) -> None:
    """Read the whole target, and compare it with what was read from the source.

    Raises:
        StoreError: they differ.
    """
    with target.reading() as connection:
        for table, expected in zip(_tables(), copied, strict=True):
            rows, sums = 0, hashlib.sha256()
            with closing(_pieces(connection, table)) as pieces:
                for piece in pieces:
                    _add(sums, piece)
                    rows += len(piece)
            if (rows, sums.hexdigest()) != expected[1:]:
                raise StoreError(
                    f"the copy in {target.shown} is not what it should be: {table.name} has "
                    f"{count(rows, 'row')} where there should be {expected.rows:,}, or others; "
                    "copy again."
                )


def _add(sums: hashlib._Hash, rows: Rows) -> None:
    for row in rows:
        sums.update(repr(row).encode())
