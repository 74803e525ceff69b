"""Finds the tags of a repository that pointed to different content at two times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from indexer.catalog.answers import Difference
from indexer.core.model import ChangeKind
from indexer.store.catalog.tags import of_the_repository
from indexer.store.database.typed_rows import typed
from indexer.store.schema.codec import digest_of
from indexer.store.schema.tables import manifest

if TYPE_CHECKING:
    from indexer.store.schema.visibility import Periods

    _Number = sa.ScalarSelect[int] | sa.ColumnElement[int]

_EARLIER = sa.bindparam("earlier", type_=sa.BigInteger)
_LATER = sa.bindparam("later", type_=sa.BigInteger)


def _between(time: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    return (time > _EARLIER) & (time <= _LATER)


def _pointed_to(time: sa.BindParameter[int], of: Periods) -> sa.ColumnElement[int]:
    """The manifest that a tag pointed to at a time; null: it was not present."""
    tag, history = of
    ended = (
        sa.select(history.c.manifest_id)
        .where(
            history.c.tag_id == tag.c.id, history.c.started_at <= time, history.c.ended_at > time
        )
        .limit(1)
        .correlate(tag)
        .scalar_subquery()
    )
    lasting = sa.case((tag.c.since <= time, tag.c.manifest_id))
    return sa.func.coalesce(ended, lasting)


def _moved(of: Periods) -> sa.CompoundSelect[Any]:
    """Tags with a period that began or ended between the two times."""
    tag, history = of
    mine = of_the_repository(of)
    return sa.union(
        sa.select(tag.c.id).where(mine, tag.c.manifest_id.is_not(None), _between(tag.c.since)),
        sa.select(tag.c.id)
        .join_from(tag, history, history.c.tag_id == tag.c.id)
        .where(mine, _between(history.c.started_at) | _between(history.c.ended_at)),
    )


def _both(of: Periods, *more: sa.ColumnElement[bool]) -> sa.Subquery:
    """Their names, and what they pointed to."""
    tag = of.tag
    was, now = (_pointed_to(time, of) for time in (_EARLIER, _LATER))
    return (
        sa.select(tag.c.name, was.label("was_id"), now.label("now_id"))
        .where(tag.c.id.in_(_moved(of)), tag.c.name > sa.bindparam("after"), *more)
        .subquery("both")
    )


class DifferenceRow(NamedTuple):
    """A tag with the manifests that it pointed to at two times; null: it was not present."""

    name: str
    was_id: int | None
    now_id: int | None
    was_key: bytes | None
    now_key: bytes | None


_WAS = manifest.alias("was")
_NOW = manifest.alias("now")


def differences(of: Periods, *more: sa.ColumnElement[bool]) -> sa.Select[DifferenceRow]:
    """Tags of a repository that pointed to different content at two times, by name.

    Args:
        of: the periods that the audience may see.
        more: further conditions on tags (of `of`).
    """
    both = _both(of, *more)
    return typed(
        DifferenceRow,
        sa.select(
            both.c.name,
            both.c.was_id,
            both.c.now_id,
            _WAS.c.key.label("was_key"),
            _NOW.c.key.label("now_key"),
        )
        .outerjoin(_WAS, _WAS.c.id == both.c.was_id)
        .outerjoin(_NOW, _NOW.c.id == both.c.now_id)
        .where(both.c.was_id.is_distinct_from(both.c.now_id))
        .order_by(both.c.name),
    )


def difference(row: DifferenceRow) -> Difference:
    """Convert a row of `differences`."""
    if row.was_id is None:
        kind = ChangeKind.TAG_ADDED
    elif row.now_id is None:
        kind = ChangeKind.TAG_REMOVED
    else:
        kind = ChangeKind.TAG_RETAGGED
    return Difference(row.name, kind, digest_of(row.was_key), digest_of(row.now_key))
