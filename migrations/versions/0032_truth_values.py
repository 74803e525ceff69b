"""Truth values of the views are booleans on PostgreSQL, so that `WHERE NOT baseline` works there.

Every migration makes the views again, so nothing else is needed.

Revision ID: 0032
Revises: 0031
"""

from __future__ import annotations

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No table changes."""


def downgrade() -> None:
    """No table changes."""
