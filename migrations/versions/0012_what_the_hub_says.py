"""What Docker Hub says of tags and repositories: who pushed, what is pulled, what is counted.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_COLUMNS: tuple[tuple[str, str, type[sa.BigInteger | sa.Text]], ...] = (
    ("repository", "stars", sa.BigInteger),
    ("repository", "storage_size", sa.BigInteger),
    ("repository", "categories", sa.Text),
    ("repository", "registered_at", sa.BigInteger),
    ("tag", "pushed_by", sa.Text),
    ("tag", "last_pulled", sa.BigInteger),
    ("tag", "status", sa.Text),
    ("tag", "status_since", sa.BigInteger),
    ("tag", "content_type", sa.Text),
    ("history", "pushed_by", sa.Text),
    ("change", "pushed_by", sa.Text),
)

_ALL = {
    "sqlite": """
        SELECT CASE WHEN count(*) = count(json_extract(image.value, '$[1]'))
            THEN CAST(total(json_extract(image.value, '$[1]')) AS INTEGER) END
        FROM json_each(manifest.images) AS image
        JOIN platform ON platform.id = json_extract(image.value, '$[0]')
    """,
    "postgresql": """
        SELECT CASE WHEN count(*) = count(image.value ->> 1)
            THEN least(sum(CAST(image.value ->> 1 AS numeric)), 9223372036854775807) END
        FROM jsonb_array_elements(CAST(manifest.images AS jsonb)) AS image (value)
        JOIN platform ON platform.id = CAST(image.value ->> 0 AS bigint)
    """,
}
"""The size of a manifest: the sum of its images'; null where one of them is not known."""

_COUNT = {"sqlite": "json_array_length(images)", "postgresql": "json_array_length(images::json)"}


def upgrade() -> None:
    """Add the columns and the table: the next crawls fill them. Sum up the sizes of platforms.

    What was kept as the size of a tag of several platforms was that of the first.
    """
    dialect = op.get_context().dialect.name
    no_attestation = "NOT (platform.os = 'unknown' AND platform.architecture = 'unknown')"
    text = f"""
        UPDATE manifest SET size = ({_ALL[dialect]} WHERE {no_attestation})
        WHERE images IS NOT NULL AND {_COUNT[dialect]} > 1
            AND EXISTS ({_ALL[dialect]} WHERE {no_attestation} HAVING count(*) > 0)
    """  # noqa: S608 - our own SQL
    op.execute(sa.text(text.replace(":", r"\:")))
    for table, name, kind in _COLUMNS:
        op.add_column(table, sa.Column(name, kind(), nullable=True))
    op.create_table(
        "repository_daily",
        sa.Column("repository_id", ID, autoincrement=False, nullable=False),
        sa.Column("day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("pulls", sa.BigInteger(), nullable=True),
        sa.Column("stars", sa.BigInteger(), nullable=True),
        sa.Column("storage_size", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repository.id"], name=op.f("fk_repository_daily_repository_id")
        ),
        sa.PrimaryKeyConstraint("repository_id", "day", name=op.f("pk_repository_daily")),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("repository_daily")
    for table, name, _ in reversed(_COLUMNS):
        op.drop_column(table, name)
