"""What manifests are, as their content says: images, Helm charts, models.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. Of what was fetched before it is not known."""
    op.add_column("manifest", sa.Column("content_type", sa.Text(), nullable=True))


def downgrade() -> None:
    """Undo it."""
    op.drop_column("manifest", "content_type")
