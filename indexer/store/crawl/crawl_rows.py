"""Reads rows of crawls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from indexer.core.model import ChangeKind, Cost, Crawl, CrawlStatus, Mode, RateLimit
from indexer.store.database.dialect import IndexedNotNull
from indexer.store.schema.codec import time_of
from indexer.store.schema.tables import crawl, namespace, registry

if TYPE_CHECKING:
    from collections.abc import Sequence

CRAWLS = (
    sa.select(crawl, namespace.c.name.label("namespace"), registry.c.name.label("registry"))
    .join(namespace, namespace.c.id == crawl.c.namespace_id)
    .join(registry, registry.c.id == namespace.c.registry_id)
)

IS_NOT_INCREMENTAL = crawl.c.mode != sa.literal_column("'incremental'")
"""The condition of an index, which is used for the same condition without parameters alone."""

IS_THOROUGH = crawl.c.whole | IS_NOT_INCREMENTAL
"""The same of another index; `crawl.c.whole` alone uses it too."""


def last(
    *conditions: sa.ColumnElement[bool], status: CrawlStatus | None = None, first: bool = False
) -> sa.ScalarSelect[int]:
    """The id of a namespace's last crawl, or of its first; null if there is none.

    Crawls of a part of a namespace do not count.

    Args:
        conditions: further conditions on the crawl.
        status: its status; None: any.
        first: the first crawl instead of the last.
    """
    keys: dict[sa.ColumnElement[Any], object] = {crawl.c.namespace_id: namespace.c.id}
    if status is not None:
        keys[crawl.c.status] = status.value
    order = [column if first else column.desc() for column in (*keys, crawl.c.id)]
    return (
        sa.select(crawl.c.id)
        .where(
            *(IndexedNotNull(column, value) for column, value in keys.items()),
            crawl.c.part.is_(None),
            *conditions,
        )
        .order_by(*order)
        .limit(1)
        .correlate(namespace)
        .scalar_subquery()
    )


_CRAWL = CRAWLS.where(crawl.c.id == sa.bindparam("number"))

_ERRORS = msgspec.json.Decoder(tuple[str, ...])


def crawl_of(connection: sa.Connection, crawl_id: int) -> Crawl | None:
    """One crawl; None if there is none with this id."""
    row = connection.execute(_CRAWL, {"number": crawl_id}).one_or_none()
    return read_crawl(row) if row else None


def crawls_of(connection: sa.Connection, crawl_ids: Sequence[int]) -> dict[int, Crawl]:
    """Several crawls, by id."""
    rows = connection.execute(CRAWLS.where(crawl.c.id.in_(crawl_ids)))
    return {row.id: read_crawl(row) for row in rows}


def read_crawl(row: Any) -> Crawl:
    """Convert a row of `CRAWLS`."""
    told = (row.rate_limit, row.rate_remaining, row.rate_reset_at)
    return Crawl(
        id=row.id,
        registry=row.registry,
        namespace=row.namespace,
        status=CrawlStatus(row.status),
        mode=Mode(row.mode),
        identity=row.identity,
        started_at=time_of(row.started_at),
        finished_at=time_of(row.finished_at),
        repositories=row.repositories,
        tags=row.tags,
        spent=Cost(row.requests, row.bytes),
        changes={kind: number for kind in ChangeKind if (number := getattr(row, kind.value))},
        baseline=row.baseline,
        errors=_ERRORS.decode(row.errors),
        rate_limit=RateLimit(told[0], told[1], time_of(told[2]))
        if any(each is not None for each in told)
        else None,
        pulls=RateLimit(row.pull_limit, row.pull_remaining, None)
        if (row.pull_limit, row.pull_remaining) != (None, None)
        else None,
        part=row.part,
        unseen_repositories=row.unseen_repositories,
        unseen_tags=row.unseen_tags,
        unread=row.unread,
    )
