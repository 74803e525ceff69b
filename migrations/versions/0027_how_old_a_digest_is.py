"""How old a digest is: the push time from which the age of a tag's digest counts.

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_FIRST = """
    CREATE TEMPORARY TABLE first_push AS
    SELECT change.tag_id, change.observed_at, max(change.pushed_at) AS pushed_at
    FROM change LEFT JOIN crawl AS own ON own.id = change.crawl_id
    WHERE change.tag_id IS NOT NULL AND change.pushed_at <= change.observed_at
        AND (change.baseline OR change.pushed_at >= (
            SELECT before.started_at FROM crawl AS before
            WHERE before.namespace_id = own.namespace_id AND before.status = 'complete'
                AND before.part IS NULL AND before.id < own.id
            ORDER BY before.id DESC LIMIT 1
        ))
    GROUP BY change.tag_id, change.observed_at
"""
_FOUND = """
    (SELECT pushed_at FROM first_push WHERE first_push.tag_id = {tag} AND observed_at = {since})
"""


def upgrade() -> None:
    """Add the columns, and fill them from the change log, which has the push times of then.

    A push counts at the baseline, and where it came after the last complete crawl before.
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
