"""Questions in SQL to PostgreSQL, which cannot change it nor reach anything else.

Five walls, each enough by itself against most of what could be tried: the transaction is
read-only; the statement is that of a cursor, which may only be a query, and goes through a protocol
that takes one statement; a superuser becomes a role that may read tables and nothing more; of these
the ones in which the server keeps passwords are refused; and no function is called that the server
itself calls volatile, for all that read files, run text as SQL, change settings or roles, wait or
end other sessions are among these.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from indexer.core.errors import StoreError
from indexer.core.printable import shown
from indexer.store.database.errors import postgresql_trouble
from indexer.store.sql_reports import sql_statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from indexer.catalog.sql_reports import Value
    from indexer.core.errors import UsageError
    from indexer.store.sql_reports.sql_statement import Raw, Statement
    from indexer.store.sql_reports.stopwatch import Stopwatch

ROWS = 1_000
"""Fetched at a time."""

_FRESH = "fresh"
_DECLARE = "DECLARE question NO SCROLL CURSOR FOR "
_FETCH = sql.SQL("FETCH FORWARD {} FROM question").format(sql.Literal(ROWS))

_READER = "pg_read_all_data"
"""A role that every server has since PostgreSQL 14: it may read every table, and nothing else."""

_HARMLESS = [
    "clock_timestamp",
    "gen_random_uuid",
    "pg_database_size",
    "pg_indexes_size",
    "pg_relation_size",
    "pg_table_size",
    "pg_total_relation_size",
    "random",
    "timeofday",
]
"""Volatile functions that only tell something."""

_HARMFUL = ["connectby", "crosstab", "crosstab2", "crosstab3", "crosstab4", "xpath_table"]
"""Functions of extensions that run text as SQL, and do not say that they are volatile."""

_FORBIDDEN = """
    SELECT DISTINCT proname FROM pg_catalog.pg_proc
    WHERE proname = ANY(%s)
        AND ((provolatile = 'v' AND NOT proname = ANY(%s)) OR proname = ANY(%s))
"""

_SECRETS = ["pg_authid", "pg_largeobject", "pg_subscription", "pg_user_mapping"]
"""Tables of the server that hold passwords, and what nobody but a superuser may see of others."""

_REACHED = """
    SELECT relname FROM pg_catalog.pg_locks JOIN pg_catalog.pg_class ON pg_class.oid = relation
    WHERE pid = pg_backend_pid() AND relnamespace = 'pg_catalog'::regnamespace
        AND relname = ANY(%s)
    ORDER BY relname LIMIT 1
