"""Reads the changes that ended periods of tags, from the change log and the history."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
import sqlalchemy as sa

from indexer.core.catalog_entries import Period
from indexer.core.immutable_tags import Immutability
from indexer.core.model import ChangeKind
from indexer.policies.evidence import Ending
from indexer.store.catalog.retag_moves import moves_of
from indexer.store.changelog.rows import CHANGES, change_of
from indexer.store.database.typed_rows import read, typed
from indexer.store.schema.codec import KINDS, digest_of, time_of
from indexer.store.schema.notify_and_policy_tables import immutability
from indexer.store.schema.tables import change, history, manifest, tag

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.store.changelog.rows import ChangeRow

PAGE = 500
"""Changes read in one transaction."""

ENDING = [
    KINDS[kind]
    for kind in (ChangeKind.TAG_RETAGGED, ChangeKind.TAG_REMOVED, ChangeKind.REPOSITORY_REMOVED)
]
ENDINGS = (
    CHANGES.where(
        change.c.id > sa.bindparam("after"),
        change.c.id <= sa.bindparam("until"),
        change.c.baseline == sa.false(),
        change.c.kind.in_(ENDING),
    )
    .order_by(change.c.id)
    .limit(PAGE)
)


class EndedRow(NamedTuple):
    """A period that ended."""

    name: str
    key: bytes
    pushed_at: int | None
    started_at: int
    ended_at: int


PERIODS = typed(
    EndedRow,
    sa.select(
        tag.c.name,
        manifest.c.key,
        history.c.pushed_at,
        history.c.started_at,
        history.c.ended_at,
    )
    .join(tag, tag.c.id == history.c.tag_id)
    .join(manifest, manifest.c.id == history.c.manifest_id),
)

_RULES = msgspec.json.Decoder(tuple[str, ...])


def endings_of(connection: sa.Connection, rows: Sequence[ChangeRow]) -> list[Ending]:
    """Convert rows of `ENDINGS`."""
    if not rows:
        return []
    said = {
        (row.registry, row.repository): Immutability(row.enabled, _RULES.decode(row.rules))
        for row in connection.execute(sa.select(immutability).where(immutability.c.enabled))
    }
    moves = moves_of(connection, rows)
    return [
        Ending(
            change_of(row),
            tuple(_ended(connection, row)),
            moves.get(row.id),
            said.get((row.registry, row.repository)),
        )
        for row in rows
    ]


def _ended(connection: sa.Connection, row: ChangeRow) -> Iterator[Period]:
    """The periods that a change ended."""
    of = tag.c.repository_id == row.repository_id if row.tag_id is None else tag.c.id == row.tag_id
    mine = PERIODS.where(of, history.c.change_id == row.id)
    for each in read(connection, mine.order_by(tag.c.name)):
        yield period_of(each, row.registry, row.repository)


def period_of(row: EndedRow, host: str, name: str) -> Period:
    """Convert a row of `PERIODS`."""
    return Period(
        registry=host,
        repository=name,
        tag=row.name,
        digest=digest_of(row.key),
        pushed_at=time_of(row.pushed_at),
        started_at=time_of(row.started_at),
        ended_at=time_of(row.ended_at),
    )
