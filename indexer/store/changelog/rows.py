"""Reads rows of the change log. `indexer.store.changelog.query` selects them."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import sqlalchemy as sa

from indexer.core.model import WHOLE_REGISTRY, Change
from indexer.store.database.typed_rows import typed
from indexer.store.schema.codec import KIND_OF, digest_of, time_of
from indexer.store.schema.tables import change, manifest, namespace, registry, repository, tag

T = TypeVar("T")

_OLD = manifest.alias("old")
_NEW = manifest.alias("new")


class ChangeRow(NamedTuple):
    """A change, with names instead of ids."""

    id: int
    observed_at: int
    kind: int
    registry: str
    repository: str
    tag: str | None
    old_key: bytes | None
    new_key: bytes | None
    pushed_at: int | None
    crawl_id: int
    baseline: bool
    repository_id: int
    tag_id: int | None
    old_manifest_id: int | None
    new_manifest_id: int | None
    pushed_by: str | None
    removed_by: str | None
    removed_at: int | None
    reason: str | None


CHANGES = typed(
    ChangeRow,
    sa.select(
        change.c.id,
        change.c.observed_at,
        change.c.kind,
        registry.c.name.label("registry"),
        repository.c.name.label("repository"),
        tag.c.name.label("tag"),
        _OLD.c.key.label("old_key"),
        _NEW.c.key.label("new_key"),
        change.c.pushed_at,
        change.c.crawl_id,
        change.c.baseline,
        change.c.repository_id,
        change.c.tag_id,
        change.c.old_manifest_id,
        change.c.new_manifest_id,
        change.c.pushed_by,
        change.c.removed_by,
        change.c.removed_at,
        change.c.reason,
    )
    # Outer joins, though nothing is ever missing, so that no planner starts with repositories.
    .outerjoin(repository, repository.c.id == change.c.repository_id)
    .outerjoin(namespace, namespace.c.id == repository.c.namespace_id)
    .outerjoin(registry, registry.c.id == namespace.c.registry_id)
    .outerjoin(tag, tag.c.id == change.c.tag_id)
    .outerjoin(_OLD, _OLD.c.id == change.c.old_manifest_id)
    .outerjoin(_NEW, _NEW.c.id == change.c.new_manifest_id),
)


def within(name: str) -> sa.ColumnElement[bool]:
    """Whether a repository is below a namespace: a range of names ('0' follows '/')."""
    if name == WHOLE_REGISTRY:
        return sa.true()
    return (repository.c.name > f"{name}/") & (repository.c.name < f"{name}0")


def plain(column: sa.Column[T], dialect: str) -> sa.ColumnElement[T]:
    """A column for which SQLite uses no index; PostgreSQL decides by its statistics."""
    if dialect != "sqlite":
        return column
    return sa.literal_column(f"+{column.table.name}.{column.name}", column.type)


def change_of(row: ChangeRow) -> Change:
    """Convert a row of `CHANGES`."""
    return Change(
        id=row.id,
        observed_at=time_of(row.observed_at),
        kind=KIND_OF[row.kind],
        registry=row.registry,
        repository=row.repository,
        tag=row.tag,
        old_digest=digest_of(row.old_key),
        new_digest=digest_of(row.new_key),
        pushed_at=time_of(row.pushed_at),
        crawl_id=row.crawl_id,
        baseline=row.baseline,
        pushed_by=row.pushed_by,
        removed_by=row.removed_by,
        removed_at=time_of(row.removed_at),
        reason=row.reason,
    )