"""
"""Whatever a statement reads, by whichever name, over views and in functions, is locked for it."""

_OWN_FAULT = ("22", "42", "21", "0A", "2201", "54")
"""Classes of SQLSTATE that the statement is to blame for (PostgreSQL's manual, appendix A)."""

_READ_ONLY = "25006"
_CANCELLED = "57014"
_DENIED = "42501"


class PostgresqlSession:
    """One state of a database, for as long as it is open.

    Args:
        connection: not in a transaction; its own for this.
        where: its name for people.
        close: gives the connection back.
    """

    def __init__(
        self, connection: psycopg.Connection[Raw], where: str, close: Callable[[], None]
    ) -> None:
        self._connection = connection
        self._where = where
        self._close = close
        self._sees_all = False
        with self._reading():
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            connection.execute(f"SAVEPOINT {_FRESH}")

    def close(self) -> None:
        """End the transaction, and give the connection back."""
        self._close()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            meaning = postgresql_trouble(error.sqlstate)
            raise StoreError(f"the database {self._where} {meaning}.") from None

    def version(self) -> str | None:
        """The schema's revision; None if there is none."""
        with self._reading():
            known = self._connection.execute("SELECT to_regclass('alembic_version')").fetchone()
            if known is None or known[0] is None:
                return None
            row = self._connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else None

    def ask(
        self, statement: Statement, values: Mapping[str, Value], watch: Stopwatch
    ) -> tuple[list[str], Iterator[Raw]]:
        """Ask, and give the columns' names and the rows as they come.

        Raises:
            UsageError: the statement is wrong, or wants more than to read.
            Limited: it took too long, be it while the rows are drawn.
            StoreError: the database failed.
        """
        with self._reading():
            # Whatever an earlier question left: its cursor, its role, its error.
            self._connection.execute(f"ROLLBACK TO SAVEPOINT {_FRESH}")
            self._give_up_rights()
            self._check_functions(statement)
        text, places = sql_statement.numbered(statement)
        given = [values[name] for name in statement.parameters]
        cursor = psycopg.RawCursor(self._connection)
        with self._told(statement, watch, places):
            # Prepared: that protocol takes one statement, and no second one behind it.
            cursor.execute(f"{_DECLARE}{text}".encode(), given, prepare=True)
        self._check_secrets(statement)
        rows = self._rows(statement, watch, places)
        first = next(rows)
        return [str(name) for name in first], rows

    def _give_up_rights(self) -> None:
        row = self._connection.execute("SELECT current_setting('is_superuser')").fetchone()
        self._sees_all = row == ("on",)
        if self._sees_all:
            self._connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(_READER)))

    def _check_functions(self, statement: Statement) -> None:
        called = statement.called()
        if not called:
            return
        found = self._connection.execute(_FORBIDDEN, (list(called), _HARMLESS, _HARMFUL))
        for (name,) in found.fetchall():
            raise sql_statement.refused(
                statement.text,
                called[name],
                f"the function {shown(name, 60)} may do more than read the index, and is refused",
            )

    def _check_secrets(self, statement: Statement) -> None:
        """See that nothing was read that the role may read, and nobody should."""
        if not self._sees_all:
            return
        with self._reading():
            found = self._connection.execute(_REACHED, (_SECRETS,)).fetchone()
        if found is not None:
            why = f"the server keeps secrets in {found[0]}, so reading it is refused"
            raise sql_statement.refused(statement.text, 0, why)

    def _rows(self, statement: Statement, watch: Stopwatch, places: list[int]) -> Iterator[Raw]:
        """The columns' names, and then the rows."""
        named = False
        while True:
            with self._told(statement, watch, places):
                cursor = self._connection.execute(_FETCH)
                some = cursor.fetchall()
            self._check_secrets(statement)
            if not named:
                yield tuple(column.name for column in cursor.description or ())
                named = True
            yield from some
            if len(some) < ROWS:
                return

    @contextmanager
    def _told(self, statement: Statement, watch: Stopwatch, places: list[int]) -> Iterator[None]:
        """Keep the time, and turn what PostgreSQL says into sentences."""
        try:
            with watch.running():
                milliseconds = max(int(watch.left * 1_000), 1)
                self._connection.execute(
                    sql.SQL("SET LOCAL statement_timeout = {}").format(sql.Literal(milliseconds))
                )
                yield
        except psycopg.Error as error:
            if error.sqlstate == _CANCELLED:
                raise watch.limited() from None
            if (error.sqlstate or "").startswith(_OWN_FAULT) or error.sqlstate == _READ_ONLY:
                raise _mistake(statement, error, places) from None
            meaning = postgresql_trouble(error.sqlstate)
            raise StoreError(f"the database {self._where} {meaning}.") from None


def _mistake(statement: Statement, error: psycopg.Error, places: list[int]) -> UsageError:
    if error.sqlstate == _READ_ONLY:
        why = "this would do more than read the index, and is refused"
        return sql_statement.refused(statement.text, 0, why)
    said = shown(error.diag.message_primary or "", 300)
    place = int(error.diag.statement_position or 0) - 1 - len(_DECLARE)
    if error.sqlstate == _DENIED:
        said += ": ask for the views (report_...), or for the right to read more"
    old = places[min(place, len(places) - 1)] if place >= 0 else 0
    return sql_statement.refused(statement.text, old, f"PostgreSQL says: {said}")
