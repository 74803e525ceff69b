"""The last crawl that read everything, or was none of the incremental ones, is found by an index.

Revision ID: 0038
Revises: 0037
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_crawl_thorough": (
        ["namespace_id", "status", "id"],
        "whole = 1 OR mode != 'incremental'",
        "whole OR mode != 'incremental'",
    ),
    "ix_crawl_not_incremental": (
        ["namespace_id", "id"],
        "mode != 'incremental'",
        "mode != 'incremental'",
    ),
}


def upgrade() -> None:
    """Add the indexes."""
    for name, (columns, of_sqlite, of_postgresql) in INDEXES.items():
        op.create_index(
            name,
            "crawl",
            columns,
            sqlite_where=sa.text(of_sqlite),
            postgresql_where=sa.text(of_postgresql),
        )


def downgrade() -> None:
    """Undo it."""
    for name in INDEXES:
        op.drop_index(name, table_name="crawl")
