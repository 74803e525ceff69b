"""A message that was begun is stored until it is sent, and periods name the change that ended them.

Revision ID: 0022
Revises: 0021
"""

# ruff: noqa: S608 - SQL made of our own text

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

ENDS_IT = """
    (change.tag_id = history.tag_id AND change.kind IN (4, 5))
    OR (change.tag_id IS NULL AND change.kind = 2)
"""
"""Of the changes of a repository: a tag's removal or retag, or its repository's removal."""

ENDED_BY = (
    f"""
    UPDATE history SET change_id = (
        SELECT max(change.id) FROM change
        WHERE change.repository_id = tag.repository_id
            AND change.observed_at = history.ended_at AND ({ENDS_IT})
    )
    FROM tag WHERE tag.id = history.tag_id AND history.started_at < history.ended_at
    """,
    f"""
    UPDATE history SET change_id = (
        SELECT min(change.id) FROM change
        WHERE change.repository_id = tag.repository_id
            AND change.observed_at <= history.ended_at AND ({ENDS_IT})
            AND change.id > (
                SELECT max(began.id) FROM change AS began
                WHERE began.tag_id = history.tag_id AND began.repository_id = tag.repository_id
                    AND began.observed_at = history.started_at
            )
    )
    FROM tag WHERE tag.id = history.tag_id AND history.started_at = history.ended_at
    """,
)
"""The change of a period: the one at its end; or, of a period that is empty because the clock was
set back, the next after the one that began it.
"""


def upgrade() -> None:
    """Add the columns, and drop what they replace.

    Which change ended a period was told by time only.
    """
    op.add_column("sink", sa.Column("begun", sa.Text(), nullable=True))
    op.drop_column("sink", "batch_after")
    _add_looks()
    op.add_column("history", sa.Column("change_id", sa.BigInteger(), nullable=True))
    for statement in ENDED_BY:
        op.execute(sa.text(statement))


def _add_looks() -> None:
    """How far policies about present tags have looked, and what has changed since."""
    op.add_column(
        "repository",
        sa.Column("log_position", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.create_index("ix_repository_log_position", "repository", ["log_position"], unique=False)
    op.add_column("policy", sa.Column("looked_until", sa.BigInteger(), nullable=True))
    op.add_column("policy", sa.Column("definition", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "due_look",
        sa.Column("id", ID, nullable=False),
        sa.Column("policy", NAME, nullable=False),
        sa.Column("registry", NAME, nullable=False),
        sa.Column("repository", NAME, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_look")),
        sa.UniqueConstraint(
            "policy", "registry", "repository", name=op.f("uq_due_look_policy_registry_repository")
        ),
    )


def downgrade() -> None:
    """Undo it. A batch that was begun begins at the cursor."""
    op.add_column(
        "sink", sa.Column("batch_after", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.execute(sa.text("UPDATE sink SET batch_after = cursor"))
    op.drop_column("sink", "begun")
    op.drop_column("history", "change_id")
    op.drop_table("due_look")
    op.drop_column("policy", "definition")
    op.drop_column("policy", "looked_until")
    op.drop_index("ix_repository_log_position", table_name="repository")
    op.drop_column("repository", "log_position")
