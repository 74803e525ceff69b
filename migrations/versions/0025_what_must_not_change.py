"""A message that was begun is stored until it is sent, and periods name the change that ended them.

Revision ID: 0025
Revises: 0021
"""

# ruff: noqa: S608 - SQL made of our own text

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0021"
branch_labels = None
depends_on = None

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
    op.add_column("history", sa.Column("change_id", sa.BigInteger(), nullable=True))
    for statement in ENDED_BY:
        op.execute(sa.text(statement))


def downgrade() -> None:
    """Undo it. A batch that was begun begins at the cursor."""
    op.add_column(
        "sink", sa.Column("batch_after", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.execute(sa.text("UPDATE sink SET batch_after = cursor"))
    op.drop_column("sink", "begun")
    op.drop_column("history", "change_id")
