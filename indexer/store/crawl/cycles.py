"""Reads how far the cycles of crawls have come: see `indexer.crawl.selection.cycle`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.core.catalog_entries import UnfinishedCycle
from indexer.core.model import CrawlStatus, Mode
from indexer.crawl.selection import cycle
from indexer.crawl.selection.cycle import Past
from indexer.store.database.typed_rows import read, typed
from indexer.store.schema.codec import time_of
from indexer.store.schema.tables import crawl, repository

if TYPE_CHECKING:
    from datetime import datetime

MOST_CRAWLS = 200
"""The most crawls of one cycle."""


class _PastRow(NamedTuple):
    """A crawl of the mode, or of a stronger one."""

    id: int
    status: str
    unread: int
    started_at: int


def _past(mode: Mode) -> sa.Select[_PastRow]:
    return typed(
        _PastRow,
        sa.select(crawl.c.id, crawl.c.status, crawl.c.unread, crawl.c.started_at)
        .where(
            crawl.c.namespace_id == sa.bindparam("namespace"),
            crawl.c.part.is_(None),
            crawl.c.mode.in_([each.value for each in cycle.modes(mode)]),
        )
        .order_by(crawl.c.namespace_id.desc(), crawl.c.id.desc())
        .limit(MOST_CRAWLS),
    )


PAST = {mode: _past(mode) for mode in (Mode.VERIFY, Mode.FULL)}

_TO_READ = (
    repository.c.present,
    repository.c.hidden_since.is_(None),
    repository.c.unwatched_since.is_(None),
)


def began(
    connection: sa.Connection, namespace_id: int, mode: Mode, now: datetime | None
) -> Past | None:
    """The crawl that began the unfinished cycle of a namespace; None if there is none."""
    if mode not in PAST:
        return None
    rows = read(connection, PAST[mode], {"namespace": namespace_id})
    return cycle.began(map(_past_crawl, rows), now)


def _past_crawl(row: _PastRow) -> Past:
    return Past(row.id, CrawlStatus(row.status), row.unread, time_of(row.started_at))


def unread(
    connection: sa.Connection,
    namespace_id: int,
    mode: Mode,
    since: int,
    *visible: sa.ColumnElement[bool],
) -> tuple[int, int]:
    """How many repositories were not tried since a crawl, and how many there are."""
    read = repository.c.full_crawl if mode is Mode.FULL else repository.c.read_crawl
    was_tried = (read >= since) | (repository.c.failed_crawl >= since)
    counted = sa.select(
        sa.func.coalesce(sa.func.sum(sa.case((was_tried, 0), else_=1)), 0), sa.func.count()
    ).where(repository.c.namespace_id == namespace_id, *_TO_READ, *visible)
    left, number = connection.execute(counted).one()
    return int(left), int(number)


def unfinished(
    connection: sa.Connection, namespace_id: int, mode: Mode, *visible: sa.ColumnElement[bool]
) -> UnfinishedCycle | None:
    """The unfinished cycle of a namespace; only what is visible is counted."""
    first = began(connection, namespace_id, mode, None)
    if first is None:
        return None
    left, number = unread(connection, namespace_id, mode, first.id, *visible)
    running = sa.select(crawl.c.id).where(
        crawl.c.namespace_id == namespace_id,
        crawl.c.status == CrawlStatus.RUNNING.value,
        crawl.c.mode.in_([each.value for each in cycle.modes(mode)]),
    )
    is_running = connection.scalar(running.limit(1)) is not None
    return UnfinishedCycle(mode, first.started_at, left, number, is_running) if left else None
