"""Crawls go on over a lost connection: what it cut is done once more, and never twice.

A server that restarts or fails over ends connections, some in the middle of a transaction. Its
transaction is gone then, unless the connection was lost between its commit and the answer. Which
of the two it was is told by the revision that every writing of a list moves by one:

    as it was before    nothing was committed: write again
    one further         that was us: nothing is left to do
    anything else       another crawl took over: `Conflict`, as without a lost connection

Nobody but the holder of the namespace's lock writes a list, and who takes the lock ends the crawls
that are still called running: one that is no longer running has been taken over too. Of a crawl
that several machines share, two may have read the same list, so there "one further" may be either.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.core.errors import Conflict
from indexer.core.model import CrawlStatus
from indexer.crawl.ports import Archive, CrawlRecord
from indexer.store.database.errors import ConnectionLost
from indexer.store.database.retry import TRIES, retried
from indexer.store.schema.tables import crawl

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from indexer.core.model import ChangeRate, Cost, Crawl, ListMemory, Mode, RateLimit
    from indexer.crawl.diff import RepositoriesDiff, TagsDiff
    from indexer.crawl.ports import ForgottenCounts, KnownNamespace, KnownTags
    from indexer.store.crawl.archive import SqlArchive
    from indexer.store.database.engine import Database


log = logging.getLogger("indexer.store")

_TAKEN_OVER = "another crawl has taken over this namespace meanwhile; crawl again."


class RetryingArchive(Archive):
    """An archive whose crawls go on.

    Args:
        archive: that of a server.
        database: the same.
    """

    def __init__(self, archive: SqlArchive, database: Database) -> None:
        self._archive = archive
        self._database = database

    def begin(
        self, registry: str, namespace: str, mode: Mode, identity: str, now: datetime
    ) -> CrawlRecord:
        """See `Archive`. Nothing is lost yet if this does not succeed."""
        record = self._archive.begin(registry, namespace, mode, identity, now)
        return RetryingCrawlRecord(record, self._database, is_guest=False)

    def join(self, registry: str, namespace: str, crawl: int) -> CrawlRecord:
        """See `Archive`."""
        record = self._archive.join(registry, namespace, crawl)
        return RetryingCrawlRecord(record, self._database, is_guest=True)

    def forget(
        self, registry: str, *, namespace: str | None = None, repository: str | None = None
    ) -> ForgottenCounts:
        """See `Archive`. Whoever asked sees whether it was done, and asks again."""
        return self._archive.forget(registry, namespace=namespace, repository=repository)


class RetryingCrawlRecord(CrawlRecord):
    """The written side of a crawl that goes on."""

    def __init__(self, record: CrawlRecord, database: Database, *, is_guest: bool) -> None:
        self._record = record
        self._database = database
        self._is_guest = is_guest
        self._revision: int | None = None
        self._revisions: dict[str, int] = {}

    @property
    def id(self) -> int:
        """See `CrawlRecord`."""
        return self._record.id

    def known_repositories(self) -> KnownNamespace:
        """See `CrawlRecord`."""
        known = retried(self._record.known_repositories)()
        self._revision = known.revision
        return known

    def other_namespaces(self) -> tuple[str, ...]:
        """See `CrawlRecord`."""
        return tuple(retried(self._record.other_namespaces)())

    def record_repositories(
        self, diff: RepositoriesDiff, memory: ListMemory | None, now: datetime
    ) -> None:
        """See `CrawlRecord`."""

        def write() -> None:
            self._record.record_repositories(diff, memory, now)

        before = self._revision
        self._write(write, lambda: self._record.known_repositories().revision, before)
        self._revision = None if before is None else before + 1

    def watches(self) -> dict[str, ChangeRate]:
        """See `CrawlRecord`."""
        return dict(retried(self._record.watches)())

    def known_tags(self, repository: str) -> KnownTags:
        """See `CrawlRecord`."""
        known = retried(self._record.known_tags)(repository)
        self._revisions[repository] = known.revision
        return known

    def record_tags(
        self,
        repository: str,
        diff: TagsDiff,
        memory: ListMemory,
        read_for: datetime | None,
        now: datetime,
    ) -> None:
        """See `CrawlRecord`."""

        def write() -> None:
            self._record.record_tags(repository, diff, memory, read_for, now)

        before = self._revisions.pop(repository, None)
        self._write(write, lambda: self._record.known_tags(repository).revision, before)

    def finish(
        self,
        status: CrawlStatus,
        *,
        spent: Cost,
        errors: tuple[str, ...],
        rate_limit: RateLimit | None,
        now: datetime,
        pulls: RateLimit | None = None,
    ) -> Crawl:
        """See `CrawlRecord`. It says the same the second time."""
        return retried(self._record.finish)(
            status, spent=spent, errors=errors, rate_limit=rate_limit, now=now, pulls=pulls
        )

    def _write(
        self, write: Callable[[], None], revision: Callable[[], int], before: int | None
    ) -> None:
        """Write a list, which had a revision before: see the head of this module."""
        for _ in range(TRIES - 1):
            try:
                write()
            except ConnectionLost:
                log.info("the connection to the database was lost; looking what became of it")
            else:
                return
            found = retried(revision)()
            if retried(self._status)() != CrawlStatus.RUNNING or before is None:
                raise Conflict(_TAKEN_OVER)
            if found == before + 1 and not self._is_guest:
                return
            if found != before:
                raise Conflict(_TAKEN_OVER)
        write()

    def _status(self) -> str | None:
        with self._database.reading() as connection:
            return connection.scalar(sa.select(crawl.c.status).where(crawl.c.id == self.id))
