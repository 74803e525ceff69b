"""What was public when: the visibility of each change, and of each period of a tag.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

PERIODS = ("tag", "history")
COLUMNS = ("private_until", "public_until")
NEVER = 2**63 - 1


def upgrade() -> None:
    """Add the columns. What is private now counts as private from its first day."""
    op.add_column("repository", sa.Column("public_since", sa.BigInteger(), nullable=True))
    op.add_column(
        "change", sa.Column("private", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    for table in PERIODS:
        for name in COLUMNS:
            op.add_column(table, sa.Column(name, sa.BigInteger(), nullable=True))
    private = "SELECT id FROM repository WHERE private"
    tags = f"SELECT id FROM tag WHERE repository_id IN ({private})"  # noqa: S608 - our own names
    for statement in (
        "UPDATE repository SET public_since = first_seen_at WHERE NOT private",
        f"UPDATE change SET private = (1 = 1) WHERE repository_id IN ({private})",  # noqa: S608
        f"UPDATE tag SET private_until = {NEVER} WHERE repository_id IN ({private})",  # noqa: S608
        f"UPDATE history SET private_until = {NEVER} WHERE tag_id IN ({tags})",  # noqa: S608
    ):
        op.execute(statement)
    op.drop_index("ix_repository_private", table_name="repository")
    unseen = sa.text("public_since IS NULL")
    op.create_index(
        "ix_repository_unseen", "repository", ["id"], sqlite_where=unseen, postgresql_where=unseen
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_repository_unseen", table_name="repository")
    op.create_index(
        "ix_repository_private",
        "repository",
        ["id"],
        sqlite_where=sa.text("private = 1"),
        postgresql_where=sa.text("private"),
    )
    for table in reversed(PERIODS):
        for name in reversed(COLUMNS):
            op.drop_column(table, name)
    op.drop_column("change", "private")
    op.drop_column("repository", "public_since")
