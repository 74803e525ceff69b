"""The whole schema, for migrations: every table, and the indexes over a part of one.

Commands load the tables that they need. The partial indexes are here because SQLAlchemy loads
the whole of PostgreSQL's dialect to understand them, which takes as long as many a command.
"""

from sqlalchemy import Index, text

from indexer.store.schema import manifest_tables, notify_and_policy_tables
from indexer.store.schema.tables import change, metadata, repository

__all__ = ["manifest_tables", "metadata", "notify_and_policy_tables"]

# The private ones, which most audiences must not see: few, and looked for all the time.
Index(
    "ix_repository_private",
    repository.c.id,
    sqlite_where=text("private = 1"),
    postgresql_where=text("private"),
)

# Of news only: most rows of a young index are its baseline, which is rarely asked for by time.
for name, columns in (
    ("ix_change_observed_at_id", (change.c.observed_at, change.c.id)),
    ("ix_change_kind_observed_at_id", (change.c.kind, change.c.observed_at, change.c.id)),
):
    Index(
        name,
        *columns,
        sqlite_where=text("baseline = 0"),
        postgresql_where=text("NOT baseline"),
    )
