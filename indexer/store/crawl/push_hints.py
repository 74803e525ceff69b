"""Records hints that something was pushed. A hint only makes repositories due.

What waits is a row of `push_hint` for each repository, however many hooks name it, until a crawl
takes it. The row lost, the repository is still pending, and the next crawl of its namespace reads
it: so a process that dies between the two loses nothing. A repository that the index does not know
is in its row alone: who takes it puts it back if nothing could be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.core.model import WHOLE_REGISTRY
from indexer.store.coordination.hint_signal import signal
from indexer.store.database.dialect import chunks, insert
from indexer.store.schema.tables import namespace, push_hint, registry, repository

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from indexer.store.database.engine import Database

UNKNOWN = ""
"""Stands for repositories that the index does not know: their namespace is crawled."""

_WAITING = (
    sa.select(registry.c.name, namespace.c.name, push_hint.c.repository)
    .select_from(push_hint)
    .join(namespace, namespace.c.id == push_hint.c.namespace_id)
    .join(registry, registry.c.id == namespace.c.registry_id)
    .order_by(push_hint.c.id)
)


class PushHints:
    """Makes repositories pending: `read_updated` is set to a date other than `last_updated`.

    The date decreases by a microsecond with each hint, so that a crawl which is reading the
    repository at this moment notices the hint: see `indexer.store.crawl.archive`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def hint(self, registry: str | None, repositories: Sequence[str]) -> int:
        """Make present repositories due at once: the next crawl reads them.

        A repository that the index does not know makes the namespace due that would hold it, if
        that was crawled before.

        Args:
            registry: of the repositories; None: every registry that has them.
            repositories: `namespace/repository`.

        Returns:
            How many known repositories were made due.
        """
        due = 0
        with self._database.writing() as connection:
            for some in chunks(sorted(set(repositories))):
                mine = [
                    repository.c.name.in_(some),
                    repository.c.present,
                    repository.c.hidden_since.is_(None),
                ]
                if registry is not None:
                    mine.append(repository.c.namespace_id.in_(_homes(registry)))
                homes = sa.select(repository.c.namespace_id).where(*mine)
                connection.execute(
                    sa.select(namespace.c.id)
                    .where(namespace.c.id.in_(homes))
                    # As crawls do that write a list, whose repositories come in its order.
                    .order_by(namespace.c.id)
                    .with_for_update(key_share=True)
                )
                found = (
                    sa.select(repository.c.namespace_id, repository.c.name)
                    .where(*mine)
                    # As crawls lock them, many in one transaction: or both might wait for ever.
                    .order_by(repository.c.id)
                    .with_for_update(key_share=True)
                )
                known = connection.execute(found).all()
                before = _before_both(connection.dialect.name)
                pending = sa.update(repository).where(*mine).values(read_updated=before)
                due += connection.execute(pending).rowcount
                rows = {(number, name) for number, name in known}
                unknown = set(some) - {name for _, name in rows}
                if registry is not None and unknown:
                    rows |= {
                        (number, UNKNOWN) for number in _holding(connection, registry, unknown)
                    }
                _wait(connection, rows)
        return due

    def waiting(self) -> Mapping[tuple[str, str], Sequence[str]]:
        """The repositories that hints named, by registry and namespace, the oldest hint first.

        `UNKNOWN` stands for those that the index does not know.
        """
        with self._database.reading() as connection:
            rows = connection.execute(_WAITING).all()
        found: dict[tuple[str, str], list[str]] = {}
        for host, home, name in rows:
            found.setdefault((host, home), []).append(name)
        return found

    def take(self, registry_name: str, namespace_name: str) -> Sequence[str]:
        """Take the hints of a namespace: whoever takes them crawls what they name."""
        place = (registry.c.name == registry_name, namespace.c.name == namespace_name)
        wanted = _WAITING.with_only_columns(push_hint.c.id, push_hint.c.repository).where(*place)
        with self._database.reading() as connection:
            if not connection.execute(wanted.limit(1)).all():
                return ()  # the usual case takes no lock
        with self._database.writing() as connection:
            rows = connection.execute(wanted).all()
            numbers = [number for number, _ in rows]
            for some in chunks(numbers):
                connection.execute(sa.delete(push_hint).where(push_hint.c.id.in_(some)))
        return tuple(name for _, name in rows)

    def put_back(
        self, registry_name: str, namespace_name: str, repositories: Sequence[str]
    ) -> None:
        """Let hints wait again that were taken for a crawl which did not begin."""
        home = _homes(registry_name).where(namespace.c.name == namespace_name)
        with self._database.writing() as connection:
            numbers = connection.scalars(home).all()
            _wait(connection, {(number, name) for number in numbers for name in repositories})


def _wait(connection: sa.Connection, rows: set[tuple[int, str]]) -> None:
    """Let hints wait for a crawl, each repository once, and tell the daemon of new ones."""
    values = [{"namespace_id": number, "repository": name} for number, name in sorted(rows)]
    if not values:
        return
    new = insert(connection, push_hint).on_conflict_do_nothing().values(values)
    if connection.scalars(new.returning(push_hint.c.id)).first() is not None:
        signal(connection)


def _before_both(dialect: str) -> sa.ColumnElement[int]:
    """A microsecond before both `read_updated` and `last_updated`."""
    least = sa.func.min if dialect == "sqlite" else sa.func.least
    read, listed = (
        sa.func.coalesce(column, 0)
        for column in (repository.c.read_updated, repository.c.last_updated)
    )
    return least(read, listed) - 1


def _homes(name: str) -> sa.Select[int]:
    return (
        sa.select(namespace.c.id)
        .join(registry, registry.c.id == namespace.c.registry_id)
        .where(registry.c.name == name)
    )


def _holding(connection: sa.Connection, host: str, names: set[str]) -> Sequence[int]:
    """The ids of known namespaces that would hold these repositories."""
    homes = {WHOLE_REGISTRY}
    for name in names:
        parts = name.split("/")
        homes |= {"/".join(parts[:length]) for length in range(1, len(parts))}
    found: list[int] = []
    for some in chunks(sorted(homes)):
        found += connection.scalars(_homes(host).where(namespace.c.name.in_(some)))
    return found
