"""When a sink and a policy were last used: for those that are not used any more nobody waits.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("policy", "sink")


def upgrade() -> None:
    """Add the column. Whoever still uses a sink or a policy says so before it is asked for."""
    for name in TABLES:
        op.add_column(
            name, sa.Column("used_at", sa.BigInteger(), nullable=False, server_default="0")
        )
        table = sa.table(name, sa.column("used_at"), sa.column("started_at"))
        op.execute(sa.update(table).values(used_at=table.c.started_at))


def downgrade() -> None:
    """Undo it."""
    for name in TABLES:
        op.drop_column(name, "used_at")
