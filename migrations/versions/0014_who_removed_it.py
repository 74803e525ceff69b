"""What an audit log says: who removed something, and when.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the columns and the table. The log is read from the next crawl on, if it is wanted."""
    op.add_column("namespace", sa.Column("audited_until", sa.BigInteger(), nullable=True))
    op.add_column("change", sa.Column("removed_by", sa.Text(), nullable=True))
    op.add_column("change", sa.Column("removed_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "audit_event",
        sa.Column("id", ID, nullable=False),
        sa.Column("namespace_id", ID, nullable=False),
        sa.Column("action", NAME, nullable=False),
        sa.Column("repository", NAME, nullable=False),
        sa.Column("tag", NAME, nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespace.id"], name=op.f("fk_audit_event_namespace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
        sa.UniqueConstraint(
            "namespace_id",
            "tag",
            "repository",
            "happened_at",
            "action",
            name=op.f("uq_audit_event_namespace_id_tag_repository_happened_at_action"),
        ),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("audit_event")
    op.drop_column("change", "removed_at")
    op.drop_column("change", "removed_by")
    op.drop_column("namespace", "audited_until")
