"""Which lists are doubted: dates that went back, and tags that lag behind their repository's date.

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TABLES = ("namespace", "repository")
TIMES = ("list_latest", "list_lags_since", "list_reread_at")


def upgrade() -> None:
    """Add the columns. Nothing is doubted at first."""
    for table in TABLES:
        op.add_column(table, sa.Column("list_doubts", sa.Text(), nullable=True))
        for name in TIMES:
            op.add_column(table, sa.Column(name, sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Undo it."""
    for table in TABLES:
        for name in ("list_doubts", *TIMES):
            op.drop_column(table, name)
