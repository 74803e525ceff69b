"""Runs users' SQL in PostgreSQL, which can neither change nor reach anything else.

Five barriers, each enough alone against most attacks: the transaction is
read-only; the statement is declared as a cursor, which may only be a query, in a protocol
that takes one statement; a superuser switches to a role that can only read tables; reading the
server's tables with passwords is refused; and so is calling a function that the server
marks as volatile, because all functions that read files, run text as SQL, change settings or
roles, wait, or end other sessions are volatile.
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
from indexer.store.sql_reports.fetch_size import FetchSize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from indexer.catalog.sql_reports import Value
    from indexer.core.errors import UsageError
    from indexer.store.sql_reports.sql_statement import Raw, Statement
    from indexer.store.sql_reports.stopwatch import Stopwatch

_FRESH = "fresh"
_DECLARE = "DECLARE question NO SCROLL CURSOR FOR "

_READER = "pg_read_all_data"
"""A role of every server since PostgreSQL 14: it may read every table, and nothing else."""

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
"""Volatile functions that only return information."""

_HARMFUL = ["connectby", "crosstab", "crosstab2", "crosstab3", "crosstab4", "xpath_table"]
"""Functions of extensions that run text as SQL, but are not marked as volatile."""

_FORBIDDEN = """
    SELECT DISTINCT proname FROM pg_catalog.pg_proc
    WHERE proname = ANY(%s)
        AND ((provolatile = 'v' AND NOT proname = ANY(%s)) OR proname = ANY(%s))
"""

_SECRETS = ["pg_authid", "pg_largeobject", "pg_subscription", "pg_user_mapping"]
"""Tables of the server with passwords or data that only a superuser may see."""

_REACHED = """
    SELECT relname FROM pg_catalog.pg_locks JOIN pg_catalog.pg_class ON pg_class.oid = relation
    WHERE pid = pg_backend_pid() AND relnamespace = 'pg_catalog'::regnamespace
        AND relname = ANY(%s)
    ORDER BY relname LIMIT 1
"""
"""Tables that a statement reads, by any name, through views and functions: they are locked."""

_OWN_FAULT = ("22", "42", "21", "0A", "2201", "54")
"""Classes of SQLSTATE for errors in the statement (PostgreSQL's manual, appendix A)."""

_READ_ONLY = "25006"
_CANCELLED = "57014"
_DENIED = "42501"


class PostgresqlSession:
    """One snapshot of a database, while the session is open.

    Args:
        connection: not in a transaction, and used for nothing else.
        where: its name for messages.
        close: returns the connection.
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
        """End the transaction, and return the connection."""
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
        """Run a statement; returns the columns' names, and the rows as a stream.

        Raises:
            UsageError: the statement is wrong, or does more than read.
            Limited: it took too long, also while the rows are read.
            StoreError: the database failed.
        """
        with self._reading():
            # Undo what an earlier statement left: its cursor, its role, its error.
            self._connection.execute(f"ROLLBACK TO SAVEPOINT {_FRESH}")
            self._give_up_rights()
            self._check_functions(statement)
        text, places = sql_statement.numbered(statement)
        given = [values[name] for name in statement.parameters]
        cursor = psycopg.RawCursor(self._connection)
        with self._told(statement, watch, places, is_running=False):
            # Prepared, because that protocol takes one statement only.
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
        calls = statement.function_calls()
        if not calls:
            return
        found = self._connection.execute(_FORBIDDEN, (list(calls), _HARMLESS, _HARMFUL))
        for (name,) in found.fetchall():
            raise sql_statement.refused(
                statement.text,
                calls[name],
                f"the function {shown(name, 60)} may do more than read the index, and is refused",
            )

    def _check_secrets(self, statement: Statement) -> None:
        """Check that the statement did not read a table with secrets."""
        if not self._sees_all:
            return
        with self._reading():
            found = self._connection.execute(_REACHED, (_SECRETS,)).fetchone()
        if found is not None:
            why = f"the server keeps secrets in {found[0]}, so reading it is refused"
            raise sql_statement.refused(statement.text, 0, why)

    def _rows(self, statement: Statement, watch: Stopwatch, places: list[int]) -> Iterator[Raw]:
        """Yield the columns' names, and then the rows."""
        named = False
        size = FetchSize()
        while True:
            with self._told(statement, watch, places, is_running=True):
                cursor = self._connection.execute(
                    sql.SQL("FETCH FORWARD {} FROM question").format(sql.Literal(size.rows))
                )
                some = cursor.fetchall()
            self._check_secrets(statement)
            if not named:
                yield tuple(column.name for column in cursor.description or ())
                named = True
            yield from some
            if len(some) < size.rows:
                return
            size.learn(some)

    @contextmanager
    def _told(
        self, statement: Statement, watch: Stopwatch, places: list[int], *, is_running: bool
    ) -> Iterator[None]:
        """Keep the time limit, and turn PostgreSQL's errors into sentences.

        The text of an error may quote a value that the statement has read. A superuser is not
        shown it once the statement runs, or a function does while it is planned: what was read
        cannot be checked any more, because the error has released the locks that tell.
        """
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
                hidden = self._sees_all and (is_running or bool(error.diag.context))
                raise _mistake(statement, error, places, hidden=hidden) from None
            meaning = postgresql_trouble(error.sqlstate)
            raise StoreError(f"the database {self._where} {meaning}.") from None


def _mistake(
    statement: Statement, error: psycopg.Error, places: list[int], *, hidden: bool
) -> UsageError:
    if error.sqlstate == _READ_ONLY:
        why = "this would do more than read the index, and is refused"
        return sql_statement.refused(statement.text, 0, why)
    if hidden:
        why = (
            f"PostgreSQL says: SQLSTATE {shown(error.sqlstate or '', 10)}. Its text is not shown "
            "to a superuser, as it may quote what only a superuser can read: use a role for "
            "reading ('indexer db grant-reader')"
        )
        return sql_statement.refused(statement.text, 0, why)
    said = shown(error.diag.message_primary or "", 300)
    place = int(error.diag.statement_position or 0) - 1 - len(_DECLARE)
    if error.sqlstate == _DENIED:
        said += ": ask for the views (report_...), or for the right to read more"
    old = places[min(place, len(places) - 1)] if place >= 0 else 0
    return sql_statement.refused(statement.text, old, f"PostgreSQL says: {said}")
