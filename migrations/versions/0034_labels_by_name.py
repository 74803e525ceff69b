"""Labels are found by their names too: half of each hash is of the name.

Revision ID: 0034
Revises: 0033
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from collections.abc import Callable

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

PIECE = 5_000
"""Labels that are in memory at a time."""

_SOME = sa.text("""
    SELECT content_id, position, name, value FROM image_label
    WHERE content_id > :last OR (content_id = :last AND position > :place)
    ORDER BY content_id, position LIMIT :piece
""")
_WRITE = sa.text("""
    UPDATE image_label SET hash = :hash WHERE content_id = :content_id AND position = :position
""")


def upgrade() -> None:
    """Hash each label anew."""
    _hash_anew(lambda name, both: _hash(name, 8) + _hash(both, 8))


def downgrade() -> None:
    """Undo it."""
    _hash_anew(lambda _, both: _hash(both, 16))


def _hash_anew(hash_of: Callable[[str, str], bytes]) -> None:
    connection = op.get_bind()
    last, place = 0, 0
    while rows := connection.execute(_SOME, {"last": last, "place": place, "piece": PIECE}).all():
        last, place = rows[-1].content_id, rows[-1].position
        connection.execute(
            _WRITE,
            [
                {
                    "content_id": row.content_id,
                    "position": row.position,
                    "hash": hash_of(row.name, f"{row.name}\0{row.value}"),
                }
                for row in rows
            ],
        )


def _hash(text: str, size: int) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=size).digest()
