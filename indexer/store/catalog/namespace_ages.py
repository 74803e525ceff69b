"""When each namespace was last crawled completely: what the age of an answer depends on.

Each answer of a server asks this, so no repository is counted: each crawl is read from the end of
an index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.core.catalog_entries import NamespaceAge
from indexer.core.clock import CLOCKS_DIFFER
from indexer.core.model import CrawlStatus
from indexer.store.coordination.locks import is_held
from indexer.store.crawl.crawl_rows import last
from indexer.store.database.typed_rows import read, typed
from indexer.store.schema.codec import microseconds, time_of
from indexer.store.schema.tables import crawl, namespace, registry

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.store.database.engine import Database


class _AgeRow(NamedTuple):
    """A namespace, the status of its last crawl, and when the last complete and the first ended."""

    id: int
    registry: str
    name: str
    status: str | None
    finished_at: int | None
    began_at: int | None


_LAST = crawl.alias("last_crawl")
_COMPLETE = crawl.alias("last_complete")
_FIRST = crawl.alias("first_crawl")

_FIRST_READ = [
    last(crawl.c.finished_at <= sa.bindparam("latest"), status=status, first=True)
    for status in (CrawlStatus.COMPLETE, CrawlStatus.INCOMPLETE)
]
"""A crawl that ended in the future says nothing of when: the first one after it counts."""

AGES = typed(
    _AgeRow,
    sa.select(
        namespace.c.id,
        registry.c.name.label("registry"),
        namespace.c.name,
        _LAST.c.status,
        _COMPLETE.c.finished_at,
        sa.select(sa.func.min(_FIRST.c.finished_at))
        .where(_FIRST.c.id.in_(_FIRST_READ))
        .correlate(namespace)
        .scalar_subquery()
        .label("began_at"),
    )
    .join(registry, registry.c.id == namespace.c.registry_id)
    .outerjoin(_LAST, _LAST.c.id == last())
    .outerjoin(_COMPLETE, _COMPLETE.c.id == last(status=CrawlStatus.COMPLETE))
    .order_by(registry.c.name, namespace.c.name),
)


def namespace_ages(database: Database, now: datetime) -> list[NamespaceAge]:
    """The age of what is known of each namespace, by registry and name."""
    with database.reading() as connection:
        rows = read(connection, AGES, {"latest": microseconds(now + CLOCKS_DIFFER)})
    return [
        NamespaceAge(
            row.registry,
            row.name,
            time_of(row.finished_at),
            CrawlStatus(row.status) if row.status else None,
            is_running=row.status == CrawlStatus.RUNNING and is_held(database, row.id),
            began_at=time_of(row.began_at),
        )
        for row in rows
    ]
