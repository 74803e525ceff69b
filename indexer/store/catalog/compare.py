"""Finds the tags of a repository that pointed to different content at two times."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.catalog.answers import Difference
from indexer.core.model import ChangeKind
from indexer.store.database.typed_rows import typed
from indexer.store.schema.codec import digest_of
from indexer.store.schema.tables import history, manifest, tag

if TYPE_CHECKING:
    _Number = sa.ScalarSelect[int] | sa.ColumnElement[int]

_EARLIER = sa.bindparam("earlier", type_=sa.BigInteger)
_LATER = sa.bindparam("later", type_=sa.BigInteger)
_MINE = tag.c.repository_id == sa.bindparam("repository")


def _between(time: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    return (time > _EARLIER) & (time <= _LATER)


def _pointed_to(time: sa.BindParameter[int]) -> sa.ColumnElement[int]:
    """The manifest that a tag pointed to at a time; null: it was not present."""
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


_MOVED = sa.union(
    sa.select(tag.c.id).where(_MINE, tag.c.manifest_id.is_not(None), _between(tag.c.since)),
    sa.select(tag.c.id)
    .join(history, history.c.tag_id == tag.c.id)
    .where(_MINE, _between(history.c.started_at) | _between(history.c.ended_at)),
)
"""Tags with a period that began or ended between the two times."""

BOTH = (
    sa.select(
        tag.c.name, _pointed_to(_EARLIER).label("was_id"), _pointed_to(_LATER).label("now_id")
    )
    .where(tag.c.id.in_(_MOVED), tag.c.name > sa.bindparam("after"))
    .subquery("both")
)
"""Their names, and what they pointed to."""


class DifferenceRow(NamedTuple):
    """A tag with the manifests that it pointed to at two times; null: it was not present."""

    name: str
    was_id: int | None
    now_id: int | None
    was_key: bytes | None
    now_key: bytes | None


_WAS = manifest.alias("was")
_NOW = manifest.alias("now")

DIFFERENCES = typed(
    DifferenceRow,
    sa.select(
        BOTH.c.name,
        BOTH.c.was_id,
        BOTH.c.now_id,
        _WAS.c.key.label("was_key"),
        _NOW.c.key.label("now_key"),
    )
    .outerjoin(_WAS, _WAS.c.id == BOTH.c.was_id)
    .outerjoin(_NOW, _NOW.c.id == BOTH.c.now_id)
    .where(BOTH.c.was_id.is_distinct_from(BOTH.c.now_id))
    .order_by(BOTH.c.name),
)


def difference(row: DifferenceRow) -> Difference:
    """Convert a row of `DIFFERENCES`."""
    if row.was_id is None:
        kind = ChangeKind.TAG_ADDED
    elif row.now_id is None:
        kind = ChangeKind.TAG_REMOVED
    else:
        kind = ChangeKind.TAG_RETAGGED
    return Difference(row.name, kind, digest_of(row.was_key), digest_of(row.now_key))
