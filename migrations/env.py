"""Run by Alembic: by `indexer`, which hands a connection over, or by `alembic` in a checkout."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from alembic import context

from indexer.config import load
from indexer.store.engine import Database, use_write_ahead_log
from indexer.store.tables import metadata

if TYPE_CHECKING:
    import sqlalchemy as sa


def migrate(connection: sa.Connection) -> None:
    """Migrate in the transaction that is open."""
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()


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
