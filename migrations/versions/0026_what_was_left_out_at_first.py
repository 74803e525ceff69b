"""The names that a registry told at the first reading of a list, and that no page showed.

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

TABLES = ("namespace", "repository")


def upgrade() -> None:
    """Add the columns. What was told at earlier readings is not known."""
    for table in TABLES:
        op.add_column(table, sa.Column("list_gap_names", sa.Text(), nullable=True))


def downgrade() -> None:
    """Undo it."""
    for table in TABLES:
        op.drop_column(table, "list_gap_names")
