"""One snapshot of the database for all questions of an answer, instead of one for each."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from indexer.store.database.statement_timeout import limited

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

    from indexer.store.database.engine import Database


class Snapshots:
    """Connections for questions, each with a limit of its time. Safe to call from threads.

    Args:
        database: which.
        seconds: how long one question may take.
    """

    def __init__(self, database: Database, seconds: float) -> None:
        self._database = database
        self._seconds = seconds
        self._here = threading.local()

    @contextmanager
    def asking(self, seconds: float | None = None) -> Iterator[sa.Connection]:
        """A connection for one question: that of `shared`, or one of its own.

        Args:
            seconds: how long the question may take, if not as long as any.
        """
        shared: sa.Connection | None = getattr(self._here, "connection", None)
        if shared is not None and seconds is None:
            yield shared
            return
        limit = self._seconds if seconds is None else seconds
        with self._database.reading() as connection, limited(connection, limit):
            yield connection

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Ask all questions of this thread in one transaction, in the time of one question.

        So they see the same state of the index, and none begins a transaction of its own.
        """
        with self.asking() as connection:
            self._here.connection = connection
            try:
                yield
            finally:
                del self._here.connection
