"""Writes crawls: see `indexer.crawl.ports.Archive` and `CrawlRecord`."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from time import sleep
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from indexer.core.errors import Busy, Conflict, Ended, StoreError, UsageError
from indexer.core.keyboard_interrupt import whole
from indexer.core.model import CrawlStatus, Mode
from indexer.core.printable import shown
from indexer.crawl.known_state import KnownTags
from indexer.crawl.ports import Archive, CrawlRecord
from indexer.crawl.selection import cycle
from indexer.store.changelog import append, audit_log, hidings
from indexer.store.coordination.locks import locks_of
from indexer.store.crawl import cycles, write_repositories
from indexer.store.crawl.crawl_rows import crawl_of
from indexer.store.crawl.known_state import (
    REMEMBER,
    change_rates,
    known_namespace,
    known_tags,
    memory_columns,
    other_namespaces,
)
from indexer.store.crawl.unresolved_tags import unidentified
from indexer.store.crawl.write_readings import ReadingsWriter
from indexer.store.database.dialect import chunks, insert
from indexer.store.maintenance.forget import forget
from indexer.store.manifests.contents import ContentWriter, KnownNumbers
from indexer.store.schema import namespace_counts
from indexer.store.schema.codec import microseconds, time_of
from indexer.store.schema.tables import change_counter, crawl, namespace, registry, repository

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from indexer.core.audit_event import AuditEvent
    from indexer.core.model import ChangeRate, Cost, Crawl, FullDescription, ListMemory, RateLimit
    from indexer.crawl.diff import RepositoriesDiff
    from indexer.crawl.known_state import KnownNamespace
    from indexer.crawl.ports import ForgottenCounts
    from indexer.crawl.write_buffer import TagsReading
    from indexer.store.coordination.locks import Locks
    from indexer.store.crawl.known_state import KnownRow
    from indexer.store.database.engine import Database


NO_CRAWL = 0
"""The number of no crawl: what is written for it is refused, as for one that has ended."""


_FINISHED = (
    "status",
    "finished_at",
    "repositories",
    "tags",
    "unseen_tags",
    "unread",
    "requests",
    "bytes",
    "errors",
    "rate_limit",
    "rate_remaining",
    "rate_reset_at",
    "pull_limit",
    "pull_remaining",
)

_FINISH = (
    sa.update(crawl)
    .where(crawl.c.id == sa.bindparam("number"))
    .values(
        unseen_repositories=sa.func.coalesce(
            sa.select(namespace.c.list_offset)
            .where(namespace.c.id == sa.bindparam("namespace"), namespace.c.list_partial.is_(True))
            .scalar_subquery(),
            0,
        ),
        **{name: sa.bindparam(name) for name in _FINISHED},
    )
)


class SqlArchive(Archive):
    """Writes crawls into a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._locks = locks_of(database)
        self._numbers = KnownNumbers()

    def close(self) -> None:
        """Release the locks of crawls that were not finished."""
        self._locks.close()

    def begin(
        self,
        registry: str,
        namespace: str,
        mode: Mode,
        identity: str,
        now: datetime,
        part: str | None = None,
    ) -> CrawlRecord:
        """See `Archive`."""
        with self._database.reading() as connection:
            number = _find(connection, registry, namespace)
        if number is None:
            with whole(), self._database.writing() as connection:
                number = _number_of(connection, registry, namespace)
        if not self._locks.take(number):
            raise self._busy(number, f"{registry}/{namespace}")
        try:
            with whole(), self._database.writing() as connection:
                _bury_the_dead(connection, number, now)
                first = cycles.began(connection, number, mode, now)
                crawl_id = _open(connection, number, (mode, identity, part), now)
        except KeyboardInterrupt:  # the crawl's row may be committed already
            try:
                with suppress(StoreError), whole(), self._database.writing() as connection:
                    _bury_the_dead(connection, number, now)
            finally:
                self._locks.release(number)
            raise
        except BaseException:
            self._locks.release(number)
            raise
        return SqlCrawlRecord(
            self._database,
            self._numbers,
            self._locks,
            namespace_id=number,
            crawl_id=crawl_id,
            cycle=(mode, 0 if part else first.id if first else crawl_id),
        )

    def look(self, registry: str, namespace: str) -> CrawlRecord:
        """See `Archive`."""
        with self._database.reading() as connection:
            number = _find(connection, registry, namespace)
        if number is None:
            raise UsageError(f"the index does not know '{shown(f'{registry}/{namespace}')}'.")
        return SqlCrawlRecord(
            self._database,
            self._numbers,
            self._locks,
            namespace_id=number,
            crawl_id=NO_CRAWL,
            is_guest=True,
        )

    def join(self, registry: str, namespace: str, crawl: int) -> CrawlRecord:
        """See `Archive`."""
        with self._database.reading() as connection:
            number = _find(connection, registry, namespace)
            if number is None or not _is_running(connection, crawl):
                raise Ended(_ENDED)
        return SqlCrawlRecord(
            self._database,
            self._numbers,
            self._locks,
            namespace_id=number,
            crawl_id=crawl,
            is_guest=True,
        )

    def forget(
        self, registry: str, *, namespace: str | None = None, repository: str | None = None
    ) -> ForgottenCounts:
        """See `Archive`."""
        name = f"{registry}/{repository or namespace}"
        with self._database.reading() as connection:
            if repository is not None:
                number = _namespace_of(connection, registry, repository)
            else:
                number = _find(connection, registry, namespace or "")
        if number is None:
            raise UsageError(f"the index does not know '{shown(name)}'.")
        if not self._locks.take(number):
            raise self._busy(number, name)
        home = number

        def check_alone() -> None:
            if not self._locks.keep(home):
                raise Conflict(f"{shown(name)} is being crawled meanwhile; forget it again.")

        try:
            return forget(self._database, number, repository, check_alone=check_alone, pause=sleep)
        finally:
            self._locks.release(number)

    def _busy(self, namespace_id: int, name: str) -> Busy:
        with self._database.reading() as connection:
            row = connection.execute(
                sa.select(crawl.c.holder, crawl.c.started_at)
                .where(crawl.c.namespace_id == namespace_id, crawl.c.status == CrawlStatus.RUNNING)
                .order_by(crawl.c.id.desc())
                .limit(1)
            ).one_or_none()
        since = f" since {time_of(row.started_at):%Y-%m-%d %H:%M:%S} UTC" if row else ""
        holder = row.holder if row else "another process"
        return Busy(f"{name} is being crawled by {holder}{since}.")


