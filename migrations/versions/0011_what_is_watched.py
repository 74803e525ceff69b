"""What is watched: the filter of each list, and what a narrower one left out.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. Which filter the lists of today were read with, nobody noted."""
    op.add_column("namespace", sa.Column("list_filters", sa.Text(), nullable=True))
    op.add_column("repository", sa.Column("list_filters", sa.Text(), nullable=True))
    op.add_column("repository", sa.Column("unwatched_since", sa.BigInteger(), nullable=True))
    op.add_column("tag", sa.Column("unwatched_since", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Undo it."""
    op.drop_column("tag", "unwatched_since")
    op.drop_column("repository", "unwatched_since")
    op.drop_column("repository", "list_filters")
    op.drop_column("namespace", "list_filters")
