"""What stored manifests name, stored or not: attestations, configurations of artifacts.

What is stored without them is not complete any more: the next crawl with `manifests` fetches them.

Revision ID: 0030
Revises: 0029
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

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

PIECE = 500
"""Manifests that are in memory at a time."""

MOST_BYTES = 4 * 1024 * 1024
"""Of one that is unpacked: no larger one was ever kept."""

MOST_CHILDREN = 1_000

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")


def upgrade() -> None:
    """Add the table, fill it from what is stored, and find layers by their digests."""
    op.create_table(
        "content_child",
        sa.Column("content_id", _ID, nullable=False, autoincrement=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["content_id"], ["content.id"], name="fk_content_child_content_id"),
        sa.PrimaryKeyConstraint("content_id", "key", name="pk_content_child"),
    )
    op.create_index("ix_content_child_key", "content_child", ["key"])
    op.create_index("ix_image_layer_key", "image_layer", ["key"])
    connection = op.get_bind()
    last = 0
    while rows := connection.execute(_KEPT, {"last": last, "piece": PIECE}).all():
        last = rows[-1].id
        found = [{"content_id": row.id, "key": key} for row in rows for key in _named(row.body)]
        if found:
            connection.execute(_INSERT, found)
    connection.execute(_INCOMPLETE)


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_image_layer_key", "image_layer")
    op.drop_table("content_child")


_KEPT = sa.text("SELECT id, body FROM content WHERE id > :last ORDER BY id LIMIT :piece")

_INSERT = sa.text("INSERT INTO content_child (content_id, key) VALUES (:content_id, :key)")

_INCOMPLETE = sa.text("""
    WITH RECURSIVE above(id) AS (
        SELECT content_id FROM content_child WHERE key NOT IN (SELECT key FROM content)
        UNION
        SELECT content_part.content_id FROM content_part
        JOIN above ON above.id = content_part.part_id
    )
    UPDATE content SET whole = false WHERE whole AND id IN (SELECT id FROM above)
""")


def _named(body: bytes) -> Iterator[bytes]:
    """The keys of the manifests or the configuration that one content names, each once."""
    try:
        sent = json.loads(zlib.decompressobj().decompress(body, MOST_BYTES))
    except (ValueError, zlib.error, RecursionError):
        return
    if not isinstance(sent, dict) or "rootfs" in sent:
        return
    manifests = sent.get("manifests")
    parts: list[Any] = [*manifests[:MOST_CHILDREN]] if isinstance(manifests, list) else []
    parts += [sent.get("config")] if "layers" in sent else []
    digests = (each.get("digest") for each in parts if isinstance(each, dict))
    good = (each for each in digests if isinstance(each, str) and _DIGEST.fullmatch(each))
    for digest in dict.fromkeys(good):
        yield bytes.fromhex(digest.partition(":")[2])
