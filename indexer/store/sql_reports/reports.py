"""Runs users' SQL, and reads whole views."""

from __future__ import annotations

import math
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

import msgspec

from indexer.catalog.sql_reports import ReportResult
from indexer.core.catalog_entries import NamespaceAge
from indexer.core.errors import StoreError, UsageError
from indexer.core.model import CrawlStatus
from indexer.core.printable import shown
from indexer.store.database.engine import Database
from indexer.store.database.errors import translated
from indexer.store.schema.migrate import COPYING, HEAD, REVISIONS
from indexer.store.sql_reports import child_process, sql_statement
from indexer.store.sql_reports.sqlite_session import SqliteSession
from indexer.store.sql_reports.stopwatch import Stopwatch
from indexer.store.sql_reports.view_columns import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import psycopg

    from indexer.catalog.sql_reports import Kind, Value
    from indexer.core.catalog_entries import HeldBackList
    from indexer.store.sql_reports.postgresql_session import PostgresqlSession
    from indexer.store.sql_reports.sql_statement import Raw

MOST_BYTES = 256 * 1024**2
"""Bytes of all cells of an answer, about; whole views are exported instead."""

_EXPORT_SECONDS = 24 * 3_600.0
"""Seconds for all rows of one view; an export of a hundred million rows takes minutes."""

_AGES = """
    SELECT newest.registry, newest.namespace, newest.status, whole.finished_at
    FROM (
        SELECT MAX(id) AS newest,
            MAX(CASE WHEN status = 'complete' THEN id END) AS whole
        FROM report_crawls
        WHERE part IS NULL
        GROUP BY registry, namespace
    ) AS known
        JOIN report_crawls AS newest ON newest.id = known.newest
        LEFT JOIN report_crawls AS whole ON whole.id = known.whole
    ORDER BY newest.registry, newest.namespace
"""
"""The last and the last complete crawl of each namespace. Crawls of a part do not count."""


class Reports:
    """The index for SQL: whole views in one snapshot, and statements, each as of one moment.

    It never writes, and never migrates.

    Args:
        url: as SQLAlchemy writes it.

    Raises:
        ConfigError: the URL is invalid.
        StoreError: the database cannot be read, or holds no index of this program's schema.
    """

    def __init__(self, url: str) -> None:
        with ExitStack() as stack:
            self._database = Database(url)
            stack.callback(self._database.close)
            self._asking = self._open()
            stack.callback(self._asking.close)
            self._check_version()
            self._stack = stack.pop_all()

    def close(self) -> None:
        """Close it."""
        self._stack.close()

    def _open(self) -> SqliteSession | PostgresqlSession:
        file = self._database.file
        if file is not None:
            if not file.exists():
                raise self._nothing()
            return SqliteSession(file, self._database.shown)
        return _postgresql(self._database)

    def _nothing(self) -> StoreError:
        return StoreError(
            f"there is no index in {self._database.shown} yet: 'indexer crawl NAMESPACE' makes one."
        )

    def _check_version(self) -> None:
        found = self._asking.version()
        if found is None:
            raise self._nothing()
        if found == HEAD:
            return
        if found in REVISIONS:
            raise StoreError(
                f"the database {self._database.shown} has the schema of an older version "
                f"({found}), and reports change nothing: run 'indexer db upgrade' first."
            )
        if found == COPYING:
            raise StoreError(
                f"the copy into {self._database.shown} was not finished: run 'indexer db copy' "
                "again."
            )
        raise StoreError(
            f"the database {self._database.shown} was made by a newer version of this program "
            f"(schema {shown(found, 40)}): install the newer version."
        )

    @contextmanager
    def ask(
        self, text: str, values: Mapping[str, Value], *, seconds: float, most_rows: int
    ) -> Iterator[ReportResult]:
        """Run one statement.

        Args:
            text: one SELECT, with parameters as `:name`.
            values: for each parameter.
            seconds: that the database may work on it, all its rows included.
            most_rows: rows beyond this number, or beyond `MOST_BYTES`, are dropped.

        Raises:
            UsageError: the SQL is wrong, or does more than read; the message shows the place.
            Limited: it took too long, also while the rows are read.
            StoreError: the database failed.
        """
        statement = sql_statement.read(text)
        sql_statement.check_parameters(statement, values)
        if not self._database.is_sqlite:
            values = {name: None if value is None else str(value) for name, value in values.items()}
        file = self._database.file
        if file is None:
            names, rows = self._asking.ask(statement, values, Stopwatch(seconds))
            yield ReportResult(_distinct(names), map(_plain_row, rows), most_rows, MOST_BYTES)
            return
        where = self._database.shown
        with closing(child_process.ask(file, where, statement, values, seconds)) as sent:
            names = [str(name) for name in next(sent)[0]]
            stream = map(_plain_row, chain.from_iterable(sent))
            yield ReportResult(_distinct(names), stream, most_rows, MOST_BYTES)

    def views(self) -> Mapping[str, Mapping[str, Kind]]:
        """The views, and the columns of each, in order."""
        return COLUMNS

    def ages(self, now: datetime) -> list[NamespaceAge]:
        """The age of what is known of each namespace, in the same snapshot.

        It reads a view, because a role of PostgreSQL that was granted the views reads nothing else.
        So it does not see whether a crawl that is recorded as running was killed.

        Args:
            now: the time; what a report is of does not depend on it.

        Raises:
            StoreError: the account may not read that view.
        """
        del now
        statement = sql_statement.read(_AGES)
        try:
            _, rows = self._asking.ask(statement, {}, Stopwatch(_EXPORT_SECONDS))
        except UsageError:
            raise StoreError(
                f"how old the index is cannot be said: this account of {self._database.shown} may "
                "not read the view report_crawls."
            ) from None
        return [
            NamespaceAge(
                str(registry),
                str(namespace),
                _time(whole_at),
                CrawlStatus(str(status)),
                is_running=status == CrawlStatus.RUNNING,
            )
            for registry, namespace, status, whole_at in map(_plain_row, rows)
        ]

    @staticmethod
    def held_back() -> list[HeldBackList]:
        """Nothing: no view has the removals that are held back, and a report is of all."""
        return []

    def rows(self, view: str) -> Iterator[tuple[Value, ...]]:
        """All rows of a view, by `id` where it has one. All views are read in the same snapshot.

        Only one result can be open: the next call ends the one before.
        """
        columns = COLUMNS[view]
        order = " ORDER BY id" if "id" in columns else ""
        text = f"SELECT {', '.join(columns)} FROM {view}{order}"  # noqa: S608 - our own names
        statement = sql_statement.read(text)
        _, rows = self._asking.ask(statement, {}, Stopwatch(_EXPORT_SECONDS))
        return map(_plain_row, rows)


