"""Lets crawls survive a lost connection: what was interrupted is retried, never done twice.

A server that restarts or fails over ends connections, some in the middle of a transaction. That
transaction is rolled back, unless the connection was lost between its commit and the answer. The
revision, which every write of a list increases by one, tells which:

    unchanged           nothing was committed: write again
    one higher          our write was committed: nothing is left to do
    anything else       another crawl took over: `Conflict`, as without a lost connection

Only the holder of the namespace's lock writes a list, and whoever takes the lock ends the crawls
that are still `running`: a crawl that is no longer running has been taken over too. In a sharded
crawl two machines may have read the same list, so there "one higher" may be either machine's write.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.core.errors import Conflict
from indexer.core.model import CrawlStatus
from indexer.crawl.known_state import Extent
from indexer.crawl.ports import Archive, CrawlRecord
from indexer.store.database.errors import ConnectionLost
from indexer.store.database.retry import TRIES, retried
from indexer.store.schema.tables import crawl

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from indexer.core.audit_event import AuditEvent
    from indexer.core.model import (
        ChangeRate,
        Cost,
        Crawl,
        FullDescription,
        ListMemory,
        Mode,
        RateLimit,
    )
    from indexer.crawl.diff import RepositoriesDiff, TagsDiff
    from indexer.crawl.known_state import KnownNamespace, KnownTags
    from indexer.crawl.ports import ForgottenCounts
    from indexer.store.crawl.archive import SqlArchive
    from indexer.store.database.engine import Database


log = logging.getLogger("indexer.store")

_TAKEN_OVER = "another crawl has taken over this namespace meanwhile; crawl again."


class RetryingArchive(Archive):
    """An archive whose crawls survive a lost connection.

    Args:
        archive: the archive in a database with a server.
        database: the same database.
    """

    def __init__(self, archive: SqlArchive, database: Database) -> None:
        self._archive = archive
        self._database = database

    def begin(
        self,
        registry: str,
        namespace: str,
        mode: Mode,
        identity: str,
        now: datetime,
        part: str | None = None,
    ) -> CrawlRecord:
        """See `Archive`. It is not retried: nothing is lost if it fails."""
        record = self._archive.begin(registry, namespace, mode, identity, now, part)
        return RetryingCrawlRecord(record, self._database, is_guest=False)

    def look(self, registry: str, namespace: str) -> CrawlRecord:
        """See `Archive`."""
        record = retried(self._archive.look)(registry, namespace)
        return RetryingCrawlRecord(record, self._database, is_guest=True)

    def join(self, registry: str, namespace: str, crawl: int) -> CrawlRecord:
        """See `Archive`."""
        record = self._archive.join(registry, namespace, crawl)
        return RetryingCrawlRecord(record, self._database, is_guest=True)

    def forget(
        self, registry: str, *, namespace: str | None = None, repository: str | None = None
    ) -> ForgottenCounts:
        """See `Archive`. It is not retried: the user sees the error, and may repeat the command."""
        return self._archive.forget(registry, namespace=namespace, repository=repository)


class RetryingCrawlRecord(CrawlRecord):
    """Writes one crawl, with retries after a lost connection."""

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

    @property
    def cycle(self) -> int:
        """See `CrawlRecord`."""
        return self._record.cycle

    def known_repositories(self) -> KnownNamespace:
        """See `CrawlRecord`."""
        known = retried(self._record.known_repositories)()
        self._revision = known.revision
        return known

    def other_namespaces(self) -> tuple[str, ...]:
        """See `CrawlRecord`."""
        return tuple(retried(self._record.other_namespaces)())

    def unidentified_tags(self) -> Sequence[str]:
        """See `CrawlRecord`."""
        return retried(self._record.unidentified_tags)()

    def audited_until(self) -> datetime | None:
        """See `CrawlRecord`."""
        return retried(self._record.audited_until)()

    def record_audit_events(self, events: Sequence[AuditEvent]) -> None:
        """See `CrawlRecord`. An event that is known already is not recorded twice."""
        retried(self._record.record_audit_events)(events)

    def record_repositories(
        self, diff: RepositoriesDiff, memory: ListMemory | None, now: datetime
    ) -> None:
        """See `CrawlRecord`."""

        def write() -> None:
            self._record.record_repositories(diff, memory, now)

        before = self._revision
        self._write(write, lambda: self._record.known_repositories().revision, before)
        self._revision = None if before is None else before + 1

    def undescribed(self) -> dict[str, datetime | None]:
        """See `CrawlRecord`."""
        return dict(retried(self._record.undescribed)())

    def record_descriptions(self, found: Sequence[FullDescription], now: datetime) -> None:
        """See `CrawlRecord`. Repeating it writes the same."""
        retried(self._record.record_descriptions)(found, now)

    def change_rates(self) -> dict[str, ChangeRate]:
        """See `CrawlRecord`."""
        return dict(retried(self._record.change_rates)())

    def known_tags(self, repository: str) -> KnownTags:
        """See `CrawlRecord`."""
        known = retried(self._record.known_tags)(repository)
        self._revisions[repository] = known.revision
        return known

    def record_tags(
        self,
        repository: str,
        diff: TagsDiff,
        memory: ListMemory | None,
        read_for: datetime | None,
        now: datetime,
        extent: Extent = Extent.VERIFIED,
    ) -> None:
        """See `CrawlRecord`."""

        def write() -> None:
            self._record.record_tags(repository, diff, memory, read_for, now, extent)

        before = self._revisions.pop(repository, None)
        self._write(write, lambda: self._record.known_tags(repository).revision, before)

    def record_failures(self, repositories: Collection[str]) -> None:
        """See `CrawlRecord`. Repeating it writes the same."""
        retried(self._record.record_failures)(repositories)

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
        """See `CrawlRecord`. Repeating it writes the same."""
        return retried(self._record.finish)(
            status, spent=spent, errors=errors, rate_limit=rate_limit, now=now, pulls=pulls
        )

    def _write(
        self, write: Callable[[], None], revision: Callable[[], int], before: int | None
    ) -> None:
        """Write a list that had the revision `before`: see the module's docstring."""
        for _ in range(TRIES - 1):
            try:
                write()
            except ConnectionLost:
                log.info(
                    "the connection to the database was lost; checking whether the commit happened"
                )
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
