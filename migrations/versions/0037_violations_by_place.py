"""Violations are found by repository, by policy, and those that are open; and crawls that run.

Revision ID: 0037
Revises: 0036
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_violation_repository_registry": ("violation", ["repository", "registry"], None),
    "ix_violation_policy_id": ("violation", ["policy", "id"], None),
    "ix_violation_open": (
        "violation", ["id"], "acknowledged_at IS NULL AND resolved_at IS NULL",
    ),
    "ix_crawl_unfinished": ("crawl", ["namespace_id"], "finished_at IS NULL"),
}  # fmt: skip


def upgrade() -> None:
    """Add the indexes."""
    for name, (table, columns, only) in INDEXES.items():
        some = sa.text(only) if only else None
        op.create_index(name, table, columns, sqlite_where=some, postgresql_where=some)


def downgrade() -> None:
    """Undo it."""
    for name, (table, _, _) in INDEXES.items():
        op.drop_index(name, table_name=table)
