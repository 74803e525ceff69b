"""How the contents of retags differ, where both are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from indexer.manifests import retag_kind
from indexer.store.catalog.entries import places
from indexer.store.schema.codec import unpacked
from indexer.store.schema.tables import manifest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.manifests.retag_kind import RetagDetail


def moves_of(connection: sa.Connection, rows: Iterable[Any]) -> dict[int, RetagDetail]:
    """The moves of those rows of the change log that are retags, by the number of the change."""
    pairs = {
        row.id: (row.old_manifest_id, row.new_manifest_id)
        for row in rows
        if None not in {row.old_manifest_id, row.new_manifest_id}
    }
    numbers = {number for pair in pairs.values() for number in pair}
    if not numbers:
        return {}
    known = places(connection)
    columns = manifest.c.id, manifest.c.images, manifest.c.digests
    found = connection.execute(sa.select(*columns).where(manifest.c.id.in_(numbers)))
    contents = {number: unpacked(images, digests, known) for number, images, digests in found}
    moves = {
        number: retag_kind.between(contents[old], contents[new])
        for number, (old, new) in pairs.items()
    }
    return {number: move for number, move in moves.items() if move is not None}