class SqlCrawlRecord(CrawlRecord):
    """Writes one crawl."""

    def __init__(
        self,
        database: Database,
        numbers: KnownNumbers,
        locks: Locks,
        *,
        namespace_id: int,
        crawl_id: int,
        cycle: tuple[Mode, int] = (Mode.INCREMENTAL, 0),
        is_guest: bool = False,
    ) -> None:
        self._is_guest = is_guest
        self._mode, self._cycle = cycle
        self._database = database
        self._numbers = numbers
        self._locks = locks
        self._namespace_id = namespace_id
        self._crawl_id = crawl_id
        self._revision: int | None = None
        self._memory: ListMemory | None = None
        self._opened: dict[str, KnownRow | None] = {}
        """The row of each repository whose tags were asked for."""
        self._fresh: dict[str, KnownRow] = {}
        """The row of each repository whose tags were never read."""

    @property
    def id(self) -> int:
        """See `CrawlRecord`."""
        return self._crawl_id

    @property
    def cycle(self) -> int:
        """See `CrawlRecord`."""
        return self._cycle

    def known_repositories(self) -> KnownNamespace:
        """See `CrawlRecord`."""
        with self._database.reading() as connection:
            known, self._fresh = known_namespace(connection, self._namespace_id)
        self._revision, self._memory = known.revision, known.memory
        return known

    def other_namespaces(self) -> tuple[str, ...]:
        """See `CrawlRecord`."""
        with self._database.reading() as connection:
            return other_namespaces(connection, self._namespace_id)

    def unidentified_tags(self) -> list[str]:
        """See `CrawlRecord`."""
        with self._database.reading() as connection:
            return unidentified(connection, self._namespace_id)

    def audited_until(self) -> datetime | None:
        """See `CrawlRecord`."""
        with self._database.reading() as connection:
            return audit_log.audited_until(connection, self._namespace_id)

    def record_audit_events(self, events: Sequence[AuditEvent]) -> None:
        """See `CrawlRecord`."""
        with whole(), self._database.writing() as connection:
            audit_log.record(connection, self._namespace_id, events)

    def record_repositories(
        self, diff: RepositoriesDiff, memory: ListMemory | None, now: datetime
    ) -> None:
        """See `CrawlRecord`. What says the same as before is not written."""
        moment = microseconds(now)
        if self._is_as_before(diff, memory, moment):
            return
        self._check_alone()
        with whole(), self._database.writing() as connection:
            written = connection.execute(
                REMEMBER,
                {
                    "namespace": self._namespace_id,
                    "before": self._revision,
                    **memory_columns(memory or self._memory),
                },
            )
            if written.rowcount != 1:
                raise Conflict("another crawl wrote this namespace meanwhile; crawl again.")
            rows = write_repositories.write(connection, self._namespace_id, diff, moment)
            append.append(
                connection,
                rows,
                crawl_id=self._crawl_id,
                namespace_id=self._namespace_id,
                observed_at=moment,
            )
            audit_log.complete(connection, len(rows), self._namespace_id)
            hidings.append(
                connection,
                self._namespace_id,
                diff.hidden,
                account=diff.identity,
                crawl_id=self._crawl_id,
                observed_at=moment,
            )
        assert self._revision is not None
        self._revision += 1
        self._memory = memory or self._memory

    def _is_as_before(self, diff: RepositoriesDiff, memory: ListMemory | None, moment: int) -> bool:
        if diff.writes or (memory is not None and memory != self._memory):
            return False
        with self._database.reading() as connection:
            known = write_repositories.counted(connection, self._namespace_id, diff.counted, moment)
            return not any(each.is_new for each in known)

    def undescribed(self) -> dict[str, datetime | None]:
        """See `CrawlRecord`."""
        with self._database.reading() as connection:
            return write_repositories.undescribed(connection, self._namespace_id)

    def record_descriptions(self, found: Sequence[FullDescription], now: datetime) -> None:
        """See `CrawlRecord`."""
        self._check_alone()
        with whole(), self._database.writing() as connection:
            write_repositories.describe(connection, self._namespace_id, found, microseconds(now))

    def change_rates(self) -> dict[str, ChangeRate]:
        """See `CrawlRecord`."""
        with self._database.reading() as connection:
            return change_rates(connection, self._namespace_id)

    def known_tags(self, repository: str) -> KnownTags:
        """See `CrawlRecord`."""
        if (fresh := self._fresh.pop(repository, None)) is not None:
            self._opened[repository] = fresh
            return KnownTags(None, {}, fresh.revision)
        with self._database.reading() as connection:
            row, known = known_tags(
                connection, self._namespace_id, repository, self._database.reading
            )
        self._opened[repository] = row
        return known

    def record_readings(self, readings: Sequence[TagsReading], now: datetime) -> list[str]:
        """See `CrawlRecord`."""
        contents = ContentWriter(self._numbers)
        self._check_alone()
        with whole(), self._database.writing() as connection:
            if self._is_guest and not _is_running(connection, self._crawl_id, held=True):
                raise Ended(_ENDED)
            writer = ReadingsWriter(connection, self._namespace_id, self._crawl_id, now)
            conflicts = writer.write(readings, self._opened, contents)
        contents.committed()
        for each in readings:
            self._opened.pop(each.repository, None)
        return conflicts

    def record_failures(self, repositories: Collection[str]) -> None:
        """See `CrawlRecord`."""
        self._check_alone()
        with whole(), self._database.writing() as connection:
            for some in chunks(sorted(repositories)):
                connection.execute(
                    sa.update(repository)
                    .where(
                        repository.c.namespace_id == self._namespace_id,
                        repository.c.name.in_(some),
                    )
                    .values(failed_crawl=self._crawl_id)
                )

    def _check_alone(self) -> None:
        """Check that this crawl still holds its lock; if not, it must not write."""
        if not self._locks.keep(self._namespace_id):
            raise Conflict("another crawl has taken over this namespace meanwhile; crawl again.")

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
        """See `CrawlRecord`."""
        try:
            with whole(), self._database.writing() as connection:
                counted = namespace_counts.folded(connection, self._namespace_id)
                unread = 0
                if cycle.modes(self._mode) and self._cycle:
                    unread, _ = cycles.unread(
                        connection, self._namespace_id, self._mode, self._cycle
                    )
                connection.execute(
                    _FINISH,
                    {
                        "number": self._crawl_id,
                        "status": status.value,
                        "finished_at": microseconds(now),
                        "namespace": self._namespace_id,
                        "repositories": counted.repositories,
                        "tags": counted.tags,
                        "unseen_tags": counted.unseen_tags,
                        "unread": unread,
                        "requests": spent.requests,
                        "bytes": spent.bytes,
                        "errors": msgspec.json.encode(errors).decode(),
                        "rate_limit": rate_limit.limit if rate_limit else None,
                        "rate_remaining": rate_limit.remaining if rate_limit else None,
                        "rate_reset_at": microseconds(rate_limit.reset_at) if rate_limit else None,
                        "pull_limit": pulls.limit if pulls else None,
                        "pull_remaining": pulls.remaining if pulls else None,
                    },
                )
                finished = crawl_of(connection, self._crawl_id)
        finally:
            self._locks.release(self._namespace_id)
        assert finished is not None
        return finished


