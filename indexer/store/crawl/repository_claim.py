"""Writes a repository's own row after its tags were read, if nobody has written it meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.core.model import ChangeRate
from indexer.crawl.due_repositories import UNSETTLED
from indexer.crawl.known_state import Extent
from indexer.crawl.selection.verify_selection import observed
from indexer.store.crawl.known_state import memory_columns, watch_columns
from indexer.store.database.dialect import CompiledStatement
from indexer.store.manifests.manifest_store import packed_order
from indexer.store.schema.codec import microseconds
from indexer.store.schema.tables import repository

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Self

    from indexer.crawl.write_buffer import TagsReading
    from indexer.store.crawl.known_state import KnownRow
    from indexer.store.database.typed_rows import Values

_CLAIM = CompiledStatement(
    sa.update(repository)
    .where(
        repository.c.id == sa.bindparam("repository"),
        repository.c.revision == sa.bindparam("known_revision"),
        repository.c.present,
    )
    .values(
        revision=repository.c.revision + 1,
        was_read=True,
        # If a hint came while the tags were read, the repository stays pending.
        read_updated=sa.case(
            (
                repository.c.read_updated.is_not_distinct_from(sa.bindparam("known_read")),
                sa.bindparam("read_for"),
            ),
            else_=repository.c.read_updated,
        ),
        tags=repository.c.tags + sa.bindparam("more"),
        tag_order=sa.bindparam("tag_order"),
        read_crawl=sa.case(
            (sa.bindparam("read_in") > 0, sa.bindparam("read_in")), else_=repository.c.read_crawl
        ),
        full_crawl=sa.case(
            (sa.bindparam("full_in") > 0, sa.bindparam("full_in")), else_=repository.c.full_crawl
        ),
        failed_crawl=sa.case((sa.bindparam("read_in") > 0, 0), else_=repository.c.failed_crawl),
        **{name: sa.bindparam(name) for name in memory_columns(None)},
        **{name: sa.bindparam(name) for name in watch_columns(ChangeRate(0))},
    )
    .returning(repository.c.private, repository.c.public_since)
)


class ReadNumbers(NamedTuple):
    """The number of a crawl that reads tags; 0 where it does not read as much as that.

    Attributes:
        read_in: it reads enough to verify them.
        full_in: it reads every page.
    """

    read_in: int
    full_in: int

    @classmethod
    def of(cls, crawl: int, extent: Extent) -> Self:
        """The numbers of a crawl that reads so much."""
        return cls(0 if extent is Extent.PART else crawl, crawl if extent is Extent.FULL else 0)


class Claimed(NamedTuple):
    """Who may see a repository whose row was written.

    Attributes:
        private: whether it is private.
        public_since: since when the public sees it; None: it does not, or not yet.
    """

    private: bool
    public_since: int | None


class ReadRow(NamedTuple):
    """A reading, and its repository's own row as it was before.

    Attributes:
        reading: what was read.
        known: the row.
    """

    reading: TagsReading
    known: KnownRow


def claim(
    connection: sa.Connection, read: Sequence[ReadRow], crawl_id: int, now: datetime
) -> list[Claimed | None]:
    """Write repositories' own rows after their tags were read.

    Args:
        connection: within a transaction.
        read: what was read of each, and its row.
        crawl_id: the crawl that reads them.
        now: the time.

    Returns:
        For each: None, and nothing is written, if the row was written since.
    """
    found = _CLAIM.run_each(connection, [_values(*each, crawl_id, now) for each in read])
    return [Claimed(bool(rows[0][0]), rows[0][1]) if rows else None for rows in found]


def _values(reading: TagsReading, known: KnownRow, crawl_id: int, now: datetime) -> Values:
    """The new values of a repository's row."""
    diff, memory, read_for = reading.diff, reading.memory, reading.read_for
    watch = known.watch
    if memory is not None and memory.exact and read_for != UNSETTLED:
        changed = len(diff.added) + len(diff.removed) + len(diff.retagged)
        moved = known.lags or microseconds(read_for) != known.read_updated
        watch = observed(watch, now, moved=moved, changed=changed)
    return {
        "repository": known.id,
        "known_revision": known.revision,
        "known_read": known.read_updated,
        "read_for": microseconds(read_for),
        "more": len(diff.added) - len(diff.removed) - len(diff.dropped),
        "tag_order": packed_order(diff.order),
        **ReadNumbers.of(crawl_id, reading.extent)._asdict(),
        **memory_columns(memory),
        **watch_columns(watch),
    }
