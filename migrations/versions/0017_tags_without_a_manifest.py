"""Which tags are listed without a manifest, and which were removed for it.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. What was removed before was not listed any more, as far as is known."""
    op.add_column("tag", sa.Column("dangling_since", sa.BigInteger(), nullable=True))
    op.add_column("change", sa.Column("reason", sa.Text(), nullable=True))


def downgrade() -> None:
    """Undo it."""
    op.drop_column("change", "reason")
    op.drop_column("tag", "dangling_since")
