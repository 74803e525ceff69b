"""Who is told, and what must not be: sinks, policies, violations.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "sink",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("batch_after", sa.BigInteger(), nullable=False),
        sa.Column("batch_until", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("sent", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("failures", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("retry_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sink")),
        sa.UniqueConstraint("name", name=op.f("uq_sink_name")),
    )
    op.create_table(
        "policy",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy")),
        sa.UniqueConstraint("name", name=op.f("uq_policy_name")),
    )
    op.create_table(
        "immutability",
        sa.Column("id", ID, nullable=False),
        sa.Column("registry", NAME, nullable=False),
        sa.Column("repository", NAME, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_immutability")),
        sa.UniqueConstraint(
            "registry", "repository", name=op.f("uq_immutability_registry_repository")
        ),
    )
    _create_violation()


def _create_violation() -> None:
    op.create_table(
        "violation",
        sa.Column("id", ID, nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("policy", NAME, nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("breach", sa.Text(), nullable=False),
        sa.Column("registry", NAME, nullable=False),
        sa.Column("repository", NAME, nullable=False),
        sa.Column("tag", NAME, nullable=False),
        sa.Column("old_digest", sa.LargeBinary(), nullable=True),
        sa.Column("new_digest", sa.LargeBinary(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("observed_at", sa.BigInteger(), nullable=False),
        sa.Column("crawl_id", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=True),
        sa.Column("move", sa.Text(), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_violation")),
        sa.UniqueConstraint("identity", name=op.f("uq_violation_identity")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_violation_change_id"), "violation", ["change_id"], unique=False)


def downgrade() -> None:
    """Take them away, and with them every cursor and every violation."""
    op.drop_index(op.f("ix_violation_change_id"), table_name="violation")
    for table in ("violation", "immutability", "policy", "sink"):
        op.drop_table(table)
