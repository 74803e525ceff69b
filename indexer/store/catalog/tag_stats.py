"""Tags that are not pulled, and digests that tags share: of one repository or of many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from indexer.catalog.stats import MOST_NAMES, SharedTags, UnpulledTag
from indexer.store.changelog import companions
from indexer.store.database.typed_rows import read, typed
from indexer.store.schema.codec import digest_of, microseconds, time_of
from indexer.store.schema.tables import manifest, namespace, registry, repository

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from indexer.catalog.stats import StatsQuestion
    from indexer.store.schema.audience import Audience

    Condition = sa.ColumnElement[bool]


class PulledRow(NamedTuple):
    """How many tags of a repository were not pulled, and of how many the registry tells."""

    repository_id: int
    not_pulled: int
    told: int
    last_pulled: int | None


class _TagRow(NamedTuple):
    registry: str
    repository: str
    name: str
    key: bytes
    size: int | None
    last_pulled: int | None
    pushed_at: int | None
    number: int


class _SharedRow(NamedTuple):
    repository_id: int
    manifest_id: int
    registry: str
    repository: str
    key: bytes
    tags: int
    number: int


class _NameRow(NamedTuple):
    repository_id: int
    manifest_id: int
    name: str


def of_repositories(statement: sa.Select[*tuple[Any, ...]]) -> sa.Select[Any]:
    """A statement about repositories, each with its namespace and registry."""
    return (
        statement.select_from(repository)
        .join(namespace, namespace.c.id == repository.c.namespace_id)
        .join(registry, registry.c.id == namespace.c.registry_id)
    )


def _is_not_pulled(asked: StatsQuestion, tag: sa.FromClause) -> Condition:
    """Whether a tag was not pulled since a time.

    One that never was counts from its push, where the registry says how tags are used.
    """
    bound = microseconds(asked.not_pulled_since)
    never = tag.c.last_pulled.is_(None) & tag.c.status.is_not(None)
    existed = sa.func.coalesce(tag.c.pushed_at, tag.c.since) < bound
    return (tag.c.last_pulled < bound) | (never & existed)


def _shown(connection: sa.Connection, tag: sa.FromClause) -> list[Condition]:
    """Present tags, without those that tools keep: what they are of is pulled."""
    kept = companions.is_companion(tag.c.name, connection.dialect.name)
    return [tag.c.manifest_id.is_not(None), ~kept]


def pulled(
    connection: sa.Connection, asked: StatsQuestion, seen: Audience, ids: Collection[int]
) -> dict[int, PulledRow]:
    """How the tags of some repositories are pulled, by the id of each that has tags."""
    tag = seen.periods.tag
    not_pulled = sa.case((_is_not_pulled(asked, tag), 1), else_=0)
    told = sa.case((tag.c.last_pulled.is_not(None) | tag.c.status.is_not(None), 1), else_=0)
    statement = typed(
        PulledRow,
        sa.select(
            tag.c.repository_id,
            sa.func.sum(not_pulled).label("not_pulled"),
            sa.func.sum(told).label("told"),
            sa.func.max(tag.c.last_pulled).label("last_pulled"),
        )
        .where(tag.c.repository_id.in_(ids), *_shown(connection, tag))
        .group_by(tag.c.repository_id),
    )
    return {row.repository_id: row for row in read(connection, statement)}


def not_pulled(
    connection: sa.Connection, asked: StatsQuestion, seen: Audience, where: Sequence[Condition]
) -> tuple[list[UnpulledTag], int]:
    """Those that were pulled longest ago come first, or never were."""
    tag = seen.periods.tag
    statement = typed(
        _TagRow,
        of_repositories(
            sa.select(
                registry.c.name.label("registry"),
                repository.c.name.label("repository"),
                tag.c.name,
                manifest.c.key,
                manifest.c.size,
                tag.c.last_pulled,
                tag.c.pushed_at,
                sa.func.count().over().label("number"),
            )
        )
        .join(tag, tag.c.repository_id == repository.c.id)
        .join(manifest, manifest.c.id == tag.c.manifest_id)
        .where(*where, *_shown(connection, tag), _is_not_pulled(asked, tag))
        .order_by(
            sa.func.coalesce(tag.c.last_pulled, 0), registry.c.name, repository.c.name, tag.c.name
        )
        .limit(asked.limit),
    )
    rows = read(connection, statement)
    found = [
        UnpulledTag(
            row.registry,
            row.repository,
            row.name,
            digest_of(row.key),
            row.size,
            time_of(row.last_pulled),
            time_of(row.pushed_at),
        )
        for row in rows
    ]
    return found, rows[0].number if rows else 0


def shared(
    connection: sa.Connection, asked: StatsQuestion, seen: Audience, where: Sequence[Condition]
) -> tuple[list[SharedTags], int]:
    """Those that most tags share come first."""
    tag = seen.periods.tag
    shown = _shown(connection, tag)
    first = sa.func.min(tag.c.name).label("first")
    groups = (
        of_repositories(
            sa.select(tag.c.repository_id, tag.c.manifest_id, sa.func.count().label("tags"), first)
        )
        .join(tag, tag.c.repository_id == repository.c.id)
        .where(*where, *shown)
        .group_by(tag.c.repository_id, tag.c.manifest_id)
        .having(sa.func.count() > 1)
        .subquery("groups")
    )
    statement = typed(
        _SharedRow,
        of_repositories(
            sa.select(
                groups.c.repository_id,
                groups.c.manifest_id,
                registry.c.name.label("registry"),
                repository.c.name.label("repository"),
                manifest.c.key,
                groups.c.tags,
                sa.func.count().over().label("number"),
            )
        )
        .join(groups, groups.c.repository_id == repository.c.id)
        .join(manifest, manifest.c.id == groups.c.manifest_id)
        .order_by(groups.c.tags.desc(), registry.c.name, repository.c.name, groups.c.first)
        .limit(asked.limit),
    )
    rows = read(connection, statement)
    place = (
        sa.func.row_number()
        .over(partition_by=[tag.c.repository_id, tag.c.manifest_id], order_by=tag.c.name)
        .label("place")
    )
    numbered = (
        sa.select(tag.c.repository_id, tag.c.manifest_id, tag.c.name, place)
        .where(
            tag.c.manifest_id.in_([row.manifest_id for row in rows]),
            tag.c.repository_id.in_({row.repository_id for row in rows}),
            *shown,
        )
        .subquery("numbered")
    )
    of_names = typed(
        _NameRow,
        sa.select(numbered.c.repository_id, numbered.c.manifest_id, numbered.c.name)
        .where(numbered.c.place <= MOST_NAMES)
        .order_by(numbered.c.repository_id, numbered.c.manifest_id, numbered.c.place),
    )
    names: dict[tuple[int, int], list[str]] = {}
    for name in read(connection, of_names) if rows else ():
        names.setdefault(name[:2], []).append(name.name)
    found = [
        SharedTags(row.registry, row.repository, digest_of(row.key), names[row[:2]], row.tags)
        for row in rows
    ]
    return found, rows[0].number if rows else 0
