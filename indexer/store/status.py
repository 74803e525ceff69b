"""How well each namespace is known."""

from __future__ import annotations

import sqlalchemy as sa

from indexer.model import CrawlStatus, NamespaceStatus
from indexer.store.crawls import crawls_of
from indexer.store.tables import crawl, namespace, registry, repository

OWED = repository.c.listed & (
    ~repository.c.was_read | repository.c.read_updated.is_distinct_from(repository.c.last_updated)
)

_COUNTS = (
    sa.select(
        repository.c.namespace_id,
        sa.func.count().label("repositories"),
        sa.func.sum(repository.c.tags).label("tags"),
        sa.func.sum(sa.case((OWED, 1), else_=0)).label("owed"),
    )
    .where(repository.c.present)
    .group_by(repository.c.namespace_id)
    .subquery("counts")
)


def _last(*conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    """The number of a namespace's last crawl for which all of these hold."""
    return (
        sa.select(sa.func.max(crawl.c.id))
        .where(crawl.c.namespace_id == namespace.c.id, *conditions)
        .correlate(namespace)
        .scalar_subquery()
    )


_COMPLETE = crawl.c.status == CrawlStatus.COMPLETE.value

NAMESPACES = (
    sa.select(
        registry.c.name.label("registry"),
        namespace.c.name,
        sa.func.coalesce(_COUNTS.c.repositories, 0).label("repositories"),
        sa.func.coalesce(_COUNTS.c.tags, 0).label("tags"),
        sa.func.coalesce(_COUNTS.c.owed, 0).label("owed"),
        _last().label("last"),
        _last(_COMPLETE).label("last_complete"),
        _last(_COMPLETE, crawl.c.whole).label("last_full"),
    )
    .join(registry, registry.c.id == namespace.c.registry_id)
    .outerjoin(_COUNTS, _COUNTS.c.namespace_id == namespace.c.id)
    .order_by(registry.c.name, namespace.c.name)
)


def namespaces(connection: sa.Connection) -> list[NamespaceStatus]:
    """Each namespace, by registry and name."""
    rows = connection.execute(NAMESPACES).all()
    numbers = {number for row in rows for number in row[-3:] if number is not None}
    crawls = crawls_of(connection, sorted(numbers))
    statuses = []
    for row in rows:
        last, complete, full = (crawls.get(number) for number in row[-3:])
        statuses.append(
            NamespaceStatus(
                registry=row.registry,
                namespace=row.name,
                repositories=row.repositories,
                tags=int(row.tags),
                owed=row.owed,
                last_crawl=last,
                last_complete_at=complete.finished_at if complete else None,
                last_full_at=full.finished_at if full else None,
            )
        )
    return statuses
