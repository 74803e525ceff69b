"""What must stay the same: a message that was begun is stored until it is recorded as sent.

Revision ID: 0025
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, and drop what they replace."""
    op.add_column("sink", sa.Column("begun", sa.Text(), nullable=True))
    op.drop_column("sink", "batch_after")


def downgrade() -> None:
    """Undo it. A batch that was begun begins at the cursor."""
    op.add_column(
        "sink", sa.Column("batch_after", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.execute(sa.text("UPDATE sink SET batch_after = cursor"))
    op.drop_column("sink", "begun")
