"""Which removals are held back for review: `indexer accept` lists them by name.

Revision ID: 0029
Revises: 0028
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

TABLES = ("namespace", "repository")


def upgrade() -> None:
    """Add the columns. The next crawl fills them: it reads each list that holds removals back."""
    for table in TABLES:
        op.add_column(table, sa.Column("list_held_back", sa.Text(), nullable=True))


def downgrade() -> None:
    """Undo it."""
    for table in TABLES:
        op.drop_column(table, "list_held_back")
