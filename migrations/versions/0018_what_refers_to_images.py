"""What refers to images: signatures and the like, as registries list them.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table, with nothing in it: nobody was asked."""
    op.create_table(
        "referrers",
        sa.Column("id", _ID, nullable=False),
        sa.Column("registry", _NAME, nullable=False),
        sa.Column("repository", _NAME, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("listed", sa.Text(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrers")),
        sa.UniqueConstraint(
            "registry", "repository", "key", name=op.f("uq_referrers_registry_repository_key")
        ),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("referrers")
