"""Writes finished readings of tags: many repositories in one transaction.

The repositories' own rows come first, in the order of their ids, so that two machines that read
the same repositories cannot wait for each other. The log comes last: see `changelog.append`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.core.model import CrawlStatus
from indexer.store.changelog import append, audit_log
from indexer.store.crawl import write_tags, write_visibility
from indexer.store.crawl.crawl_rows import last
from indexer.store.crawl.new_tags import WriteContext
from indexer.store.crawl.repository_claim import ReadRow, claim
from indexer.store.schema.codec import microseconds, time_of
from indexer.store.schema.tables import crawl, namespace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from indexer.crawl.write_buffer import TagsReading
    from indexer.store.crawl.known_state import KnownRow
    from indexer.store.crawl.repository_claim import Claimed
    from indexer.store.manifests.contents import ContentWriter


class ReadingsWriter(NamedTuple):
    """Writes readings within one transaction.

    Attributes:
        connection: in the transaction.
        namespace_id: of the repositories.
        crawl_id: the crawl that read them.
        now: the `observed_at` of the changes.
    """

    connection: sa.Connection
    namespace_id: int
    crawl_id: int
    now: datetime

    def write(
        self,
        readings: Sequence[TagsReading],
        opened: Mapping[str, KnownRow | None],
        contents: ContentWriter,
    ) -> list[str]:
        """Write readings, except those of repositories that were written since they were opened.

        Args:
            readings: each of another repository.
            opened: the repositories' own rows when their tags were asked for.
            contents: stores what tags point to.

        Returns:
            The repositories of which nothing was written.
        """
        claimed, conflicts = self._claim(readings, opened)
        if claimed:
            self._write(claimed, contents)
        return conflicts

    def _claim(
        self, readings: Sequence[TagsReading], opened: Mapping[str, KnownRow | None]
    ) -> tuple[list[tuple[TagsReading, KnownRow, Claimed]], list[str]]:
        """Write the repositories' own rows; those that others wrote since are conflicts."""
        known = [(each, opened.get(each.repository)) for each in readings]
        conflicts = [each.repository for each, row in known if row is None]
        read = [ReadRow(each, row) for each, row in known if row is not None]
        read.sort(key=lambda each: each.known.id)
        claimed: list[tuple[TagsReading, KnownRow, Claimed]] = []
        found = claim(self.connection, read, self.crawl_id, self.now)
        for (reading, row), mine in zip(read, found, strict=True):
            if mine is None:
                conflicts.append(reading.repository)
            else:
                claimed.append((reading, row, mine))
        return claimed, conflicts

    def _write(
        self, claimed: Sequence[tuple[TagsReading, KnownRow, Claimed]], contents: ContentWriter
    ) -> None:
        moment = microseconds(self.now)
        inserted, rows = write_tags.write(
            self.connection, [self._context(*each, moment) for each in claimed], contents
        )
        for reading, row, mine in claimed:
            memory = reading.memory
            if memory is not None and memory.exact and memory.filters not in {None, row.filters}:
                write_tags.watch_again(self.connection, row.id, memory.filters or "")
            if mine.public_since is None and _is_public(reading, mine):
                write_visibility.publish(self.connection, row.id, moment)
        changes = append.append(
            self.connection,
            rows,
            crawl_id=self.crawl_id,
            namespace_id=self.namespace_id,
            observed_at=moment,
            inserted=inserted,
        )
        audit_log.complete(self.connection, changes, self.namespace_id)
        logged = {each.repository_id for each in rows}
        logged |= {number for each in inserted for number in each.repository_ids}
        append.touch(
            self.connection,
            [
                row.id
                for reading, row, _ in claimed
                if row.id not in logged and (reading.diff.resolved or reading.diff.dropped)
            ],
        )

    def _context(
        self, reading: TagsReading, row: KnownRow, mine: Claimed, moment: int
    ) -> WriteContext:
        return WriteContext(
            reading.diff,
            row.id,
            self.crawl_id,
            moment,
            was_public=mine.public_since is not None,
            is_public=_is_public(reading, mine),
            is_new=row.revision == 0,
            read_before=row.watch.seen_at or self._crawl_before(reading),
        )

    def _crawl_before(self, reading: TagsReading) -> datetime | None:
        """When the last complete crawl of the whole namespace began; None: there was none.

        At a baseline it does not matter, and is not asked for.
        """
        if reading.diff.baseline:
            return None
        before = crawl.alias("before")
        began = (
            sa.select(before.c.started_at)
            .join(namespace, namespace.c.id == before.c.namespace_id)
            .where(
                namespace.c.id == self.namespace_id,
                before.c.id == last(status=CrawlStatus.COMPLETE),
            )
        )
        return time_of(self.connection.scalar(began))


def _is_public(reading: TagsReading, mine: Claimed) -> bool:
    """Whether the public sees what was read."""
    is_exact = reading.memory is not None and reading.memory.exact
    return not mine.private and (mine.public_since is not None or is_exact)
