"""Tells the daemon that a hook has left a hint, so that it need not wait for its next look.

PostgreSQL notifies whoever listens (`LISTEN`, `NOTIFY`), on any machine. SQLite does not: there
the ids of hints are looked at each second, which costs a tenth of a millisecond. Behind a pooler
that does not pass notifications on, the daemon finds a hint at its next look.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa

from indexer.core.errors import StoreError
from indexer.store.database.errors import translated
from indexer.store.schema.tables import push_hint

if TYPE_CHECKING:
    from indexer.core.clock import Clock
    from indexer.store.database.engine import Database

CHANNEL = "indexer_push_hint"

LOOK_SECONDS = 1.0
"""Seconds between two looks, where nobody is notified."""

LISTEN_SECONDS = 5.0
"""Seconds after which a listener looks whether it should end."""

LOST_SECONDS = 5.0
"""Seconds without another try after the database could not be used."""

_NEWEST = sa.select(sa.func.coalesce(sa.func.max(push_hint.c.id), 0))


def signal(connection: sa.Connection) -> None:
    """Tell who listens, when this transaction is committed."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))


class HintSignal(Protocol):
    """Waits for hints. For one thread."""

    def arrived(self) -> bool:
        """Wait for a hint, a while at most; whether one may have arrived meanwhile."""

    def close(self) -> None:
        """Close its connection, if it has one."""


class PolledHints(HintSignal):
    """Looks each second whether there is a hint with a greater id.

    Args:
        database: where hints are.
        clock: waits.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._seen: int | None = None

    def arrived(self) -> bool:
        """See `HintSignal`."""
        try:
            if self._seen is None:
                self._seen = self._newest()
            self._clock.wait(LOOK_SECONDS)
            newest = self._newest()
        except StoreError:  # whoever crawls says so
            self._clock.wait(LOST_SECONDS)
            return False
        is_new, self._seen = newest > self._seen, max(newest, self._seen)
        return is_new

    def close(self) -> None:
        """See `HintSignal`: it has none."""

    def _newest(self) -> int:
        with self._database.reading() as connection:
            return int(connection.scalar(_NEWEST) or 0)


class NotifiedHints(HintSignal):
    """Listens to PostgreSQL, on a connection of its own.

    Args:
        database: where hints are.
        clock: waits after a failure.
        seconds: how long one wait lasts.
    """

    def __init__(self, database: Database, clock: Clock, seconds: float = LISTEN_SECONDS) -> None:
        self._database = database
        self._clock = clock
        self._seconds = seconds
        self._connection: sa.Connection | None = None

    def arrived(self) -> bool:
        """See `HintSignal`. What was missed while the connection was lost counts as arrived."""
        import psycopg  # noqa: PLC0415 - SQLite needs none

        try:
            if self._connection is None:
                self._connection = self._listening()
                return True
            driver = self._connection.connection.driver_connection
            assert isinstance(driver, psycopg.Connection)
            return any(True for _ in driver.notifies(timeout=self._seconds, stop_after=1))
        except (psycopg.Error, sa.exc.SQLAlchemyError, StoreError):
            self.close()
            self._clock.wait(LOST_SECONDS)
            return False

    def close(self) -> None:
        """See `HintSignal`."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.invalidate()  # it listens, and must not return to the pool
                connection.close()

    def _listening(self) -> sa.Connection:
        with translated(self._database.shown):
            connection = self._database.connected()
            connection.execute(sa.text(f"LISTEN {CHANNEL}"))
        return connection


def signal_of(database: Database, clock: Clock) -> HintSignal:
    """How hints are waited for in a database."""
    if database.is_sqlite:
        return PolledHints(database, clock)
    return NotifiedHints(database, clock)
