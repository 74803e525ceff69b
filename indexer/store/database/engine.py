"""Opens connections to the two databases: short transactions, readers never blocked."""

from __future__ import annotations

import time
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.core.errors import ConfigError, StoreError
from indexer.core.printable import shown
from indexer.store.database.errors import translated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection as SqliteConnection

BUSY_SECONDS = 30
"""Seconds that a writer waits for another one on SQLite, unless the URL says `?timeout=`.

A transaction takes milliseconds.
"""

_LONGEST_SECONDS = 86_400

CONNECT_SECONDS = 10
LOCK_SECONDS = 60
"""Seconds that PostgreSQL waits for a lock before a statement fails."""

STATEMENT_MINUTES = 10
"""Minutes after which PostgreSQL cancels a statement; most take milliseconds."""

RECONNECT_SECONDS = 30.0
"""Seconds to wait for a server that was reachable before: it may restart or fail over."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 3.0
"""Seconds between two tries."""

CACHE_KIB = 16 * 1024
"""KiB of SQLite's pages that a connection keeps in memory."""

KEPT = 8
"""Idle connections that are kept: as many as `indexer serve` uses at once. With
fewer, many answers would open a connection and close it again.
"""

AS_MANY_AS_ASKED = -1
"""No limit on connections beyond those. A daemon needs one for each crawl and some more, as many as
it is configured to crawl at once: a limit here could make them wait for each other for ever.
"""


class Database:
    """One database.

    Args:
        url: as SQLAlchemy writes it; may hold a password, which is never shown.

    Raises:
        ConfigError: it is not a URL, or of an unsupported database.
    """

    def __init__(self, url: str) -> None:
        self.url = _parsed(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite(self.url) if self.is_sqlite else _postgresql(self.url)
        self._writer = self.engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
        self._reader = self.engine
        self._was_there = False
        if not self.is_sqlite:
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ")

    @property
    def file(self) -> Path | None:
        """SQLite's file; None for PostgreSQL."""
        return Path(self.url.database or "") if self.is_sqlite else None

    @property
    def shown(self) -> str:
        """Its name for messages, without secrets."""
        if self.is_sqlite:
            return f"'{shown(self.url.database or '')}'"
        port = f":{self.url.port}" if self.url.port else ""
        place = f"{self.url.host or 'localhost'}{port}/{self.url.database or ''}"
        return f"'{shown(place)}'"

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection that sees one snapshot of the database while it is open.

        Raises:
            StoreError: the database failed.
        """
        with translated(self.shown), self._connect(self._reader) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that is committed at the end, and rolled back on any error.

        On SQLite it takes the write lock first, so that what it reads cannot change before it
        writes.

        Raises:
            StoreError: the database failed.
        """
        with (
            translated(self.shown),
            self._connect(self._writer) as connection,
            connection.begin(),
        ):
            yield connection

    def connected(self) -> sa.Connection:
        """A connection to keep, without a transaction: for a lock of PostgreSQL."""
        return self._connect(self.engine).execution_options(isolation_level="AUTOCOMMIT")

    def _connect(self, engine: sa.Engine) -> sa.Connection:
        """A connection. The pool checks a kept one before it is reused."""
        until = time.monotonic() + RECONNECT_SECONDS
        pause = _FIRST_PAUSE
        while True:
            try:
                connection = engine.connect()
            except sa.exc.OperationalError as error:
                if not self._may_come_back(error):
                    raise
                if time.monotonic() >= until:
                    self._was_there = False  # wait once; the next failure is reported at once
                    raise
                sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                self._was_there = True
                return connection

    def _may_come_back(self, error: sa.exc.OperationalError) -> bool:
        """Whether the server may come back soon: it is starting, or was reachable before."""
        if self.is_sqlite:
            return False
        state = getattr(error.orig, "sqlstate", None)
        return state in _STARTING or (state is None and self._was_there)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


_STARTING = {"57P03", "57P01"}
"""PostgreSQL's codes for a server that starts up or shuts down (its manual, appendix A)."""

_BEGIN = "indexer_begin"
"""The execution option with SQLite's statement that begins a transaction; empty: none."""


def _parsed(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise ConfigError(f"[database] url is not a URL: {_WRITE}.") from None
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        raise ConfigError(f"[database] url names a database that is not supported: {_WRITE}.")
    file = parsed.database or ""
    if parsed.get_backend_name() == "sqlite" and (file in {"", ":memory:"} or file[:5] == "file:"):
        raise ConfigError("[database] url names no file: write 'sqlite:///indexer.db'.")
    return parsed


_WRITE = "write 'sqlite:///PATH' or 'postgresql+psycopg://USER@HOST/NAME'"


def _sqlite(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(
        url,
        connect_args={"timeout": _patience(url)},
        pool_size=KEPT,
        max_overflow=AS_MANY_AS_ASKED,
    )
    sa.event.listen(engine, "connect", _set_up_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _patience(url: sa.URL) -> float:
    """Seconds that a writer waits for another one: `sqlite:///indexer.db?timeout=5`."""
    given = url.query.get("timeout", str(BUSY_SECONDS))
    try:
        seconds = float(given) if isinstance(given, str) else -1
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= _LONGEST_SECONDS:
        raise ConfigError(
            "[database] url: its timeout is not a number of seconds, as in '?timeout=5'."
        )
    return seconds


def _set_up_sqlite(connection: SqliteConnection, _record: object) -> None:
    # Python's driver begins transactions by its own rules; `_begin_sqlite` replaces them.
    connection.isolation_level = None
    for pragma in (
        "foreign_keys = ON",
        "synchronous = NORMAL",  # with a write-ahead log a crash loses no committed transaction
        f"cache_size = -{CACHE_KIB}",
        "temp_store = MEMORY",
        # A checkpoint waits for the disk, and writes a page once, however often it is in the log.
        # So it runs less often; the log may grow to 64 MB. It is deleted with the last connection.
        "wal_autocheckpoint = 16000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    begin = connection.get_execution_options().get(_BEGIN, "BEGIN")
    if begin:
        connection.exec_driver_sql(begin)


def _postgresql(url: sa.URL) -> sa.Engine:
    settings = {
        "timezone": "UTC",
        "lock_timeout": f"{LOCK_SECONDS}s",
        "statement_timeout": f"{STATEMENT_MINUTES}min",
        "idle_in_transaction_session_timeout": "10min",
    }
    arguments: dict[str, int | str | tuple[str, ...]] = {
        "connect_timeout": CONNECT_SECONDS,
        "application_name": "indexer",
        "client_encoding": "utf8",  # the server converts, and reports what it cannot store
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
    }
    given = {name: value for name, value in url.query.items() if name in arguments}
    if "options" in given:
        arguments["options"] = f"{arguments['options']} {given['options']}"
    arguments |= {name: value for name, value in given.items() if name != "options"}
    try:
        return sa.create_engine(
            url.difference_update_query(["options"]),
            connect_args=arguments,
            pool_pre_ping=True,
            pool_size=KEPT,
            max_overflow=AS_MANY_AS_ASKED,
        )
    except ModuleNotFoundError:
        raise StoreError(
            "the driver of PostgreSQL is missing: install 'psycopg[binary]'."
        ) from None


def use_write_ahead_log(database: Database) -> None:
    """Let readers of an SQLite database go on while somebody writes. Kept in the file itself."""
    if database.is_sqlite:
        outside = database.engine.execution_options(**{_BEGIN: ""})
        with translated(database.shown), outside.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
