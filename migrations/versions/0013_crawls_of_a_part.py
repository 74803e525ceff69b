"""Crawls of a part: of one repository, or of one tag, which count as no crawl of the namespace.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("crawl", sa.Column("part", sa.Text(), nullable=True))


def downgrade() -> None:
    """Undo it."""
    op.drop_column("crawl", "part")
