"""Records hints that something was pushed. A hint only makes repositories due."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.store.database.dialect import chunks
from indexer.store.schema.tables import namespace, registry, repository

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.store.database.engine import Database


class PushHints:
    """Makes repositories pending: `read_updated` is set to a date other than `last_updated`.

    The date decreases by a microsecond with each hint, so that a crawl which is reading the
    repository at this moment notices the hint: see `indexer.store.crawl.archive`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def hint(self, registry: str | None, repositories: Sequence[str]) -> int:
        """Make present repositories due at once: the next crawl reads them.

        Args:
            registry: of the repositories; None: every registry that has them.
            repositories: `namespace/repository`; unknown ones are ignored.

        Returns:
            How many were made due.
        """
        due = 0
        with self._database.writing() as connection:
            for some in chunks(sorted(set(repositories))):
                statement = (
                    sa.update(repository)
                    .where(repository.c.name.in_(some), repository.c.present)
                    .where(repository.c.hidden_since.is_(None))
                    .values(read_updated=_before_both(connection.dialect.name))
                )
                if registry is not None:
                    statement = statement.where(repository.c.namespace_id.in_(_homes(registry)))
                due += connection.execute(statement).rowcount
        return due


def _before_both(dialect: str) -> sa.ColumnElement[int]:
    """A microsecond before both `read_updated` and `last_updated`."""
    least = sa.func.min if dialect == "sqlite" else sa.func.least
    read, listed = (
        sa.func.coalesce(column, 0)
        for column in (repository.c.read_updated, repository.c.last_updated)
    )
    return least(read, listed) - 1


def _homes(name: str) -> sa.Select[tuple[int]]:
    return (
        sa.select(namespace.c.id)
        .join(registry, registry.c.id == namespace.c.registry_id)
        .where(registry.c.name == name)
    )
