"""Writes a repository's own row after its tags were read, if nobody has written it meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.core.model import ChangeRate
from indexer.crawl.due_repositories import UNSETTLED
from indexer.crawl.verify_selection import observed
from indexer.store.crawl.known_state import memory_columns, watch_columns
from indexer.store.database.dialect import CompiledStatement
from indexer.store.manifests.manifest_store import packed_order
from indexer.store.schema.codec import microseconds
from indexer.store.schema.tables import repository

if TYPE_CHECKING:
    from datetime import datetime

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
        **{name: sa.bindparam(name) for name in memory_columns(None)},
        **{name: sa.bindparam(name) for name in watch_columns(ChangeRate(0))},
    )
)


def claim(
    connection: sa.Connection,
    known: KnownRow,
    diff: TagsDiff,
    memory: ListMemory | None,
    read_for: datetime | None,
    now: datetime,
) -> bool:
    """Write a repository's own row after its tags were read.

    Args:
        connection: within a transaction.
        known: the row as it was before the reading.
        diff: what the reading changes.
        memory: of the list of tags.
        read_for: the listed date that the reading belongs to.
        now: the time.

    Returns:
        False, and nothing is written, if the row was written since.
    """
    watch = known.watch
    if memory is not None and memory.exact and read_for != UNSETTLED:
        changed = len(diff.added) + len(diff.removed) + len(diff.retagged)
        moved = microseconds(read_for) != known.read_updated
        watch = observed(watch, now, moved=moved, changed=changed)
    written = _CLAIM.run(
        connection,
        {
            "repository": known.id,
            "known_revision": known.revision,
            "known_read": known.read_updated,
            "read_for": microseconds(read_for),
            "more": len(diff.added) - len(diff.removed) - len(diff.dropped),
            "tag_order": packed_order(diff.order),
            **memory_columns(memory),
            **watch_columns(watch),
        },
    )
    return written.rowcount == 1
