"""How old a digest is: the push time from which the age of a tag's digest counts.

Revision ID: 0027
Revises: 0028
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0028"
branch_labels = None
depends_on = None

_FIRST = """
    CREATE TEMPORARY TABLE first_push AS
    SELECT tag_id, observed_at, max(pushed_at) AS pushed_at FROM change
    WHERE baseline AND tag_id IS NOT NULL AND pushed_at <= observed_at
    GROUP BY tag_id, observed_at
"""
_FOUND = """
    (SELECT pushed_at FROM first_push WHERE first_push.tag_id = {tag} AND observed_at = {since})
"""


def upgrade() -> None:
    """Add the columns, and fill them for what was there at the baseline.

    The change log has its push times as they were then. Later digests count from their first sight.
    """
    for table in ("tag", "history"):
        op.add_column(table, sa.Column("counted_push", sa.BigInteger(), nullable=True))
    op.execute(sa.text(_FIRST))
    op.execute(sa.text("CREATE INDEX ix_first_push ON first_push (tag_id, observed_at)"))
    for table, tag, since in (
        ("tag", "tag.id", "tag.since"),
        ("history", "history.tag_id", "history.started_at"),
    ):
        found = _FOUND.format(tag=tag, since=since)
        op.execute(sa.text(f"UPDATE {table} SET counted_push = {found}"))  # noqa: S608 - our names
    op.execute(sa.text("DROP TABLE first_push"))


def downgrade() -> None:
    """Undo it."""
    for table in ("tag", "history"):
        op.drop_column(table, "counted_push")