def _number_of(connection: sa.Connection, registry_name: str, name: str) -> int:
    """The namespace's id; it is created if it does not exist."""
    connection.execute(
        insert(connection, registry).on_conflict_do_nothing(), {"name": registry_name}
    )
    registry_id = sa.select(registry.c.id).where(registry.c.name == registry_name)
    connection.execute(
        insert(connection, namespace).on_conflict_do_nothing(),
        {"registry_id": connection.scalar(registry_id), "name": name},
    )
    number = _find(connection, registry_name, name)
    assert number is not None
    return number


_FIND = (
    sa.select(namespace.c.id)
    .join(registry, registry.c.id == namespace.c.registry_id)
    .where(registry.c.name == sa.bindparam("registry"), namespace.c.name == sa.bindparam("name"))
)


def _find(connection: sa.Connection, registry_name: str, name: str) -> int | None:
    """The namespace's id; None if it does not exist."""
    return connection.scalar(_FIND, {"registry": registry_name, "name": name})


def _namespace_of(connection: sa.Connection, registry_name: str, name: str) -> int | None:
    """The id of a repository's namespace; None if there is no such repository."""
    found = (
        sa.select(repository.c.namespace_id)
        .join(namespace, namespace.c.id == repository.c.namespace_id)
        .join(registry, registry.c.id == namespace.c.registry_id)
        .where(registry.c.name == registry_name, repository.c.name == name)
    )
    return connection.scalar(found)


