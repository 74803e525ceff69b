"""Tags are found by their names in all repositories.

Revision ID: 0035
Revises: 0034
"""

from __future__ import annotations

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_tag_name_repository_id", "tag", ["name", "repository_id"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_tag_name_repository_id", table_name="tag")
