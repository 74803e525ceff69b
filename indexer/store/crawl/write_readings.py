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
from indexer.store.crawl.repository_claim import ReadNumbers, claim
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
        claimed: list[tuple[TagsReading, KnownRow, Claimed]] = []
        for row, each in sorted(
            ((row, each) for each, row in known if row is not None), key=lambda pair: pair[0].id
        ):
            numbers = ReadNumbers.of(self.crawl_id, each.extent)
            mine = claim(
                self.connection,
                row,
                each.diff,
                each.memory,
                each.read_for,
                self.now,
                numbers=numbers,
            )
            if mine is None:
                conflicts.append(each.repository)
            else:
                claimed.append((each, row, mine))
        return claimed, conflicts

    def _write(
        self, claimed: Sequence[tuple[TagsReading, KnownRow, Claimed]], contents: ContentWriter
    ) -> None:
        moment = microseconds(self.now)
        rows = write_tags.write(
            self.connection, [self._context(*each, moment) for each in claimed], contents
        )
        for reading, row, mine in claimed:
            memory = reading.memory
            if memory is not None and memory.exact and memory.filters not in {None, row.filters}:
                write_tags.watch_again(self.connection, row.id, memory.filters or "")
            if mine.public_since is None and _is_public(reading, mine):
                write_visibility.publish(self.connection, row.id, moment)
        append.append(
            self.connection,
            rows,
            crawl_id=self.crawl_id,
            namespace_id=self.namespace_id,
            observed_at=moment,
        )
        audit_log.complete(self.connection, len(rows), self.namespace_id)
        logged = {each.repository_id for each in rows}
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
    ) -> write_tags.WriteContext:
        return write_tags.WriteContext(
            reading.diff,
            row.id,
            self.crawl_id,
            moment,
            was_public=mine.public_since is not None,
            is_public=_is_public(reading, mine),
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
