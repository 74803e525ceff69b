"""What is remembered of lists that are shown in part.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = ("namespace", "repository")


def upgrade() -> None:
    """Add the columns. What was read before was read whole, as far as anybody knew."""
    for table in TABLES:
        op.add_column(table, sa.Column("list_partial", sa.Boolean(), nullable=True))
        op.add_column(table, sa.Column("list_bound", sa.BigInteger(), nullable=True))
        op.add_column(table, sa.Column("list_gaps_before", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Undo it."""
    for table in TABLES:
        for column in ("list_gaps_before", "list_bound", "list_partial"):
            op.drop_column(table, column)
