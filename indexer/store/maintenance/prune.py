"""Deletes old data: `indexer prune`. All of it in one transaction.

Never deleted: what a tag points to, whatever its age; the first period of a present tag, which
says since when it exists; the last crawls of a namespace, which the next one needs; and every
change that a sink or a policy in use has not processed. A message that was begun is stored
itself, and needs its changes no more.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.core.model import CrawlStatus
from indexer.core.printable import shown
from indexer.store.database.engine import Database
from indexer.store.schema.codec import day_of, microseconds, time_of
from indexer.store.schema.in_use import in_use
from indexer.store.schema.manifest_tables import (
    content,
    content_child,
    content_part,
    image_config,
    image_label,
    image_layer,
    referrers,
)
from indexer.store.schema.migrate import make_ready
from indexer.store.schema.notify_and_policy_tables import policy, sink
from indexer.store.schema.tables import (
    audit_event,
    change,
    change_counter,
    crawl,
    hiding,
    history,
    manifest,
    repository,
    repository_daily,
    tag,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

CONSUMERS = {"sink": sink, "policy": policy}
"""Consumers of changes: their cursor is the last change that they no longer need."""


_ENDED = sa.func.coalesce(crawl.c.finished_at, crawl.c.started_at)

_LAST_CRAWL = sa.select(_ENDED).order_by(crawl.c.id.desc()).limit(1)

_A_DAY = 24 * 60 * 60 * 1_000_000
_FIRST_RESET = 1_577_836_800 * 1_000_000
"""2020-01-01: before that a number is no time of a reset; some servers send seconds to wait."""

_LAST_RESET = (
    sa.select(_ENDED.label("ended"), crawl.c.rate_reset_at)
    .where(crawl.c.rate_reset_at > _FIRST_RESET)
    .order_by(crawl.c.id.desc())
    .limit(1)
)
"""When the registry's own clock would reset its rate limit: not before the crawl that was told."""


class Consumer(NamedTuple):
    """A sink or a policy that needs changes."""

    kind: str
    name: str

    def __str__(self) -> str:
        """`sink 'audit'`."""
        return f"{self.kind} '{shown(self.name)}'"


class Pruned(NamedTuple):
    """What was deleted, or would be.

    Attributes:
        rows: by table.
        bytes: that the database may use again.
        needed_after: later changes were kept for a consumer that has not processed them; None: no
            consumer needed any.
        waits_for: the sinks and policies that have processed no further than that, if there is
            more.
    """

    rows: dict[str, int]
    bytes: int
    needed_after: int | None
    waits_for: tuple[Consumer, ...] = ()


def counted_from(url: str, now: datetime) -> datetime:
    """The time from which an age is counted: now, or the last crawl (by its number) if earlier.

    So a clock that is wrong deletes nothing that the last crawl still called recent. If the same
    wrong clock dated the crawls, the registry's clock counts: a rate limit that was reset long
    before the crawl that was told of it.

    Raises:
        StoreError: the database cannot be read, or holds no index.
    """
    with closing(Database(url)) as database:
        make_ready(database, create=False)
        with database.reading() as connection:
            last = connection.scalar(_LAST_CRAWL)
            told = connection.execute(_LAST_RESET).one_or_none()
    if told is not None and told.rate_reset_at < told.ended - _A_DAY:
        last = min(last, told.rate_reset_at)
    return now if last is None else min(now, time_of(last))


def prune(url: str, before: datetime, *, really: bool, now: datetime) -> Pruned:
    """Delete what ended before a time.

    Args:
        url: where the index is.
        before: what ended earlier, and is not needed, is deleted.
        really: False: roll the deletion back, to see what it would free.
        now: the time; consumers that were not used for long before it are ignored. If nothing
            that the index recorded is that late, the clock may be wrong, and the latest counts.

    Raises:
        StoreError: the database cannot be written.
    """
    with closing(Database(url)) as database:
        make_ready(database, create=False)
        with database.writing() as connection:
            pruned = _prune(connection, microseconds(before), now)
            if not really:
                connection.rollback()
            return pruned


def _prune(connection: sa.Connection, before: int, now: datetime) -> Pruned:
    if connection.dialect.name != "sqlite":
        connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
    now = _last_sign_of_life(connection, now)
    needed_after, waits_for = _needed_after(connection, now)
    free = _free_bytes(connection)
    rows: dict[str, int] = {}
    estimated = 0.0
    for table, doomed in _doomed(before, needed_after, now):
        each = 0.0 if connection.dialect.name == "sqlite" else _bytes_a_row(connection, table)
        rows[table.name] = _delete(connection, table, doomed)
        estimated += each * rows[table.name]
    kept = sa.func.coalesce(change_counter.c.pruned_before, before)
    later = sa.case((kept > before, kept), else_=before)
    connection.execute(sa.update(change_counter).values(pruned_before=later))
    freed = int(estimated) if free is None else (_free_bytes(connection) or 0) - free
    return Pruned(rows, freed, needed_after, waits_for)


def _delete(connection: sa.Connection, table: sa.Table, doomed: sa.ColumnElement[bool]) -> int:
    deleted = connection.execute(sa.delete(table).where(doomed)).rowcount
    if connection.dialect.name == "sqlite":  # its driver does not count rows after a WITH
        deleted = connection.exec_driver_sql("SELECT changes()").scalar_one()
    return int(deleted)