_ENDED = "the crawl that this was a shard of has ended; crawl again."


def _is_running(connection: sa.Connection, crawl_id: int, *, held: bool = False) -> bool:
    """Whether a crawl is running; `held`: lock its row until the end of the transaction."""
    statement = sa.select(crawl.c.status).where(crawl.c.id == crawl_id)
    if held:
        statement = statement.with_for_update(key_share=True)
    return connection.scalar(statement) == CrawlStatus.RUNNING


_BURY = (
    sa.update(crawl)
    .where(
        crawl.c.namespace_id == sa.bindparam("namespace"),
        crawl.c.status == CrawlStatus.RUNNING.value,
    )
    .values(status=CrawlStatus.INTERRUPTED.value, finished_at=sa.bindparam("now"))
)


def _bury_the_dead(connection: sa.Connection, namespace_id: int, now: datetime) -> None:
    """Mark crawls as interrupted that are `running` though we hold their lock: they have died."""
    connection.execute(_BURY, {"namespace": namespace_id, "now": microseconds(now)})


_OPEN = (
    sa.insert(crawl)
    .values(
        namespace_id=sa.bindparam("namespace"),
        mode=sa.bindparam("mode"),
        status=CrawlStatus.RUNNING.value,
        # The first crawl of a namespace reads everything, whatever its mode.
        whole=sa.select(
            sa.bindparam("is_all", type_=sa.Boolean)
            & (sa.bindparam("is_full", type_=sa.Boolean) | namespace.c.list_full_at.is_(None))
        )
        .where(namespace.c.id == sa.bindparam("namespace"))
        .scalar_subquery(),
        part=sa.bindparam("part"),
        identity=sa.bindparam("identity"),
        holder=sa.bindparam("holder"),
        started_at=sa.bindparam("started_at"),
        after_change=sa.select(change_counter.c.last_id).scalar_subquery(),
    )
    .returning(crawl.c.id)
)


def _open(
    connection: sa.Connection,
    namespace_id: int,
    what: tuple[Mode, str, str | None],
    now: datetime,
) -> int:
    mode, identity, part = what
    number = connection.scalar(
        _OPEN,
        {
            "namespace": namespace_id,
            "mode": mode.value,
            "part": part,
            "is_full": mode is Mode.FULL,
            "is_all": part is None,
            "identity": identity,
            "holder": f"process {os.getpid()} on {socket.gethostname()}",
            "started_at": microseconds(now),
        },
    )
    assert number is not None
    return int(number)
