"""Statements that differ between the two databases, or that need their drivers' speed."""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from indexer.store.database.typed_rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy.dialects import postgresql, sqlite
    from sqlalchemy.sql.compiler import SQLCompiler

    from indexer.store.database.typed_rows import Cells, Value, Values

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
        text, constants, places = self._ready(connection)
        values = {**constants, **parameters}
        if places is not None:
            return connection.exec_driver_sql(text, tuple([values[name] for name in places]))
        return connection.exec_driver_sql(text, values)

    def run_each(
        self, connection: sa.Connection, parameters: Sequence[Values]
    ) -> list[Sequence[Any]]:
        """Execute it once for each of several values, and return what each execution returns.

        PostgreSQL is sent all before its first answer is awaited.
        """
        if connection.dialect.name == "sqlite" or not parameters:
            return [self.run(connection, each).all() for each in parameters]
        text, constants, _ = self._ready(connection)
        with driver_errors(connection, text) as driver:
            cursor = driver.cursor()
            cursor.executemany(text, [{**constants, **each} for each in parameters], returning=True)
            found = [cursor.fetchall()]
            while cursor.nextset():
                found.append(cursor.fetchall())
            return found

    def _ready(self, connection: sa.Connection) -> tuple[str, dict[str, Any], list[str] | None]:
        """The text, its constants, and the names of its parameters where they go by place."""
        ready = self._compiled.get(connection.dialect.name)
        if ready is None:
            made = self._statement.compile(dialect=connection.dialect)  # type: ignore[attr-defined] # every statement has it
            ready = made.string, made.params, made.positiontup
            self._compiled[connection.dialect.name] = ready
        return ready


class FetchByValue(Generic[Row]):
    """A query of the rows in which a column has any of many values.

    SQLAlchemy writes such a list of parameters anew each time, which takes longer than the query.

    Args:
        row: a `NamedTuple` of the columns that are asked for.
        column: which has one of the values.
    """

    def __init__(self, row: type[Row], column: sa.Column[Any]) -> None:
        names = ", ".join(row._fields)  # type: ignore[attr-defined] # a NamedTuple has them
        head = f"SELECT {names} FROM {column.table} WHERE {column.name}"  # noqa: S608 - our own names
        self._each = f"{head} IN "
        self._array = f"{head} = ANY(%s::{_ARRAYS[_kind(column)]})"

    def run(self, connection: sa.Connection, values: Iterable[Value]) -> Iterator[Row]:
        """Execute it, in chunks, and yield the rows."""
        for some in chunks(values):
            found: Any
            if connection.dialect.name == "sqlite":
                text = f"{self._each}({','.join('?' * len(some))})"
                found = connection.exec_driver_sql(text, tuple(some))
            else:
                found = connection.exec_driver_sql(self._array, (array_text(some),))
            yield from found.all()


class BulkInsert:
    """An INSERT of many rows at the driver's speed; SQLAlchemy's own takes twice as long.

    On SQLite many rows go into one statement: after each statement the driver waits for the
    interpreter lock, behind the threads that read from registries. PostgreSQL gets them by COPY;
    where there is a `conflict`, which COPY does not know, each column as one array.

    Args:
        table: the table.
        columns: in the order of the rows' values.
        conflict: SQL after the rows; `ON CONFLICT` is the same in both databases.
    """

    def __init__(self, table: sa.Table, columns: Sequence[str], *, conflict: str = "") -> None:
        names = ", ".join(columns)
        head = f"INSERT INTO {table.name} ({names})"
        self._head = f"{head} VALUES "
        self._row = f"({', '.join('?' * len(columns))})"
        self._tail = f" {conflict}"
        arrays = ", ".join(f"%s::{_ARRAYS[_kind(table.c[name])]}" for name in columns)
        self._arrays = f"{head} SELECT * FROM unnest({arrays}) {conflict}" if conflict else None  # noqa: S608 - our own names
        self._copy = f"COPY {table.name} ({names}) FROM STDIN"

    def run(self, connection: sa.Connection, rows: Iterable[Cells]) -> None:
        """Insert the rows, each a tuple in the order of the columns; not all need be in memory."""
        if connection.dialect.name == "sqlite":
            for some in chunks(rows, _ROWS):
                statement = self._head + ",".join([self._row] * len(some)) + self._tail
                connection.exec_driver_sql(statement, tuple(itertools.chain.from_iterable(some)))
        elif self._arrays is None:
            copy_rows(connection, self._copy, rows)
        else:
            for some in chunks(rows):
                columns = tuple(array_text(column) for column in zip(*some, strict=True))
                connection.exec_driver_sql(self._arrays, columns)


def array_text(values: Iterable[Value]) -> str:
    """An array as PostgreSQL reads it (its manual, 8.15.2): the driver takes ten times as long."""
    return f"{{{','.join(map(_element, values))}}}"


def _element(value: Value) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f'"\\\\x{value.hex()}"'
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return str(value)


def copy_rows(connection: sa.Connection, statement: str, rows: Iterable[Cells]) -> None:
    """Write rows to PostgreSQL by a COPY statement."""
    with driver_errors(connection, statement) as driver, driver.cursor().copy(statement) as out:
        for row in rows:
            out.write_row(row)


@contextmanager
def driver_errors(connection: sa.Connection, statement: str) -> Iterator[Any]:
    """The driver's connection, for what SQLAlchemy does not know: COPY, and pipelines.

    Raises:
        DBAPIError: what SQLAlchemy raises for any other statement that fails.
    """
    dialect, driver = connection.dialect, connection.connection.driver_connection
    assert driver is not None
    assert dialect.dbapi is not None
    try:
        yield driver
    except dialect.dbapi.Error as error:
        is_lost = dialect.is_disconnect(error, driver, None)
        if is_lost:
            connection.invalidate(error)
        raise sa.exc.DBAPIError.instance(
            statement,
            None,
            error,
            dialect.dbapi.Error,
            connection_invalidated=is_lost,
            dialect=dialect,
        ) from error


def new_ids(connection: sa.Connection, table: sa.Table, number: int) -> Sequence[int]:
    """Ids for so many new rows of a table, which this transaction will insert."""
    if connection.dialect.name == "sqlite":  # it has the write lock
        last = connection.scalar(sa.select(sa.func.max(table.c.id))) or 0
        return range(last + 1, last + 1 + number)
    sequence = "SELECT pg_get_serial_sequence(%s, 'id')::regclass AS name OFFSET 0"
    text = f"SELECT array_agg(nextval(name)) FROM ({sequence}) AS s, generate_series(1, %s)"  # noqa: S608 - our own names
    found: list[int] = connection.exec_driver_sql(text, (table.name, number)).scalar_one()
    return found


def _kind(column: sa.Column[Any]) -> type[Any]:
    return next(kind for kind in _ARRAYS if isinstance(column.type, kind))
