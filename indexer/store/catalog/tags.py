"""Statements for the tags of a repository, now or as of a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.core.catalog_entries import TagEntry
from indexer.store.database.typed_rows import typed
from indexer.store.schema.codec import digest_of, time_of, unpacked
from indexer.store.schema.tables import history, manifest, tag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.store.schema.codec import Place


class TagRow(NamedTuple):
    """A tag, and what it points to."""

    name: str
    key: bytes
    size: int | None
    images: str | None
    digests: bytes | None
    pushed_at: int | None
    first_seen_at: int
    pushed_by: str | None
    last_pulled: int | None
    status: str | None
    status_since: int | None
    content_type: str | None


_FIRST_SEEN = sa.func.coalesce(
    sa.select(sa.func.min(history.c.started_at))
    .where(history.c.tag_id == tag.c.id)
    .correlate(tag)
    .scalar_subquery(),
    tag.c.since,
)

OF_THE_REPOSITORY = tag.c.repository_id == sa.bindparam("repository")

TAGS = typed(
    TagRow,
    sa.select(
        tag.c.name,
        manifest.c.key,
        manifest.c.size,
        manifest.c.images,
        manifest.c.digests,
        tag.c.pushed_at,
        _FIRST_SEEN.label("first_seen_at"),
        tag.c.pushed_by,
        tag.c.last_pulled,
        tag.c.status,
        tag.c.status_since,
        sa.func.coalesce(tag.c.content_type, manifest.c.content_type).label("content_type"),
    )
    .join(manifest, manifest.c.id == tag.c.manifest_id)
    .where(OF_THE_REPOSITORY)
    .order_by(tag.c.name),
)

_THEN = sa.union_all(
    sa.select(
        tag.c.id.label("tag_id"), tag.c.name, tag.c.manifest_id, tag.c.pushed_at, tag.c.pushed_by
    ).where(OF_THE_REPOSITORY, tag.c.manifest_id.is_not(None), tag.c.since <= sa.bindparam("time")),
    sa.select(tag.c.id, tag.c.name, history.c.manifest_id, history.c.pushed_at, history.c.pushed_by)
    .join(tag, tag.c.id == history.c.tag_id)
    .where(
        OF_THE_REPOSITORY,
        history.c.started_at <= sa.bindparam("time"),
        history.c.ended_at > sa.bindparam("time"),
    ),
).subquery("at_that_time")

TAGS_AS_OF = typed(
    TagRow,
    sa.select(
        _THEN.c.name,
        manifest.c.key,
        manifest.c.size,
        manifest.c.images,
        manifest.c.digests,
        _THEN.c.pushed_at,
        _FIRST_SEEN.label("first_seen_at"),
        _THEN.c.pushed_by,
        # What it was then is not kept.
        sa.null().cast(sa.BigInteger).label("last_pulled"),
        sa.null().cast(sa.Text).label("status"),
        sa.null().cast(sa.BigInteger).label("status_since"),
        manifest.c.content_type,
    )
    .join(tag, tag.c.id == _THEN.c.tag_id)
    .join(manifest, manifest.c.id == _THEN.c.manifest_id)
    .order_by(_THEN.c.name),
)


def tags_as_of_after(*more: sa.ColumnElement[bool]) -> sa.Select[TagRow]:
    """`TAGS_AS_OF` for tags that follow the parameter `after`, with further conditions."""
    return TAGS_AS_OF.where(_THEN.c.name > sa.bindparam("after"), *more)


def tag_entry(row: TagRow, where: tuple[str, str], known: Mapping[int, Place]) -> TagEntry:
    """Convert a row of `TAGS` or `TAGS_AS_OF`; `where` is registry and repository."""
    return TagEntry(
        *where,
        tag=row.name,
        digest=digest_of(row.key),
        size=row.size,
        platforms=unpacked(row.images, row.digests, known),
        pushed_at=time_of(row.pushed_at),
        first_seen_at=time_of(row.first_seen_at),
        pushed_by=row.pushed_by,
        last_pulled=time_of(row.last_pulled),
        status=row.status,
        status_since=time_of(row.status_since),
        content_type=row.content_type,
    )
