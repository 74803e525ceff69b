"""How much of the lists a crawl was not shown, as of its end.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

COLUMNS = ("unseen_repositories", "unseen_tags")


def upgrade() -> None:
    """Add the columns. Of earlier crawls their errors tell it in words."""
    for name in COLUMNS:
        op.add_column("crawl", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    """Undo it."""
    for name in reversed(COLUMNS):
        op.drop_column("crawl", name)
