"""Repositories, tags and their intervals, asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from indexer.core.model import Period, RepositoryEntry, TagEntry
from indexer.store.catalog.namespace_status import PENDING
from indexer.store.schema.codec import digest_of, time_of, unpacked
from indexer.store.schema.tables import (
    history,
    manifest,
    namespace,
    platform,
    registry,
    repository,
    tag,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.store.schema.codec import Place

REPOSITORIES = (
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
    )
    .join(namespace, namespace.c.id == repository.c.namespace_id)
    .join(registry, registry.c.id == namespace.c.registry_id)
    .where(repository.c.present)
    .order_by(registry.c.name, repository.c.name)
)

_FIRST_SEEN = sa.func.coalesce(
    sa.select(sa.func.min(history.c.started_at))
    .where(history.c.tag_id == tag.c.id)
    .correlate(tag)
    .scalar_subquery(),
    tag.c.since,
)

_OF_THE_REPOSITORY = tag.c.repository_id == sa.bindparam("repository")

TAGS = (
    sa.select(
        tag.c.name,
        manifest.c.key,
        manifest.c.size,
        manifest.c.images,
        manifest.c.digests,
        tag.c.pushed_at,
        _FIRST_SEEN.label("first_seen_at"),
    )
    .join(manifest, manifest.c.id == tag.c.manifest_id)
    .where(_OF_THE_REPOSITORY)
    .order_by(tag.c.name)
)

_THEN = sa.union_all(
    sa.select(tag.c.id.label("tag_id"), tag.c.name, tag.c.manifest_id, tag.c.pushed_at).where(
        _OF_THE_REPOSITORY, tag.c.manifest_id.is_not(None), tag.c.since <= sa.bindparam("time")
    ),
    sa.select(tag.c.id, tag.c.name, history.c.manifest_id, history.c.pushed_at)
    .join(tag, tag.c.id == history.c.tag_id)
    .where(
        _OF_THE_REPOSITORY,
        history.c.started_at <= sa.bindparam("time"),
        history.c.ended_at > sa.bindparam("time"),
    ),
).subquery("at_that_time")

TAGS_AS_OF = (
    sa.select(
        _THEN.c.name,
        manifest.c.key,
        manifest.c.size,
        manifest.c.images,
        manifest.c.digests,
        _THEN.c.pushed_at,
        _FIRST_SEEN.label("first_seen_at"),
    )
    .join(tag, tag.c.id == _THEN.c.tag_id)
    .join(manifest, manifest.c.id == _THEN.c.manifest_id)
    .order_by(_THEN.c.name)
)

_ENDED = sa.select(
    tag.c.name,
    history.c.manifest_id,
    history.c.pushed_at,
    history.c.started_at,
    history.c.ended_at,
    history.c.id.label("place"),
).join(tag, tag.c.id == history.c.tag_id)
_LASTING = sa.select(
    tag.c.name,
    tag.c.manifest_id,
    tag.c.pushed_at,
    tag.c.since.label("started_at"),
    sa.null().cast(sa.BigInteger).label("ended_at"),
    sa.null().cast(sa.BigInteger).label("place"),
).where(tag.c.manifest_id.is_not(None))


def periods(
    *, of_one_tag: bool, from_name: bool = False, newest_first: bool = False
) -> sa.Select[Any]:
    """Every digest of each tag of a repository, or of one of its tags, by tag and time.

    Args:
        of_one_tag: only of the tag that the parameter `tag` names.
        from_name: only of tags from the parameter `from_name` on.
        newest_first: the latest of each tag first.
    """
    which = [_OF_THE_REPOSITORY]
    if of_one_tag:
        which.append(tag.c.name == sa.bindparam("tag"))
    if from_name:
        which.append(tag.c.name >= sa.bindparam("from_name"))
    each = sa.union_all(_ENDED.where(*which), _LASTING.where(*which)).subquery("intervals")
    # A clock that stood still leaves intervals of no length: their numbers tell the order.
    times = [each.c.started_at, sa.nulls_last(each.c.ended_at), each.c.place]
    if newest_first:
        times = [
            each.c.started_at.desc(),
            sa.nulls_first(each.c.ended_at.desc()),
            each.c.place.desc(),
        ]
    return (
        sa.select(
            each.c.name,
            manifest.c.key,
            manifest.c.images,
            manifest.c.digests,
            each.c.pushed_at,
            each.c.started_at,
            each.c.ended_at,
        )
        .join(manifest, manifest.c.id == each.c.manifest_id)
        .order_by(each.c.name, *times)
    )


def tags_as_of_after() -> sa.Select[Any]:
    """`TAGS_AS_OF` from the tag on that follows the parameter `after`."""
    return TAGS_AS_OF.where(_THEN.c.name > sa.bindparam("after"))


def places(connection: sa.Connection) -> Mapping[int, Place]:
    """The platforms that there are, by number; some hundred."""
    columns = platform.c
    rows = connection.execute(
        sa.select(columns.id, columns.os, columns.architecture, columns.variant, columns.os_version)
    )
    return {
        number: (os, architecture, variant or None, os_version or None)
        for number, os, architecture, variant, os_version in rows
    }


def repository_entry(row: Any) -> RepositoryEntry:
    """A repository, from a row of `REPOSITORIES`."""
    return RepositoryEntry(
        registry=row.registry,
        repository=row.name,
        description=row.description,
        private=row.private,
        tags=row.tags,
        last_updated=time_of(row.last_updated),
        listed=row.listed,
        pending=bool(row.pending),
        first_seen_at=time_of(row.first_seen_at),
        hidden_since=time_of(row.hidden_since),
        hidden_from=row.hidden_from,
    )


def tag_entry(row: Any, where: tuple[str, str], known: Mapping[int, Place]) -> TagEntry:
    """A tag, from a row of `TAGS` or `TAGS_AS_OF`; `where`: registry and repository."""
    return TagEntry(
        *where,
        tag=row.name,
        digest=digest_of(row.key),
        size=row.size,
        platforms=unpacked(row.images, row.digests, known),
        pushed_at=time_of(row.pushed_at),
        first_seen_at=time_of(row.first_seen_at),
    )


def period(row: Any, where: tuple[str, str], known: Mapping[int, Place] | None = None) -> Period:
    """A digest that a tag had, from a row of `periods`; with its platforms if they are given."""
    return Period(
        *where,
        tag=row.name,
        digest=digest_of(row.key),
        pushed_at=time_of(row.pushed_at),
        started_at=time_of(row.started_at),
        ended_at=time_of(row.ended_at),
        platforms=unpacked(row.images, row.digests, known) if known else (),
    )
