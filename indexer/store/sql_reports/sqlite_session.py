"""Runs users' SQL in an SQLite file, which can neither change nor reach anything else.

The file is opened read-only; an authorizer allows nothing but reading; a progress handler ends
what takes too long.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

from indexer.core.errors import StoreError
from indexer.core.printable import shown
from indexer.store.database.engine import BUSY_SECONDS
from indexer.store.database.errors import sqlite_trouble
from indexer.store.sql_reports import sql_statement
from indexer.store.sql_reports.fetch_size import FetchSize

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from pathlib import Path

    from indexer.catalog.sql_reports import Value
    from indexer.core.errors import UsageError
    from indexer.store.sql_reports.sql_statement import Raw, Statement
    from indexer.store.sql_reports.stopwatch import Stopwatch

_STEPS = 10_000
"""Steps of SQLite's virtual machine between two looks at the clock: some 0.1 ms."""

_LONGEST_VALUE = 64 * 1024 * 1024
"""The most bytes of one value or row: a function could create a huge one."""

_ALLOWED = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_FUNCTION,
}

_TROUBLE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOTADB,
}
"""Error codes that are not the statement's fault."""

_FORBIDDEN_FUNCTIONS = {"load_extension", "fts3_tokenizer"}

_NEAR = re.compile(r'^near "(.*)": syntax error$', re.DOTALL)
_NAMED = re.compile(
    r"^(?:no such (?:table|column|function|module|collation sequence): "
    r"|ambiguous column name: |wrong number of arguments to function |misuse of aggregate: "
    r"|misuse of window function )(?P<name>[^\s(]+)"
)


class SqliteSession:
    """One snapshot of a file, while the session is open.

    Args:
        file: the database.
        where: its name for messages.
    """

    def __init__(self, file: Path, where: str) -> None:
        self._where = where
        self._result: Generator[Raw, None, None] | None = None
        with self._reading():
            self._connection = sqlite3.connect(
                f"file:{quote(str(file.absolute()))}?mode=ro",
                uri=True,
                isolation_level=None,
                timeout=BUSY_SECONDS,
            )
            self._connection.execute("PRAGMA query_only = ON")
            self._connection.execute("PRAGMA temp_store = MEMORY")
            self._connection.execute("BEGIN")
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)

    def close(self) -> None:
        """Close it, and first the result of which not every row was read."""
        if self._result is not None:
            self._result.close()
        self._connection.close()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._trouble(error) from None

    def _trouble(self, error: Exception) -> StoreError:
        meaning = sqlite_trouble(str(error)) or f"failed ({type(error).__name__})"
        return StoreError(f"the database {self._where} {meaning}.")

    def version(self) -> str | None:
        """The schema's revision; None if there is none."""
        with self._reading():
            known = self._connection.execute(
                "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
            ).fetchone()
            if known is None:
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
        self._connection.set_authorizer(_authorized)
        self._connection.set_progress_handler(lambda: watch.is_over, _STEPS)
        cursor = self._connection.cursor()
        with self._told(statement, watch), watch.running():
            cursor.execute(statement.text, dict(values))
        names = [column[0] for column in cursor.description or ()]
        self._result = self._rows(cursor, statement, watch)
        return names, self._result

    def _rows(
        self, cursor: sqlite3.Cursor, statement: Statement, watch: Stopwatch
    ) -> Generator[Raw, None, None]:
        size = FetchSize()
        with closing(cursor):
            while True:
                with self._told(statement, watch), watch.running():
                    some = cursor.fetchmany(size.rows)
                if not some:
                    return
                yield from some
                size.learn(some)

    @contextmanager
    def _told(self, statement: Statement, watch: Stopwatch) -> Iterator[None]:
        """Turn SQLite's errors into sentences."""
        try:
            yield
        except (sqlite3.Error, sqlite3.Warning, OverflowError) as error:
            said = str(error)
            if said == "interrupted" or watch.is_over:
                raise watch.limited() from None
            if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF in _TROUBLE:
                raise self._trouble(error) from None
            raise self._mistake(statement, said) from None

    def _mistake(self, statement: Statement, said: str) -> UsageError:
        if said.startswith(("not authorized", "attempt to write a readonly database")):
            return sql_statement.refused(
                statement.text, 0, "this would do more than read the index, and is refused"
            )
        place = self._place(statement, said)
        return sql_statement.refused(statement.text, place, f"SQLite says: {shown(said)}")

    def _place(self, statement: Statement, said: str) -> int:
        """Where the mistake is: SQLite knows the place, but Python's driver does not pass it on."""
        near, named = _NEAR.match(said), _NAMED.match(said)
        if said == "incomplete input":
            return len(statement.text.rstrip())
        if near:
            return self._first_wrong(statement, near[1], said)
        if named:
            last = named["name"].rpartition(".")[2].rstrip("()").lower()
            for token in statement.tokens:
                if token.text.strip('"`[]').lower() == last:
                    return token.place
        return 0

    def _first_wrong(self, statement: Statement, text: str, said: str) -> int:
        """The first wrong token: the shortest text up to a token that gives the same error."""
        places = [token.place for token in statement.tokens if token.text == text]
        for place in places[:-1]:
            try:
                self._connection.execute(f"EXPLAIN {statement.text[: place + len(text)]}")
            except sqlite3.Error as error:
                if str(error) == said:
                    return place
        return places[-1] if places else 0


def _authorized(action: int, *about: str | None) -> int:
    """The authorizer: allow or deny an action. For a function its name is the second argument."""
    if action not in _ALLOWED:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and str(about[1]).lower() in _FORBIDDEN_FUNCTIONS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK
