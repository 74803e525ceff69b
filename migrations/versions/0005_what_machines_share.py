"""What machines that crawl together share: rate limits, and the parts of large crawls.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "budget",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("quota", sa.BigInteger(), nullable=True),
        sa.Column("remaining", sa.BigInteger(), nullable=True),
        sa.Column("resets_at", sa.Double(), nullable=True),
        sa.Column("renewed_at", sa.Double(), nullable=False),
        sa.Column("held_until", sa.Double(), nullable=False),
        sa.Column("refusals", sa.BigInteger(), nullable=False),
        sa.Column("careful", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget")),
        sa.UniqueConstraint("name", name=op.f("uq_budget_name")),
    )
    op.create_table(
        "permit",
        sa.Column("id", ID, nullable=False),
        sa.Column("budget_id", ID, nullable=False),
        sa.Column("granted_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["budget_id"], ["budget.id"], name=op.f("fk_permit_budget_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permit")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_permit_budget_id", "permit", ["budget_id"])
    op.create_table(
        "part",
        sa.Column("crawl_id", ID, autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("crawl_id", "number", name=op.f("pk_part")),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("part")
    op.drop_index("ix_permit_budget_id", table_name="permit")
    op.drop_table("permit")
    op.drop_table("budget")
