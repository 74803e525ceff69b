"""Statements for the periods of tags: every digest that a tag had, by tag and time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from indexer.core.catalog_entries import Period
from indexer.store.catalog.tags import of_the_repository
from indexer.store.database.typed_rows import typed
from indexer.store.schema.codec import digest_of, time_of, unpacked
from indexer.store.schema.tables import manifest
from indexer.store.schema.visibility import ALL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.core.platforms import Place
    from indexer.store.schema.visibility import Periods


class PeriodRow(NamedTuple):
    """A period; `ended_at` is null while it lasts."""

    name: str
    key: bytes
    images: str | None
    digests: bytes | None
    pushed_at: int | None
    started_at: int
    ended_at: int | None
    pushed_by: str | None
    counted_push: int | None


def _ended(of: Periods) -> sa.Select[Any]:
    tag, history = of
    return sa.select(
        tag.c.name,
        history.c.manifest_id,
        history.c.pushed_at,
        history.c.started_at,
        history.c.ended_at,
        history.c.id.label("place"),
        history.c.pushed_by,
        history.c.counted_push,
    ).join_from(history, tag, tag.c.id == history.c.tag_id)


def _lasting(of: Periods) -> sa.Select[Any]:
    tag = of.tag
    return sa.select(
        tag.c.name,
        tag.c.manifest_id,
        tag.c.pushed_at,
        tag.c.since.label("started_at"),
        sa.null().cast(sa.BigInteger).label("ended_at"),
        sa.null().cast(sa.BigInteger).label("place"),
        tag.c.pushed_by,
        tag.c.counted_push,
    ).where(tag.c.manifest_id.is_not(None))


def periods(
    *more: sa.ColumnElement[bool],
    of: Periods = ALL,
    of_one_tag: bool,
    from_name: bool = False,
    newest_first: bool = False,
) -> sa.Select[PeriodRow]:
    """Every digest of each tag of a repository, or of one of its tags, by tag and time.

    Args:
        more: further conditions on tags (of `of`).
        of: the periods that the audience may see.
        of_one_tag: only of the tag in the parameter `tag`.
        from_name: only of tags from the parameter `from_name` on.
        newest_first: the latest period of each tag first.
    """
    tag = of.tag
    which = [of_the_repository(of), *more]
    if of_one_tag:
        which.append(tag.c.name == sa.bindparam("tag"))
    if from_name:
        which.append(tag.c.name >= sa.bindparam("from_name"))
    each = sa.union_all(_ended(of).where(*which), _lasting(of).where(*which)).subquery("intervals")
    # If the clock did not advance, periods have no length: then their ids give the order.
    times = [each.c.started_at, sa.nulls_last(each.c.ended_at), each.c.place]
    if newest_first:
        times = [
            each.c.started_at.desc(),
            sa.nulls_first(each.c.ended_at.desc()),
            each.c.place.desc(),
        ]
    return typed(
        PeriodRow,
        sa.select(
            each.c.name,
            manifest.c.key,
            manifest.c.images,
            manifest.c.digests,
            each.c.pushed_at,
            each.c.started_at,
            each.c.ended_at,
            each.c.pushed_by,
            each.c.counted_push,
        )
        .join(manifest, manifest.c.id == each.c.manifest_id)
        .order_by(each.c.name, *times),
    )


def period(
    row: PeriodRow, where: tuple[str, str], known: Mapping[int, Place] | None = None
) -> Period:
    """Convert a row of `periods`; with its platforms if `known` is given."""
    return Period(
        *where,
        tag=row.name,
        digest=digest_of(row.key),
        pushed_at=time_of(row.pushed_at),
        started_at=time_of(row.started_at),
        ended_at=time_of(row.ended_at),
        platforms=unpacked(row.images, row.digests, known) if known else (),
        pushed_by=row.pushed_by,
        counted_push=time_of(row.counted_push),
    )