def _last_sign_of_life(connection: sa.Connection, now: datetime) -> datetime:
    """The latest of the last crawl and all uses of sinks and policies, at most `now`."""
    signs = [connection.scalar(_LAST_CRAWL)]
    signs += [
        connection.scalar(sa.select(sa.func.max(each.c.used_at))) for each in CONSUMERS.values()
    ]
    known = [each for each in signs if each is not None]
    return min(now, time_of(max(known))) if known else now


def _needed_after(
    connection: sa.Connection, now: datetime
) -> tuple[int | None, tuple[Consumer, ...]]:
    """The last change that no consumer needs any more, and which consumers need the next one."""
    needed = [
        (row.needed, Consumer(kind, row.name))
        for kind, table in CONSUMERS.items()
        for row in connection.execute(
            sa.select(table.c.cursor.label("needed"), table.c.name)
            .where(in_use(table, now))
            .order_by(table.c.name)
        )
    ]
    if not needed:
        return None, ()
    last = connection.scalar(sa.select(change_counter.c.last_id)) or 0
    least = min(each for each, _ in needed)
    return least, tuple(name for each, name in needed if each == least < last)


def _doomed(
    before: int, needed_after: int | None, now: datetime
) -> Iterator[tuple[sa.Table, sa.ColumnElement[bool]]]:
    """What is deleted, in this order: each statement depends on the ones before."""
    old_change = change.c.observed_at < before
    if needed_after is not None:
        old_change &= change.c.id <= needed_after
    yield change, old_change
    is_due = sa.exists().where(sink.c.hidden_cursor < hiding.c.id, in_use(sink, now))
    yield hiding, (hiding.c.observed_at < before) & ~is_due
    yield audit_event, audit_event.c.happened_at < before
    yield history, _old_periods(before)
    yield (
        tag,
        tag.c.manifest_id.is_(None)
        & tag.c.id.not_in(sa.select(history.c.tag_id))
        & tag.c.id.not_in(sa.select(change.c.tag_id).where(change.c.tag_id.is_not(None))),
    )
    yield repository_daily, repository_daily.c.day < day_of(before)
    yield (
        repository,
        ~repository.c.present
        & (repository.c.removed_at < before)
        & repository.c.id.not_in(sa.select(tag.c.repository_id))
        & repository.c.id.not_in(sa.select(change.c.repository_id))
        & repository.c.id.not_in(sa.select(hiding.c.repository_id))
        & repository.c.id.not_in(sa.select(repository_daily.c.repository_id)),
    )
    yield crawl, (crawl.c.finished_at < before) & crawl.c.id.not_in(_needed_crawls())
    yield manifest, manifest.c.id.not_in(_needed_manifests())
    yield referrers, referrers.c.read_at < before  # asked for again where that is wanted
    yield from _old_content(before)


def _old_periods(before: int) -> sa.ColumnElement[bool]:
    """Periods that ended, except the first one of a tag of which anything else remains."""
    other, whose = history.alias("other"), tag.alias("whose")
    is_first = ~sa.exists().where(
        other.c.tag_id == history.c.tag_id,
        sa.tuple_(other.c.started_at, other.c.id) < sa.tuple_(history.c.started_at, history.c.id),
    )
    remains = sa.exists().where(
        whose.c.id == history.c.tag_id, whose.c.manifest_id.is_not(None)
    ) | sa.exists().where(other.c.tag_id == history.c.tag_id, other.c.ended_at >= before)
    return (history.c.ended_at < before) & ~(is_first & remains)


def _needed_crawls() -> sa.CompoundSelect[int]:
    """Crawls that something refers to, and the last ones of each namespace."""
    last = sa.select(sa.func.max(crawl.c.id)).group_by(crawl.c.namespace_id)
    is_complete = crawl.c.status == CrawlStatus.COMPLETE.value
    return sa.union_all(
        sa.select(tag.c.crawl_id),
        sa.select(history.c.crawl_id),
        sa.select(change.c.crawl_id),
        last,
        last.where(is_complete),
        last.where(is_complete, crawl.c.whole),
        last.where(crawl.c.mode != "incremental"),
    )


def _needed_manifests() -> sa.CompoundSelect[int]:
    named = (tag.c.manifest_id, change.c.old_manifest_id, change.c.new_manifest_id)
    return sa.union_all(
        sa.select(history.c.manifest_id),
        *(sa.select(column).where(column.is_not(None)) for column in named),
    )


def _old_content(before: int) -> Iterator[tuple[sa.Table, sa.ColumnElement[bool]]]:
    """Stored content that no tag points to any more."""
    roots = sa.select(manifest.c.key)
    unused = (content.c.fetched_at < before) & content.c.key.not_in(roots)
    reached = sa.select(content.c.id).where(~unused).cte("reached", recursive=True)
    parts = sa.select(content_part.c.part_id).join(
        reached, reached.c.id == content_part.c.content_id
    )
    needed = sa.select(reached.union(parts).c.id)
    yield content_part, content_part.c.content_id.not_in(needed)
    for table in (content_child, image_config, image_layer, image_label):
        yield table, table.c.content_id.not_in(needed)
    yield content, content.c.id.not_in(needed)


def _free_bytes(connection: sa.Connection) -> int | None:
    """Bytes of the file that are unused; None where there is no file."""
    if connection.dialect.name != "sqlite":
        return None
    size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
    return int(size) * int(connection.exec_driver_sql("PRAGMA freelist_count").scalar_one())


def _bytes_a_row(connection: sa.Connection, table: sa.Table) -> float:
    """The average bytes of a row, with its indexes."""
    size = connection.scalar(sa.select(sa.func.pg_total_relation_size(table.name)))
    number = connection.scalar(sa.select(sa.func.count()).select_from(table))
    return float(size or 0) / max(number or 0, 1)
