"""Finds what pins ask: the periods in which tags led to a digest, and tags that are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.core.catalog_entries import Unseen, held_back
from indexer.store.catalog.tag_history import PeriodRow, period
from indexer.store.database.dialect import chunks
from indexer.store.database.typed_rows import read, typed
from indexer.store.schema.codec import digest_bytes, held_back_of, time_of
from indexer.store.schema.tables import manifest, namespace, registry, repository, tag
from indexer.store.schema.visibility import ALL

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from indexer.core.catalog_entries import Period
    from indexer.store.schema.visibility import Periods

_SHA256 = "sha256:"


def holding(
    connection: sa.Connection, where: tuple[str, str], digest: str, of: Periods = ALL
) -> list[Period]:
    """The periods in which tags of a repository pointed to a digest, or to an index with it.

    Args:
        connection: in a transaction.
        where: registry and repository.
        digest: the full digest.
        of: the periods that the audience may see.
    """
    rows = read(connection, _holding(where, digest, connection.dialect.name, of))
    return [period(row, where) for row in rows]


def unwatched(
    connection: sa.Connection, where: tuple[str, str], tags: Collection[str]
) -> dict[str, datetime]:
    """Since when the configuration does not want tags, by name: of those that it leaves out.

    Args:
        connection: in a transaction.
        where: registry and repository.
        tags: the names to look at.
    """
    found: dict[str, datetime] = {}
    for some in chunks(tags):
        statement = sa.select(tag.c.name, tag.c.unwatched_since).where(
            _repository(where), tag.c.name.in_(some), tag.c.unwatched_since.is_not(None)
        )
        found.update((name, time_of(since)) for name, since in connection.execute(statement))
    return found


def unseen(
    connection: sa.Connection, where: tuple[str, str], tags: Collection[str] = ()
) -> Unseen | None:
    """Since when no crawl sees a repository, or all of some tags, that are kept; None: they do.

    Args:
        connection: in a transaction.
        where: registry and repository.
        tags: of the repository; none: only the repository itself is asked for.
    """
    columns = (
        repository.c.hidden_since,
        repository.c.hidden_from,
        repository.c.unwatched_since,
        namespace.c.list_held_back,
        repository.c.list_held_back,
    )
    found = connection.execute(
        sa.select(*columns)
        .join(namespace, namespace.c.id == repository.c.namespace_id)
        .where(repository.c.id.in_(_ids(where)), repository.c.present)
    ).first()
    if found is None:
        return None
    hidden_since, hidden_from, unwatched_since, of_namespace, of_tags = found
    if hidden_since is not None:
        return Unseen(time_of(hidden_since), hidden_from or "")
    if unwatched_since is not None:
        return Unseen(time_of(unwatched_since), None)
    return held_back(held_back_of(of_namespace), held_back_of(of_tags), where[1], tags)


def _holding(
    where: tuple[str, str], digest: str, dialect: str, of: Periods
) -> sa.Select[PeriodRow]:
    """The statement: ended periods, and lasting ones."""
    history, lasts = of.history, of.tag
    is_it = (manifest.c.key == digest_bytes(digest)) | _is_inside(digest, dialect)
    ended = (
        sa.select(
            tag.c.name,
            manifest.c.key,
            manifest.c.images,
            manifest.c.digests,
            history.c.pushed_at,
            history.c.started_at,
            history.c.ended_at,
            history.c.pushed_by,
            history.c.counted_push,
        )
        .join(tag, tag.c.id == history.c.tag_id)
        .join(manifest, manifest.c.id == history.c.manifest_id)
        .where(_repository(where), is_it)
    )
    lasting = (
        sa.select(
            lasts.c.name,
            manifest.c.key,
            manifest.c.images,
            manifest.c.digests,
            lasts.c.pushed_at,
            lasts.c.since.label("started_at"),
            sa.null().cast(sa.BigInteger).label("ended_at"),
            lasts.c.pushed_by,
            lasts.c.counted_push,
        )
        .join(manifest, manifest.c.id == lasts.c.manifest_id)
        .where(lasts.c.repository_id.in_(_ids(where)), is_it)
    )
    both = sa.union_all(ended, lasting).subquery("holding")
    return typed(
        PeriodRow,
        sa.select(both).order_by(both.c.name, both.c.started_at, sa.nulls_last(both.c.ended_at)),
    )


def _repository(where: tuple[str, str]) -> sa.ColumnElement[bool]:
    return tag.c.repository_id.in_(_ids(where))


def _ids(where: tuple[str, str]) -> sa.Select[tuple[int]]:
    host, name = where
    return (
        sa.select(repository.c.id)
        .join(namespace, namespace.c.id == repository.c.namespace_id)
        .join(registry, registry.c.id == namespace.c.registry_id)
        .where(registry.c.name == host, repository.c.name == name)
    )


def _is_inside(digest: str, dialect: str) -> sa.ColumnElement[bool]:
    """Whether a manifest contains an image with this digest: see `codec.packed`."""
    if not digest.startswith(_SHA256):
        return manifest.c.images.contains(f'"{digest}"', autoescape=True)
    place = sa.func.instr if dialect == "sqlite" else sa.func.pg_catalog.position
    return place(manifest.c.digests, digest_bytes(digest)) > 0
