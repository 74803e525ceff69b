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
    from datetime import datetime
    from typing import Self

    from indexer.core.model import ListMemory
    from indexer.crawl.diff import TagsDiff
    from indexer.store.crawl.known_state import KnownRow

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


def claim(
    connection: sa.Connection,
    known: KnownRow,
    diff: TagsDiff,
    memory: ListMemory | None,
    read_for: datetime | None,
    now: datetime,
    *,
    numbers: ReadNumbers,
) -> Claimed | None:
    """Write a repository's own row after its tags were read.

    Args:
        connection: within a transaction.
        known: the row as it was before the reading.
        diff: what the reading changes.
        memory: of the list of tags.
        read_for: the listed date that the reading belongs to.
        now: the time.
        numbers: the crawl that reads it.

    Returns:
        None, and nothing is written, if the row was written since.
    """
    watch = known.watch
    if memory is not None and memory.exact and read_for != UNSETTLED:
        changed = len(diff.added) + len(diff.removed) + len(diff.retagged)
        moved = known.lags or microseconds(read_for) != known.read_updated
        watch = observed(watch, now, moved=moved, changed=changed)
    claimed = _CLAIM.run(
        connection,
        {
            "repository": known.id,
            "known_revision": known.revision,
            "known_read": known.read_updated,
            "read_for": microseconds(read_for),
            "more": len(diff.added) - len(diff.removed) - len(diff.dropped),
            "tag_order": packed_order(diff.order),
            **numbers._asdict(),
            **memory_columns(memory),
            **watch_columns(watch),
        },
    ).one_or_none()
    if claimed is None:
        return None
    private, public_since = list(claimed)
    return Claimed(bool(private), public_since)
