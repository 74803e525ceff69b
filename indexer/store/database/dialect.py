"""Statements that differ between the two databases, or that need their drivers' speed."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from indexer.store.database.typed_rows import Row, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy.dialects import postgresql, sqlite
    from sqlalchemy.sql.compiler import SQLCompiler

    from indexer.store.database.typed_rows import Cells, Values

T = TypeVar("T")

CHUNK = 5_000
"""Values in one IN list, or rows in one statement; both databases take some 32,000 parameters."""

_ROWS = 100
"""Rows in one statement of SQLite; its driver keeps the last 128 statements prepared."""

_ARRAYS: dict[type[Any], str] = {
    sa.BigInteger: "bigint[]",
    sa.SmallInteger: "smallint[]",
    sa.Boolean: "boolean[]",
    sa.Text: "text[]",
    sa.LargeBinary: "bytea[]",
}


def insert(connection: sa.Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that supports ON CONFLICT; the two dialects share no class that does."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - only the dialect in use

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - the same, and half as much again

    return postgresql.insert(table)


class IndexedNotNull(FunctionElement[Any]):
    """Whether a column equals a value, written so that PostgreSQL uses the column's index.

    PostgreSQL assumes that the rows of a value are spread evenly. To find the newest one it reads
    all rows from the end, which takes long if the last row of a namespace is old. It prefers an
    index on the column only if ORDER BY names the column, and it drops columns from ORDER BY that
    equal a constant. So the condition is written as a range.

    Args:
        column: the first column of an index, or one that follows such columns.
        value: the value.
    """

    type = sa.Integer()  # for a boolean SQLAlchemy would add `= 1` on SQLite
    inherit_cache = True
    name = "led"

    def __init__(self, column: sa.ColumnElement[Any], value: object) -> None:
        super().__init__(column, sa.literal(value) if isinstance(value, str) else value)


@compiles(IndexedNotNull)
def _led(element: IndexedNotNull, compiler: SQLCompiler, **options: Any) -> str:
    column, value = element.clauses
    return compiler.process(column == value, **options)


@compiles(IndexedNotNull, "postgresql")
def _led_over_a_range(element: IndexedNotNull, compiler: SQLCompiler, **options: Any) -> str:
    column, value = element.clauses
    return compiler.process(column.between(value, value), **options)


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Split values into lists that one statement can take."""
    rest = iter(values)
    while chunk := list(itertools.islice(rest, size)):
        yield chunk


class CompiledStatement:
    """A statement that a crawl executes for every repository, compiled once.

    SQLAlchemy's lookup of its compiled cache takes longer than SQLite takes for the statement.
    Values must be what drivers take: numbers, strings, bytes.
    """

    def __init__(self, statement: sa.Executable) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, dict[str, Any], list[str] | None]] = {}

    def run(self, connection: sa.Connection, parameters: Values) -> sa.CursorResult[Any]:
        """Execute it with a value for each parameter."""
        ready = self._compiled.get(connection.dialect.name)
        if ready is None:
            made = self._statement.compile(dialect=connection.dialect)  # type: ignore[attr-defined] # every statement has it
            ready = made.string, made.params, made.positiontup
            self._compiled[connection.dialect.name] = ready
        text, constants, places = ready
        values = {**constants, **parameters}
        if places is not None:
            return connection.exec_driver_sql(text, tuple([values[name] for name in places]))
        return connection.exec_driver_sql(text, values)


class FetchAll(Generic[Row]):
    """A query that returns all rows at once: strings and numbers, no bytes.

    SQLite packs them into one JSON value. Its driver releases the interpreter lock for each row,
    and then waits for it behind the threads that read from registries.
    """

    def __init__(self, row: type[Row], statement: sa.Select[Row]) -> None:
        self._rows = msgspec.json.Decoder(list[row])  # type: ignore[valid-type] # read as it runs
        rows = statement.subquery()
        packed = sa.func.json_group_array(sa.func.json_array(*rows.c))
        self._packed = CompiledStatement(sa.select(packed))
        self._plain = statement

    def run(self, connection: sa.Connection, parameters: Values) -> list[Row]:
        """Execute it and return the rows."""
        if connection.dialect.name == "sqlite":
            return self._rows.decode(self._packed.run(connection, parameters).scalar() or "[]")
        return read(connection, self._plain, parameters)


class BulkInsert:
    """An INSERT of many rows at the driver's speed; SQLAlchemy's own takes twice as long.

    On SQLite many rows go into one statement: after each statement the driver waits for the
    interpreter lock, behind the threads that read from registries. On PostgreSQL each column is
    passed as one array.

    Args:
        table: the table.
        columns: in the order of the rows' values.
        found_by: for columns that hold the id of another table's row: the column to look it up
            by; the row then holds the value to look for.
        conflict: SQL after the rows; `ON CONFLICT` is the same in both databases.
    """

    def __init__(
        self,
        table: sa.Table,
        columns: Sequence[str],
        *,
        found_by: Mapping[str, sa.Column[bytes]] | None = None,
        conflict: str = "",
    ) -> None:
        found_by = found_by or {}
        head = f"INSERT INTO {table.name} ({', '.join(columns)})"
        plain = ", ".join(_value("?", found_by.get(name)) for name in columns)
        self._head = f"{head} VALUES "
        self._row = f"({plain})"
        self._tail = f" {conflict}"
        types = [_ARRAYS[_kind(found_by.get(name, table.c[name]))] for name in columns]
        arrays = ", ".join(f"%s::{kind}" for kind in types)
        values = ", ".join(_value(f"rows.{name}", found_by.get(name)) for name in columns)
        rows = f"unnest({arrays}) AS rows ({', '.join(columns)})"
        self._whole = f"{head} SELECT {values} FROM {rows} {conflict}"  # noqa: S608 - our own names

    def run(self, connection: sa.Connection, rows: Iterable[Cells]) -> None:
        """Insert the rows, each a tuple in the order of the columns; not all need be in memory."""
        if connection.dialect.name == "sqlite":
            for some in chunks(rows, _ROWS):
                statement = self._head + ",".join([self._row] * len(some)) + self._tail
                connection.exec_driver_sql(statement, tuple(itertools.chain.from_iterable(some)))
            return
        for some in chunks(rows):
            columns = tuple(list(column) for column in zip(*some, strict=True))
            connection.exec_driver_sql(self._whole, columns)


def _value(given: str, found_by: sa.Column[bytes] | None) -> str:
    if found_by is None:
        return given
    name = found_by.name
    return f"(SELECT id FROM {found_by.table} WHERE {name} = {given})"  # noqa: S608 - our own names


def _kind(column: sa.Column[Any]) -> type[Any]:
    return next(kind for kind in _ARRAYS if isinstance(column.type, kind))
