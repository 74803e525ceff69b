"""Writes which repositories became public, or private: see `indexer.store.schema.visibility`.

What becomes public is not shown to the public at once: what is known of its tags was read while it
was private, and they may have moved since. So its tags are read anew, and those that are still the
same are public from that reading on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.crawl.due_repositories import UNSETTLED
from indexer.store.database.dialect import chunks
from indexer.store.schema import visibility
from indexer.store.schema.codec import microseconds
from indexer.store.schema.tables import repository, tag

if TYPE_CHECKING:
    from collections.abc import Collection

    from indexer.crawl.diff import RepositoriesDiff

_UNREAD = {
    "public_since": None,
    "read_updated": microseconds(UNSETTLED),
    # Its long text may be of before, too.
    "full_description": None,
    "described_at": None,
    "described_for": None,
}
"""The columns of a repository that was published, and not read since."""


def write(connection: sa.Connection, namespace_id: int, diff: RepositoriesDiff, now: int) -> None:
    """Write it of known repositories, and of the periods of their tags that last."""
    for some in chunks(diff.made_private):
        which = (repository.c.namespace_id == namespace_id, repository.c.name.in_(some))
        its = sa.select(repository.c.id).where(*which)
        connection.execute(
            sa.update(tag)
            .where(tag.c.repository_id.in_(its), tag.c.manifest_id.is_not(None))
            .values(visibility.made_private(now))
        )
        connection.execute(sa.update(repository).where(*which).values(public_since=None))
    for some in chunks(diff.published):
        connection.execute(
            sa.update(repository)
            .where(repository.c.namespace_id == namespace_id, repository.c.name.in_(some))
            .values(_UNREAD)
        )


def publish(connection: sa.Connection, repository_id: int, now: int) -> None:
    """Show a repository to the public, with the tags that an exact reading has found now."""
    connection.execute(
        sa.update(tag)
        .where(tag.c.repository_id == repository_id, tag.c.manifest_id.is_not(None))
        .values(visibility.published(now))
    )
    connection.execute(
        sa.update(repository).where(repository.c.id == repository_id).values(public_since=now)
    )


def unseen_among(connection: sa.Connection, numbers: Collection[int]) -> set[int]:
    """Which of these repositories the public does not see."""
    found: set[int] = set()
    for some in chunks(numbers):
        which = sa.select(repository.c.id).where(
            repository.c.id.in_(some), repository.c.public_since.is_(None)
        )
        found.update(connection.scalars(which))
    return found
