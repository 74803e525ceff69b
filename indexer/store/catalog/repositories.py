"""Statements for repositories: the present ones, and all that ever were."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.core.catalog_entries import RepositoryDay, RepositoryEntry
from indexer.store.database.glob_match import matches
from indexer.store.database.typed_rows import read, typed
from indexer.store.schema.codec import A_DAY, date_of, names_of, time_of
from indexer.store.schema.namespace_counts import PENDING
from indexer.store.schema.tables import namespace, registry, repository, repository_daily, tag

if TYPE_CHECKING:
    from collections.abc import Sequence


class RepositoryRow(NamedTuple):
    """A repository; `removed_at` is null while it is present."""

    registry: str
    name: str
    description: str
    private: bool
    tags: int
    last_updated: int | None
    listed: bool
    pending: bool
    first_seen_at: int
    hidden_since: int | None
    hidden_from: str | None
    unwatched_since: int | None
    removed_at: int | None
    pulls: int | None
    stars: int | None
    storage_size: int | None
    categories: str | None
    registered_at: int | None
    full_description: str | None
    public_since: int | None


EVER = typed(
    RepositoryRow,
    sa.select(
        registry.c.name.label("registry"),
        repository.c.name,
        repository.c.description,
        repository.c.private,
        repository.c.tags,
        repository.c.last_updated,
        repository.c.listed,
        PENDING.label("pending"),
        repository.c.first_seen_at,
        repository.c.hidden_since,
        repository.c.hidden_from,
        repository.c.unwatched_since,
        repository.c.removed_at,
        repository.c.pulls,
        repository.c.stars,
        repository.c.storage_size,
        repository.c.categories,
        repository.c.registered_at,
        repository.c.full_description,
        repository.c.public_since,
    )
    .join(namespace, namespace.c.id == repository.c.namespace_id)
    .join(registry, registry.c.id == namespace.c.registry_id),
)
"""All repositories, removed ones included."""


class DayRow(NamedTuple):
    """What was counted of a repository on a day."""

    day: int
    pulls: int | None
    stars: int | None
    storage_size: int | None


DAYS = typed(
    DayRow,
    sa.select(
        repository_daily.c.day,
        repository_daily.c.pulls,
        repository_daily.c.stars,
        repository_daily.c.storage_size,
    )
    .where(
        repository_daily.c.repository_id == sa.bindparam("repository"),
        repository_daily.c.day > sa.bindparam("after"),
    )
    .order_by(repository_daily.c.day),
)
"""What was counted of a repository, by the day, after a day."""

PUBLIC_DAYS = DAYS.join(repository, repository.c.id == repository_daily.c.repository_id).where(
    repository_daily.c.day >= repository.c.public_since // A_DAY
)
"""Of those only the days since it is public."""

PRESENT = EVER.where(repository.c.present).order_by(registry.c.name, repository.c.name)


def repository_day(row: DayRow) -> RepositoryDay:
    """What was counted on a day, from a row of `DAYS`."""
    return RepositoryDay(date_of(row.day), *row[1:])


def repository_entry(row: RepositoryRow, *, public: bool = False) -> RepositoryEntry:
    """Convert a row to an entry; `public`: for who sees only what was public."""
    first_seen_at = max(row.first_seen_at, row.public_since or 0) if public else row.first_seen_at
    return RepositoryEntry(
        registry=row.registry,
        repository=row.name,
        description=row.description,
        private=row.private,
        tags=row.tags,
        last_updated=time_of(row.last_updated),
        listed=row.listed,
        pending=bool(row.pending),
        first_seen_at=time_of(first_seen_at),
        hidden_since=time_of(row.hidden_since),
        hidden_from=row.hidden_from,
        unwatched_since=time_of(row.unwatched_since),
        pulls=row.pulls,
        stars=row.stars,
        storage_size=row.storage_size,
        categories=names_of(row.categories),
        registered_at=time_of(row.registered_at),
        full_description=row.full_description,
    )


class _HomeRow(NamedTuple):
    """A repository by its names."""

    registry: str
    name: str


def with_tag(
    connection: sa.Connection,
    glob: str,
    where: Sequence[sa.ColumnElement[bool]],
    limit: int | None = None,
) -> list[tuple[str, str]]:
    """The repositories in which a present tag matches a glob, by registry and name.

    For a name without wildcards each repository takes one look into an index.

    Args:
        connection: to the index.
        glob: of tags, as `fnmatch` has it.
        where: further conditions for the repositories.
        limit: the most that are returned; None: all.
    """
    named = matches(tag.c.name, glob, connection.dialect.name)
    there = sa.select(tag.c.id).where(
        tag.c.repository_id == repository.c.id, tag.c.manifest_id.is_not(None), named
    )
    statement = typed(
        _HomeRow,
        sa.select(registry.c.name.label("registry"), repository.c.name)
        .join(namespace, namespace.c.id == repository.c.namespace_id)
        .join(registry, registry.c.id == namespace.c.registry_id)
        .where(repository.c.present, there.correlate(repository).exists(), *where)
        .order_by(registry.c.name, repository.c.name)
        .limit(limit),
    )
    return [(row.registry, row.name) for row in read(connection, statement)]
