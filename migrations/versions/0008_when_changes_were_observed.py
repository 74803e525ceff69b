"""When each crawl's changes were observed; its end does not tell where a clock was set back.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column with its index, instead of the one over the ends."""
    op.add_column("crawl", sa.Column("last_observed_at", sa.BigInteger(), nullable=True))
    op.execute(
        """
        UPDATE crawl SET last_observed_at = observed.latest
        FROM (
            SELECT crawl_id, max(observed_at) AS latest FROM change GROUP BY crawl_id
        ) AS observed
        WHERE observed.crawl_id = crawl.id
        """
    )
    op.drop_index("ix_crawl_finished_at", table_name="crawl")
    op.create_index("ix_crawl_last_observed_at", "crawl", ["last_observed_at"], unique=False)


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_crawl_last_observed_at", table_name="crawl")
    op.create_index("ix_crawl_finished_at", "crawl", ["finished_at"], unique=False)
    op.drop_column("crawl", "last_observed_at")
