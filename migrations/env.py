"""Run by Alembic: by `indexer`, which hands a connection over, or by `alembic` in a checkout."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from alembic import context

from indexer.config import load
from indexer.store.database.engine import Database, use_write_ahead_log
from indexer.store.schema.metadata import metadata
from indexer.store.schema.migrate import HEAD
from indexer.store.schema.reporting_views import ReportingViews

if TYPE_CHECKING:
    import sqlalchemy as sa


def migrate(connection: sa.Connection) -> None:
    """Migrate in the transaction that is open.

    SQLite rebuilds a table to change it, which fails on one that a view reads. So the reporting
    views go first, and come back when the schema is the one that they are written for.
    """
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
    reporting = ReportingViews(connection)
    with context.begin_transaction():
        if is_migration():
            reporting.drop()
        context.run_migrations()
        if is_migration() and context.get_context().get_current_heads() == (HEAD,):
            reporting.create()


def is_migration() -> bool:
    """Whether the schema is changed: `alembic upgrade` or `downgrade`, and not `check`."""
    try:
        context.get_revision_argument()
    except KeyError:
        return False
    return True


def migrate_configured() -> None:
    """Migrate the database that the configuration names."""
    with closing(Database(load(None).database.url)) as database:
        use_write_ahead_log(database)
        with database.writing() as connection:
            migrate(connection)


given = context.config.attributes.get("connection")
if given is None:
    migrate_configured()
else:
    migrate(given)
