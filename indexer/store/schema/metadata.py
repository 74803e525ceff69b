"""The whole schema, for migrations: all tables, and their partial indexes.

Commands load only the tables that they need. The partial indexes are here because SQLAlchemy loads
the whole PostgreSQL dialect for them, which takes as long as some commands take in all.
"""

from sqlalchemy import Index, text

from indexer.store.schema import manifest_tables, notify_and_policy_tables
from indexer.store.schema.tables import change, crawl, metadata, repository

__all__ = ["manifest_tables", "metadata", "notify_and_policy_tables"]

# Few rows each, which are asked for all the time: repositories that the public does not see,
# private ones that are not visible any more, crawls that run, and violations that are open.
for name, column, only in (
    ("ix_repository_unseen", repository.c.id, "public_since IS NULL"),
    ("ix_repository_hidden", repository.c.namespace_id, "hidden_since IS NOT NULL"),
    ("ix_crawl_unfinished", crawl.c.namespace_id, "finished_at IS NULL"),
    (
        "ix_violation_open",
        notify_and_policy_tables.violation.c.id,
        "acknowledged_at IS NULL AND resolved_at IS NULL",
    ),
):
    Index(name, column, sqlite_where=text(only), postgresql_where=text(only))

# Most crawls are incremental and read a part: without these two, all were read to find another one.
for name, columns, of_sqlite, of_postgresql in (
    (
        "ix_crawl_thorough",
        (crawl.c.namespace_id, crawl.c.status, crawl.c.id),
        "whole = 1 OR mode != 'incremental'",
        "whole OR mode != 'incremental'",
    ),
    (
        "ix_crawl_not_incremental",
        (crawl.c.namespace_id, crawl.c.id),
        "mode != 'incremental'",
        "mode != 'incremental'",
    ),
):
    Index(name, *columns, sqlite_where=text(of_sqlite), postgresql_where=text(of_postgresql))

# Without baselines: they are most rows of a young index, and rarely asked for.
for name, columns in (
    ("ix_change_observed_at_id", (change.c.observed_at, change.c.id)),
    ("ix_change_kind_observed_at_id", (change.c.kind, change.c.observed_at, change.c.id)),
    ("ix_change_namespace_id_id", (change.c.namespace_id, change.c.id)),
    ("ix_change_repository_id_id", (change.c.repository_id, change.c.id)),
):
    Index(
        name,
        *columns,
        sqlite_where=text("baseline = 0"),
        postgresql_where=text("NOT baseline"),
    )
