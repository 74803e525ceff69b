"""One snapshot of the database for all questions of an answer, instead of one for each."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from indexer.store.database.statement_timeout import limited

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

    from indexer.catalog.answers import RepositoryKey
    from indexer.store.database.engine import Database


class _Shared(NamedTuple):
    """A transaction in which several questions are asked, and repositories that it has found."""

    connection: sa.Connection
    numbers: dict[RepositoryKey, int]


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
        shared = self._shared
        if shared is not None and seconds is None:
            yield shared.connection
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
            self._here.shared = _Shared(connection, {})
            try:
                yield
            finally:
                del self._here.shared

    @property
    def _shared(self) -> _Shared | None:
        found: _Shared | None = getattr(self._here, "shared", None)
        return found

    def remember(self, place: RepositoryKey, number: int) -> None:
        """Keep the id of a repository that the audience sees, as long as the snapshot lasts."""
        if self._shared is not None:
            self._shared.numbers[place] = number

    def number(self, place: RepositoryKey) -> int | None:
        """The id of a repository, if this snapshot has found it."""
        return self._shared.numbers.get(place) if self._shared is not None else None
