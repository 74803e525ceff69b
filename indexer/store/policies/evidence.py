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
    from collections.abc import Sequence

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
    change_id: int | None


PERIODS = typed(
    EndedRow,
    sa.select(
        tag.c.name,
        manifest.c.key,
        history.c.pushed_at,
        history.c.started_at,
        history.c.ended_at,
        history.c.change_id,
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
    ended = _ended(connection, rows)
    return [
        Ending(
            change_of(row),
            tuple(period_of(each, row.registry, row.repository) for each in ended[row.id]),
            moves.get(row.id),
            said.get((row.registry, row.repository)),
        )
        for row in rows
    ]


def _ended(connection: sa.Connection, rows: Sequence[ChangeRow]) -> dict[int, list[EndedRow]]:
    """The periods that each change ended, by its id."""
    found: dict[int, list[EndedRow]] = {row.id: [] for row in rows}
    of_tags = {row.id: row.tag_id for row in rows if row.tag_id is not None}
    of_repositories = {row.id: row.repository_id for row in rows if row.tag_id is None}
    for column, places in ((tag.c.id, of_tags), (tag.c.repository_id, of_repositories)):
        if not places:
            continue
        mine = PERIODS.where(column.in_(set(places.values())), history.c.change_id.in_(places))
        for each in read(connection, mine.order_by(tag.c.name)):
            if each.change_id is not None:
                found[each.change_id].append(each)
    return found


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
