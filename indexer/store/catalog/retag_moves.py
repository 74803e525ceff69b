"""How the two contents of retags differ, where both are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.manifests import retag_kind
from indexer.store.catalog.platforms import places
from indexer.store.database.typed_rows import read, typed
from indexer.store.schema.codec import unpacked
from indexer.store.schema.tables import manifest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.manifests.retag_kind import RetagDetail
    from indexer.store.changelog.rows import ChangeRow


class ManifestRow(NamedTuple):
    """The images of a manifest."""

    id: int
    images: str | None
    digests: bytes | None


_IMAGES = typed(ManifestRow, sa.select(manifest.c.id, manifest.c.images, manifest.c.digests))


def moves_of(connection: sa.Connection, rows: Iterable[ChangeRow]) -> dict[int, RetagDetail]:
    """The differences of those changes that are retags, by the id of the change."""
    pairs = {
        row.id: (row.old_manifest_id, row.new_manifest_id)
        for row in rows
        if row.old_manifest_id is not None and row.new_manifest_id is not None
    }
    numbers = {number for pair in pairs.values() for number in pair}
    if not numbers:
        return {}
    known = places(connection)
    found = read(connection, _IMAGES.where(manifest.c.id.in_(numbers)))
    contents = {row.id: unpacked(row.images, row.digests, known) for row in found}
    moves = {
        number: retag_kind.between(contents[old], contents[new])
        for number, (old, new) in pairs.items()
    }
    return {number: move for number, move in moves.items() if move is not None}
