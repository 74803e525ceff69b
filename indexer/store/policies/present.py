"""Reads present tags for policies, and the last period of removed tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.core.model import ChangeKind
from indexer.policies.evidence import PresentTag
from indexer.store.database.typed_rows import first
from indexer.store.policies.evidence import PERIODS, period_of
from indexer.store.schema.codec import KINDS, digest_of, time_of
from indexer.store.schema.tables import (
    change,
    history,
    manifest,
    namespace,
    registry,
    repository,
    tag,
)

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.core.catalog_entries import Period

_BEGINNING = [KINDS[kind] for kind in (ChangeKind.TAG_ADDED, ChangeKind.TAG_RETAGGED)]

PLACES = (
    sa.select(registry.c.name.label("registry"), repository.c.name, repository.c.id)
    .join(namespace, namespace.c.id == repository.c.namespace_id)
    .join(registry, registry.c.id == namespace.c.registry_id)
)


def repositories(connection: sa.Connection) -> list[tuple[str, str]]:
    """Registry and name of every present repository."""
    statement = PLACES.where(repository.c.present)
    rows = connection.execute(statement.order_by(registry.c.name, repository.c.name))
    return [(row.registry, row.name) for row in rows]


def changed_since(connection: sa.Connection, number: int) -> list[tuple[str, str]]:
    """See `EvaluationStore.changed_since`."""
    rows = connection.execute(PLACES.where(repository.c.log_position > number))
    return [(row.registry, row.name) for row in rows]


def tags(
    connection: sa.Connection, host: str, name: str, only: str | None = None
) -> dict[str, PresentTag]:
    """The present tags of a repository, by name, each with the change that recorded it.

    Args:
        connection: of the database.
        host: the registry.
        name: the repository.
        only: the name of the only tag to read; None: all.
    """
    number = _number(connection, host, name)
    wanted = (
        sa.select(
            tag.c.id, tag.c.name, manifest.c.key, tag.c.since, tag.c.crawl_id, tag.c.counted_push
        )
        .join(manifest, manifest.c.id == tag.c.manifest_id)
        .where(tag.c.repository_id == number)
        .order_by(tag.c.name)
    )
    if only is not None:
        wanted = wanted.where(tag.c.name == only)
    present = connection.execute(wanted).all()
    if not present:
        return {}
    shown = sa.select(change.c.tag_id, sa.func.max(change.c.id)).where(
        change.c.repository_id == number,
        change.c.baseline == sa.false(),
        change.c.kind.in_(_BEGINNING),
    )
    if only is not None:
        shown = shown.where(change.c.tag_id == present[0].id)
    rows = connection.execute(shown.group_by(change.c.tag_id))
    changes: dict[int, int] = {row[0]: row[1] for row in rows}
    return {
        row.name: PresentTag(
            host,
            name,
            row.name,
            digest_of(row.key),
            time_of(row.since),
            row.crawl_id,
            changes.get(row.id),
            time_of(row.counted_push),
        )
        for row in present
    }


def last_period(connection: sa.Connection, host: str, name: str, tag_name: str) -> Period | None:
    """The last period of a tag before it was removed; None if it was never seen."""
    number = _number(connection, host, name)
    row = first(
        connection,
        PERIODS.where(tag.c.repository_id == number, tag.c.name == tag_name).order_by(
            history.c.ended_at.desc(), history.c.id.desc()
        ),
    )
    return period_of(row, host, name) if row else None


def unwatched_since(
    connection: sa.Connection, host: str, name: str, tag_name: str
) -> datetime | None:
    """Since when a tag, or its repository, is not watched; None: both are."""
    since = sa.func.coalesce(tag.c.unwatched_since, repository.c.unwatched_since)
    statement = (
        sa.select(since)
        .join(repository, repository.c.id == tag.c.repository_id)
        .where(
            repository.c.id == _number(connection, host, name),
            repository.c.present,
            tag.c.name == tag_name,
        )
    )
    found: int | None = connection.scalar(statement)
    return None if found is None else time_of(found)


def _number(connection: sa.Connection, host: str, name: str) -> int:
    """A repository's id; 0, which none has, for an unknown one."""
    statement = PLACES.where(registry.c.name == host, repository.c.name == name)
    row = connection.execute(statement).first()
    return int(row.id) if row else 0
