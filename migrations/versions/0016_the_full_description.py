"""The full descriptions of repositories, and the date that each was read for.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns: crawls that are asked for it fill them."""
    op.add_column("repository", sa.Column("full_description", sa.Text(), nullable=True))
    op.add_column("repository", sa.Column("described_at", sa.BigInteger(), nullable=True))
    op.add_column("repository", sa.Column("described_for", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Undo it."""
    for column in ("described_for", "described_at", "full_description"):
        op.drop_column("repository", column)
