"""What is hidden: private repositories that are not visible any more, and who was told.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the columns and the table. What is hidden today is found by the next whole listing."""
    op.add_column("repository", sa.Column("hidden_since", sa.BigInteger(), nullable=True))
    op.add_column("repository", sa.Column("hidden_from", sa.Text(), nullable=True))
    op.add_column(
        "sink",
        sa.Column("hidden_cursor", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.execute("UPDATE sink SET hidden_cursor = cursor")
    op.create_table(
        "hiding",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("crawl_id", ID, nullable=False),
        sa.Column("repository_id", ID, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("observed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repository.id"], name=op.f("fk_hiding_repository_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hiding")),
    )
    op.create_index("ix_hiding_repository_id", "hiding", ["repository_id"])


def downgrade() -> None:
    """Undo it."""
    op.drop_table("hiding")
    op.drop_column("sink", "hidden_cursor")
    op.drop_column("repository", "hidden_from")
    op.drop_column("repository", "hidden_since")
