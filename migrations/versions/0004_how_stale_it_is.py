"""What was counted of each repository, to estimate how stale it is.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COUNTS = ("silent", "quiet", "moves", "watched")


def upgrade() -> None:
    """Add the columns; when the tags were last read is known from their whole readings."""
    op.add_column("repository", sa.Column("seen_at", sa.BigInteger(), nullable=True))
    for name in COUNTS:
        op.add_column(
            "repository", sa.Column(name, sa.Double(), server_default="0", nullable=False)
        )
    op.execute("UPDATE repository SET seen_at = list_full_at WHERE was_read")


def downgrade() -> None:
    """Undo it."""
    for name in (*COUNTS, "seen_at"):
        op.drop_column("repository", name)
