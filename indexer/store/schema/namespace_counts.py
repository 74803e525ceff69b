"""Counts of each namespace's present repositories, which triggers keep: see migration 0036.

On PostgreSQL every transaction adds rows of its own, so that crawls wait for each other no more
than they did. The end of a crawl makes them one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from indexer.store.database.typed_rows import read, typed
from indexer.store.schema.tables import NAMESPACE_COUNTS, namespace_count, repository

_IS_READ = repository.c.hidden_since.is_(None) & repository.c.unwatched_since.is_(None)

PENDING = _IS_READ & (
    ~repository.c.was_read | repository.c.read_updated.is_distinct_from(repository.c.last_updated)
)

_UNSEEN_TAGS = sa.case((repository.c.list_partial.is_(True), repository.c.list_offset), else_=0)

_OF_PRESENT = {
    "repositories": sa.func.count(),
    "tags": sa.func.sum(repository.c.tags),
    "pending": sa.func.sum(sa.case((PENDING, 1), else_=0)),
    "hidden": sa.func.count(repository.c.hidden_since),
    "unwatched": sa.func.count(repository.c.unwatched_since),
    "gap_lists": sa.func.count(repository.c.list_gaps_before),
    "unknown_tags": sa.func.sum(
        sa.case((repository.c.list_gaps_before.is_not(None), _UNSEEN_TAGS), else_=0)
    ),
    "unseen_tags": sa.func.sum(_UNSEEN_TAGS),
}

COUNTED_NOW = [sa.func.coalesce(_OF_PRESENT[name], 0).label(name) for name in NAMESPACE_COUNTS]
"""The counts of present repositories, computed anew."""

SUMS = [sa.func.sum(namespace_count.c[name]).label(name) for name in NAMESPACE_COUNTS]
"""Of the rows of a namespace: its counts."""

_OF_ONE = namespace_count.c.namespace_id == sa.bindparam("namespace")


class Counted(NamedTuple):
    """What a crawl's row says of its namespace, private repositories included."""

    repositories: int
    tags: int
    unseen_tags: int


_COUNTED = typed(
    Counted,
    sa.select(
        *(
            sa.func.coalesce(sa.func.sum(namespace_count.c[name]), 0).label(name)
            for name in Counted._fields
        )
    ).where(_OF_ONE),
)

_MANY = (
    sa.select(namespace_count.c.public)
    .where(_OF_ONE)
    .group_by("public")
    .having(sa.func.count() > 1)
)
_TAKE = (
    sa.delete(namespace_count)
    .where(_OF_ONE, namespace_count.c.public == sa.bindparam("public"))
    .returning(namespace_count)
)


def folded(connection: sa.Connection, namespace_id: int) -> Counted:
    """Make the rows of a namespace one for each audience, and return its counts.

    Only in a transaction that holds the namespace's lock. Rows that others add meanwhile stay.
    """
    place = {"namespace": namespace_id}
    for public in connection.scalars(_MANY, place).all():
        rows = connection.execute(_TAKE, {**place, "public": public}).mappings().all()
        sums = {name: sum(row[name] for row in rows) for name in NAMESPACE_COUNTS}
        connection.execute(sa.insert(namespace_count).values({**rows[0], **sums}))
    (counted,) = read(connection, _COUNTED, place)
    return Counted(*map(int, counted))


def wrong() -> sa.Select[Any]:
    """The namespaces whose counts are not those of their repositories."""
    public = repository.c.public_since.is_not(None)
    now = (
        sa.select(repository.c.namespace_id, public.label("public"), *COUNTED_NOW)
        .where(repository.c.present)
        .group_by(repository.c.namespace_id, public)
    ).subquery()
    kept = (namespace_count.c[name] for name in NAMESPACE_COUNTS)
    both = sa.union_all(
        sa.select(namespace_count.c.namespace_id, namespace_count.c.public, *kept),
        sa.select(now.c.namespace_id, now.c.public, *(-now.c[name] for name in NAMESPACE_COUNTS)),
    ).subquery()
    differs = [sa.func.sum(both.c[name]) != 0 for name in NAMESPACE_COUNTS]
    return (
        sa.select(sa.literal("namespace ") + sa.cast(both.c.namespace_id, sa.Text))
        .group_by(both.c.namespace_id, both.c.public)
        .having(sa.or_(*differs))
    )
