"""What images are built on: their base by name and digest, and their lowest layer.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import json
import re
import zlib
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from collections.abc import Iterator

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PIECE = 500
"""Manifests that are in memory at a time."""

MOST_BYTES = 4 * 1024 * 1024
"""Of one that is unpacked: no larger one was ever kept."""

BASE = "org.opencontainers.image.base."
MOST_CHARACTERS = 512

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")


def upgrade() -> None:
    """Add the columns, and fill them from what is kept."""
    op.add_column("content", sa.Column("base_key", sa.LargeBinary(), nullable=True))
    op.add_column("content", sa.Column("base_name", sa.Text(), nullable=True))
    op.add_column("content", sa.Column("layer_key", sa.LargeBinary(), nullable=True))
    connection = op.get_bind()
    last = 0
    while rows := connection.execute(_KEPT, {"last": last, "piece": PIECE}).all():
        last = rows[-1].id
        told = [each for row in rows for each in _told(row.key, row.body)]
        if told:
            connection.execute(_TELL, told)


def downgrade() -> None:
    """Undo it."""
    for name in ("layer_key", "base_name", "base_key"):
        op.drop_column("content", name)


_KEPT = sa.text("SELECT id, key, body FROM content WHERE id > :last ORDER BY id LIMIT :piece")

_TELL = sa.text("""
    UPDATE content SET
        base_key = CASE WHEN :own = 1 THEN coalesce(:base, base_key)
            ELSE coalesce(base_key, :base) END,
        base_name = CASE WHEN :own = 1 THEN coalesce(:name, base_name)
            ELSE coalesce(base_name, :name) END,
        layer_key = coalesce(:layer, layer_key)
    WHERE key = :key
""").bindparams(
    sa.bindparam("name", type_=sa.Text()),
    sa.bindparam("base", type_=sa.LargeBinary()),
    sa.bindparam("layer", type_=sa.LargeBinary()),
    sa.bindparam("key", type_=sa.LargeBinary()),
)
"""What an image says of itself counts before what an index says of it."""


def _told(key: bytes, body: bytes) -> Iterator[dict[str, Any]]:
    """What one manifest says of itself, or of those that it lists."""
    try:
        sent = json.loads(zlib.decompressobj().decompress(body, MOST_BYTES))
    except (ValueError, zlib.error, RecursionError):
        return
    if not isinstance(sent, dict):
        return
    layers, sums = sent.get("layers"), sent.get("fsLayers")
    if isinstance(layers, list) and layers:
        yield _row(key, _noted(sent), _key(layers[0]), own=1)
    elif isinstance(sums, list) and sums:  # of schema 1, the newest first
        yield _row(key, (None, None), _key(sums[-1], "blobSum"), own=1)
    children = sent.get("manifests")
    for child in children if isinstance(children, list) else ():
        image, noted = _key(child), _noted(child)
        if image is not None and any(noted):
            yield _row(image, noted, None, own=0)


def _row(
    key: bytes, noted: tuple[bytes | None, str | None], layer: bytes | None, *, own: int
) -> dict[str, Any]:
    return {"key": key, "base": noted[0], "name": noted[1], "layer": layer, "own": own}


def _noted(sent: object) -> tuple[bytes | None, str | None]:
    notes = sent.get("annotations") if isinstance(sent, dict) else None
    if not isinstance(notes, dict):
        return None, None
    name = notes.get(f"{BASE}name")
    is_name = isinstance(name, str) and "\0" not in name and 0 < len(name) <= MOST_CHARACTERS
    return _digest(notes.get(f"{BASE}digest")), name if is_name else None


def _key(descriptor: object, field: str = "digest") -> bytes | None:
    return _digest(descriptor.get(field)) if isinstance(descriptor, dict) else None


def _digest(value: object) -> bytes | None:
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        return None
    return bytes.fromhex(value.partition(":")[2])
