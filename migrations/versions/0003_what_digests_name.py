"""What digests name: manifests and configurations; tags in their order; what may be pulled.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables and the column."""
    op.create_table(
        "content",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("media_type_id", ID, nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["media_type_id"], ["media_type.id"], name=op.f("fk_content_media_type_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content")),
        sa.UniqueConstraint("key", name=op.f("uq_content_key")),
    )
    op.create_table(
        "content_part",
        sa.Column("content_id", ID, autoincrement=False, nullable=False),
        sa.Column("part_id", ID, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["content_id"], ["content.id"], name=op.f("fk_content_part_content_id")
        ),
        sa.ForeignKeyConstraint(["part_id"], ["content.id"], name=op.f("fk_content_part_part_id")),
        sa.PrimaryKeyConstraint("content_id", "part_id", name=op.f("pk_content_part")),
    )
    op.create_index("ix_content_part_part_id", "content_part", ["part_id"])
    op.add_column("repository", sa.Column("tag_order", sa.LargeBinary(), nullable=True))
    op.add_column("crawl", sa.Column("pull_limit", sa.BigInteger(), nullable=True))
    op.add_column("crawl", sa.Column("pull_remaining", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Undo it."""
    op.drop_column("crawl", "pull_remaining")
    op.drop_column("crawl", "pull_limit")
    op.drop_column("repository", "tag_order")
    op.drop_index("ix_content_part_part_id", table_name="content_part")
    op.drop_table("content_part")
    op.drop_table("content")