def _postgresql(database: Database) -> PostgresqlSession:
    # Imported here because the driver takes a tenth of a second.
    from indexer.store.sql_reports.postgresql_session import PostgresqlSession  # noqa: PLC0415

    with translated(database.shown):
        opened = database.engine.connect()
    connection = cast("psycopg.Connection[Any]", opened.connection.driver_connection)
    connection.autocommit = True  # the transaction is opened by hand, read-only
    return PostgresqlSession(connection, database.shown, close=opened.invalidate)


def _distinct(names: list[str]) -> tuple[str, ...]:
    """Names of columns made unique: the second `count` is `count_2`."""
    found: dict[str, None] = {}
    for name in names:
        distinct, number = name, 2
        while distinct in found:
            distinct, number = f"{name}_{number}", number + 1
        found[distinct] = None
    return tuple(found)


def _plain_row(row: Raw) -> tuple[Value, ...]:
    """A row in the types that both databases share."""
    return tuple(
        [
            value if type(value) in _PLAIN else _CONVERSIONS.get(type(value), str)(value)
            for value in row
        ]
    )


def _time(text: Value) -> datetime | None:
    """A time of a view."""
    return None if text is None else datetime.fromisoformat(str(text)).replace(tzinfo=UTC)


def _of_time(time: datetime) -> str:
    return str(time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time)


def _of_float(number: float) -> Value:
    """A float; JSON has no infinity."""
    return number if math.isfinite(number) else str(number)


def _of_decimal(number: Decimal) -> Value:
    """A decimal as SQLite would return it: an integer or a float."""
    is_whole = number.is_finite() and int(number.as_tuple().exponent) >= 0
    return int(number) if is_whole else _of_float(float(number))


def _of_json(value: object) -> str:
    return msgspec.json.encode(value, enc_hook=str).decode()


_PLAIN = {str, int, type(None)}

_CONVERSIONS: Mapping[type[Any], Callable[[Any], Value]] = {
    bool: int,
    float: _of_float,
    Decimal: _of_decimal,
    datetime: _of_time,
    bytes: bytes.hex,
    list: _of_json,
    dict: _of_json,
    tuple: _of_json,
}
