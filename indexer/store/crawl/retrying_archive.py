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
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.core.errors import Conflict
from indexer.core.model import CrawlStatus
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
    from indexer.crawl.diff import RepositoriesDiff
    from indexer.crawl.known_state import KnownNamespace, KnownTags
    from indexer.crawl.ports import ForgottenCounts
    from indexer.crawl.write_buffer import TagsReading
    from indexer.store.crawl.archive import SqlArchive
    from indexer.store.database.engine import Database


log = logging.getLogger("indexer.store")

_CHECKING = "the connection to the database was lost; checking whether the commit happened"
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

    def record_readings(self, readings: Sequence[TagsReading], now: datetime) -> Collection[str]:
        """See `CrawlRecord`. After a lost connection each reading is judged by itself."""
        left, conflicts = list(readings), set[str]()
        for tries in range(TRIES, 0, -1):
            try:
                conflicts.update(self._record.record_readings(left, now) if left else ())
            except ConnectionLost:
                if tries == 1:
                    raise
                log.info(_CHECKING)
            else:
                break
            undone = []
            for each in left:
                try:
                    if not self._is_committed(
                        partial(self._revision_of, each.repository),
                        self._revisions.get(each.repository),
                    ):
                        undone.append(each)
                except Conflict:
                    conflicts.add(each.repository)
            left = undone
        for each in readings:
            self._revisions.pop(each.repository, None)
        return conflicts

    def _revision_of(self, repository: str) -> int:
        return self._record.known_tags(repository).revision

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
                log.info(_CHECKING)
            else:
                return
            if self._is_committed(revision, before):
                return
        write()

    def _is_committed(self, revision: Callable[[], int], before: int | None) -> bool:
        """Whether a list was written whose connection was lost; if not, it may be written again.

        Raises:
            Conflict: another crawl wrote it, or took over.
        """
        found = retried(revision)()
        if retried(self._status)() != CrawlStatus.RUNNING or before is None:
            raise Conflict(_TAKEN_OVER)
        if found == before + 1 and not self._is_guest:
            return True
        if found != before:
            raise Conflict(_TAKEN_OVER)
        return False

    def _status(self) -> str | None:
        with self._database.reading() as connection:
            return connection.scalar(sa.select(crawl.c.status).where(crawl.c.id == self.id))
