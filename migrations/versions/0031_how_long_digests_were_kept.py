"""How long digests were kept: a view. Counts by the day name their day `date`.

Every migration makes the views again, so nothing else is needed.

Revision ID: 0031
Revises: 0030
"""

from __future__ import annotations

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No table changes."""


def downgrade() -> None:
    """No table changes."""
