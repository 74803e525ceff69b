"""How many items of a list the configuration leaves out: an unchanged list is known by its count.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TABLES = ("namespace", "repository")


def upgrade() -> None:
    """Add the columns. A filtered list is read whole once more, which counts them."""
    for table in TABLES:
        op.add_column(table, sa.Column("list_left_out", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Undo it."""
    for table in TABLES:
        op.drop_column(table, "list_left_out")
