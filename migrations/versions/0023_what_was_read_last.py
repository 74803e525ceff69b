"""Which crawl last read each repository, so that a crawl that is cut short can be continued.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

OF_REPOSITORIES = ("read_crawl", "full_crawl", "failed_crawl")


def upgrade() -> None:
    """Add the columns. Of earlier crawls it is not known: the next one reads everything."""
    for name in OF_REPOSITORIES:
        op.add_column(
            "repository", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)
        )
    op.add_column("crawl", sa.Column("unread", sa.BigInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    """Undo it."""
    op.drop_column("crawl", "unread")
    for name in reversed(OF_REPOSITORIES):
        op.drop_column("repository", name)
