"""What hooks say was pushed, until a crawl looks.

Revision ID: 0033
Revises: 0032
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "push_hint",
        sa.Column("id", _ID, nullable=False),
        sa.Column("namespace_id", _ID, nullable=False),
        sa.Column("repository", _NAME, nullable=False),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespace.id"], name="fk_push_hint_namespace_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_push_hint"),
        sa.UniqueConstraint(
            "namespace_id", "repository", name="uq_push_hint_namespace_id_repository"
        ),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("push_hint")
