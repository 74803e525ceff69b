"""What the next crawl of each namespace depends on: its last crawls, and their statuses.

The daemon asks every few seconds what was crawled since, and reads the history of that alone. Each
number is read from the end of an index, however many crawls there were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.core.catalog_entries import CrawledSince, CrawlHistory, CrawlMark, LastCrawl
from indexer.core.model import CrawlStatus, Mode
from indexer.store.coordination.locks import is_held
from indexer.store.crawl.crawl_rows import IS_THOROUGH, last
from indexer.store.schema.codec import time_of
from indexer.store.schema.tables import crawl, namespace, registry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from indexer.store.database.engine import Database

_GOT_THROUGH = (CrawlStatus.COMPLETE, CrawlStatus.INCOMPLETE)
_DID_NOT = (CrawlStatus.FAILED, CrawlStatus.INTERRUPTED)

_AT_LEAST: dict[Mode, tuple[sa.ColumnElement[bool], ...]] = {
    Mode.INCREMENTAL: (),
    Mode.VERIFY: (IS_THOROUGH,),
    Mode.FULL: (crawl.c.whole,),
}
"""What a crawl must have done to count as one of a mode."""

CHUNK = 500
"""Ids of crawls in one statement; SQLite takes 32,766."""


_LAST = last()

NUMBERS = (
    sa.select(
        namespace.c.id,
        registry.c.name.label("registry"),
        namespace.c.name,
        _LAST.label("last"),
        last(status=CrawlStatus.COMPLETE, first=True).label("first_complete"),
        *(
            last(*conditions, status=status).label(f"{mode}_{status}")
            for mode, conditions in _AT_LEAST.items()
            for status in _GOT_THROUGH
        ),
    )
    .join(registry, registry.c.id == namespace.c.registry_id)
    .order_by(registry.c.name, namespace.c.name)
)

CRAWLED = NUMBERS.where(_LAST.is_not(None))
CRAWLED_OF = CRAWLED.where(namespace.c.name.in_(sa.bindparam("names", expanding=True)))

BEGAN_BY = sa.select(sa.func.min(crawl.c.started_at)).where(
    crawl.c.namespace_id == sa.bindparam("namespace"), crawl.c.id >= sa.bindparam("number")
)
"""The time by which a crawl had begun: no crawl began later than one with a higher number."""

CRAWLS = sa.select(
    crawl.c.id,
    crawl.c.mode,
    crawl.c.status,
    crawl.c.started_at,
    crawl.c.finished_at,
    crawl.c.unread,
)

FAILURES = sa.select(sa.func.count()).where(
    crawl.c.namespace_id == sa.bindparam("namespace"),
    crawl.c.part.is_(None),
    crawl.c.status.in_([status.value for status in _DID_NOT]),
    crawl.c.id > sa.bindparam("since"),
)


MARK = sa.select(
    sa.select(sa.func.coalesce(sa.func.max(crawl.c.id), 0)).scalar_subquery(),
    sa.select(sa.func.count()).select_from(namespace).scalar_subquery(),
)

SINCE = (
    sa.select(registry.c.name, namespace.c.name)
    .select_from(crawl)
    .join(namespace, namespace.c.id == crawl.c.namespace_id)
    .join(registry, registry.c.id == namespace.c.registry_id)
    .where(crawl.c.id > sa.bindparam("newest"))
)


def crawled_since(database: Database, mark: CrawlMark | None) -> CrawledSince:
    """Which namespaces were crawled, or are, by crawls that began after a mark; cheap if none.

    PostgreSQL may show a crawl later than one with a higher number: such a crawl may be missed.
    """
    with database.reading() as connection:
        new = CrawlMark(*connection.execute(MARK).one())
        if mark is None or new.newest < mark.newest or new.namespaces < mark.namespaces:
            return CrawledSince(new, None)
        if new.newest == mark.newest:
            return CrawledSince(new, frozenset())
        rows = connection.execute(SINCE, {"newest": mark.newest}).all()
    return CrawledSince(new, frozenset((host, name) for host, name in rows))


def crawl_history(
    database: Database, places: Collection[tuple[str, str]] | None = None
) -> list[CrawlHistory]:
    """The history of each namespace that was ever crawled, by registry and name.

    Args:
        database: the index.
        places: only these, by registry and name; None: all.
    """
    found = []
    with database.reading() as connection:
        rows = list(_numbers(connection, places))
        numbers = {row[name] for row in rows for name in _NUMBERS if row[name] is not None}
        crawls = _crawls(connection, sorted(numbers))
        for row in rows:
            newest = max(row[name] or 0 for name in _names(Mode.INCREMENTAL))
            since = {"namespace": row["id"], "since": newest}
            failures = connection.scalar(FAILURES, since) if row["last"] != newest else 0
            found.append((row, dict(_done(connection, row, crawls)), failures or 0))
    return [
        CrawlHistory(
            registry=row["registry"],
            namespace=row["name"],
            last=(newest := crawls[row["last"]]),
            alive=newest.status is CrawlStatus.RUNNING and is_held(database, row["id"]),
            done=done,
            failures=failures,
            unread={mode: crawls[number].unread for mode, number in _newest(row)},
        )
        for row, done, failures in found
    ]


def _numbers(
    connection: sa.Connection, places: Collection[tuple[str, str]] | None
) -> Iterator[sa.RowMapping]:
    """The rows of `NUMBERS` of some namespaces."""
    if places is None or len(places) > CHUNK:
        found = connection.execute(CRAWLED).mappings().all()
    else:
        found = (
            connection.execute(CRAWLED_OF, {"names": [name for _, name in places]}).mappings().all()
        )
    return (row for row in found if places is None or (row["registry"], row["name"]) in places)


def _names(mode: Mode) -> list[str]:
    """The columns of `NUMBERS` with the last completed crawls of a mode."""
    return [f"{mode}_{status}" for status in _GOT_THROUGH]


_NUMBERS = ("last", "first_complete", *(name for mode in Mode for name in _names(mode)))
"""The columns of `NUMBERS` that hold ids of crawls."""


def _done(
    connection: sa.Connection, numbers: sa.RowMapping, crawls: dict[int, LastCrawl]
) -> Iterator[tuple[Mode, datetime]]:
    """When the last crawl began that completed, for each mode and by that or a stronger mode.

    The first complete crawl counts as full, whatever its mode: it read everything.
    """
    for mode, newest in _newest(numbers):
        began = crawls[newest].started_at
        if began > crawls[numbers["last"]].started_at:  # one of their clocks was wrong
            wanted = {"namespace": numbers["id"], "number": newest}
            began = time_of(connection.scalar(BEGAN_BY, wanted)) or began
        yield mode, began


def _newest(numbers: sa.RowMapping) -> Iterator[tuple[Mode, int]]:
    """The last crawl that completed, for each mode and by that or a stronger mode."""
    for mode in Mode:
        newest = max(numbers[name] or 0 for name in (*_names(mode), "first_complete"))
        if newest:
            yield mode, newest


def _crawls(connection: sa.Connection, numbers: list[int]) -> dict[int, LastCrawl]:
    found = {}
    for start in range(0, len(numbers), CHUNK):
        some = CRAWLS.where(crawl.c.id.in_(numbers[start : start + CHUNK]))
        for row in connection.execute(some):
            found[row.id] = LastCrawl(
                row.id,
                Mode(row.mode),
                CrawlStatus(row.status),
                time_of(row.started_at),
                time_of(row.finished_at),
                row.unread,
            )
    return found
