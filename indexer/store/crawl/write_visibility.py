"""Writes which repositories became public, or private: see `indexer.store.schema.visibility`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.store.database.dialect import chunks
from indexer.store.schema import visibility
from indexer.store.schema.tables import repository, tag

if TYPE_CHECKING:
    from collections.abc import Collection

    from indexer.crawl.diff import RepositoriesDiff


def write(connection: sa.Connection, namespace_id: int, diff: RepositoriesDiff, now: int) -> None:
    """Write it of known repositories, and of the periods of their tags that last.

    Their own column `private` is written with everything else that a listing fills, after this.
    """
    for private in (True, False):
        names = [item.name for item in diff.updated if item.private == private]
        for some in chunks(names):
            moved = sa.select(repository.c.id).where(
                repository.c.namespace_id == namespace_id,
                repository.c.present,
                repository.c.name.in_(some),
                repository.c.private != private,
            )
            numbers = list(connection.scalars(moved))
            if numbers:
                _move(connection, numbers, now, private=private)


def _move(connection: sa.Connection, numbers: Collection[int], now: int, *, private: bool) -> None:
    told = visibility.made_private(now) if private else visibility.published(now)
    connection.execute(
        sa.update(tag)
        .where(tag.c.repository_id.in_(numbers), tag.c.manifest_id.is_not(None))
        .values(told)
    )
    its = sa.update(repository).where(repository.c.id.in_(numbers))
    if private:
        connection.execute(its.values(public_since=None))
    else:  # its long text may be of before: it is read again
        connection.execute(
            its.values(
                public_since=now, full_description=None, described_at=None, described_for=None
            )
        )


def private_among(connection: sa.Connection, numbers: Collection[int]) -> set[int]:
    """Which of these repositories are private."""
    found: set[int] = set()
    for some in chunks(numbers):
        which = sa.select(repository.c.id).where(repository.c.id.in_(some), repository.c.private)
        found.update(connection.scalars(which))
    return found
