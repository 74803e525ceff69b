"""Holds finished readings of tags, and writes many in one transaction: a group commit.

A transaction costs about as much as writing some dozen tags, and each writes the same pages of the
indexes again. So a crawl writes many readings in one. Each is whole: all of it is written, or
nothing. What is held is lost if the process dies, and its repositories stay pending: the next
crawl reads them again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from indexer.core.errors import Conflict, Ended, StoreError
from indexer.crawl.known_state import Extent

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime
    from typing import Protocol

    from indexer.core.clock import Clock
    from indexer.core.model import ListMemory
    from indexer.crawl.diff import TagsDiff

    class _Record(Protocol):
        """What is used of `indexer.crawl.ports.CrawlRecord`."""

        def record_readings(
            self, readings: Sequence[TagsReading], now: datetime
        ) -> Collection[str]: ...


MOST_READINGS = 50
"""Readings in one transaction. With 20, 500,000 tags take a third more bytes to write."""

MOST_TAGS = 5_000
"""Tags that are held, about: they bound the memory, some 3 KiB each with their images."""

LONGEST_SECONDS = 0.5
"""How long a reading is held. So much of the reading is done again if the process dies."""


class TagsReading(NamedTuple):
    """What was read of a repository's tags, and what to write of it.

    Attributes:
        repository: `namespace/repository`.
        diff: what to write; `diff.baseline` marks its `tag_added` rows.
        memory: what to remember of the listing; None if it was never read to its end, or only a
            part was read.
        read_for: the listed `last_updated` that these tags belong to: the repository is pending
            as long as it differs from the listed one.
        extent: how much of the list was read.
    """

    repository: str
    diff: TagsDiff
    memory: ListMemory | None
    read_for: datetime | None
    extent: Extent = Extent.VERIFIED

    @property
    def held_tags(self) -> int:
        """How many tags it keeps in memory."""
        diff = self.diff
        kept = diff.added, diff.retagged, diff.resolved, diff.touched, diff.seen
        return sum(map(len, kept))


def written_meanwhile(repository: str) -> str:
    """The sentence for a repository whose tags another crawl wrote since they were known."""
    return f"{repository} was written by another crawl meanwhile; crawl again."


class WriteBuffer:
    """Writes the readings of one crawl, many in one transaction.

    Args:
        record: where they are written.
        clock: tells the time.
        problem: is told of each that another crawl wrote meanwhile.
    """

    def __init__(self, record: _Record, clock: Clock, problem: Callable[[str], None]) -> None:
        self._record = record
        self._clock = clock
        self._problem = problem
        self._held: list[TagsReading] = []
        self._tags = 0
        self._since = 0.0

    def add(self, reading: TagsReading) -> None:
        """Hold a reading; write all that are held if they are many, or held for long."""
        if not self._held:
            self._since = self._clock.monotonic()
        self._held.append(reading)
        self._tags += reading.held_tags
        if (
            len(self._held) >= MOST_READINGS
            or self._tags >= MOST_TAGS
            or self._clock.monotonic() - self._since >= LONGEST_SECONDS
        ):
            self.flush()

    def flush(self) -> None:
        """Write what is held. If a value of one cannot be written, the others are.

        Raises:
            StoreError: the database failed; what was held is not written.
            Ended: the crawl has ended that this one is a shard of.
            Exception: what was raised for the first one that could not be written.
        """
        held, self._held, self._tags = self._held, [], 0
        if not held:
            return
        try:
            self._write(held)
        except (StoreError, Ended):
            raise
        except Exception:
            if len(held) == 1:
                raise
            self._write_each(held)

    def _write_each(self, readings: Sequence[TagsReading]) -> None:
        first: Exception | None = None
        for reading in readings:
            try:
                self._write([reading])
            except (StoreError, Ended):
                raise
            except Exception as error:  # noqa: BLE001 - raised below
                first = first or error
        if first is not None:
            raise first

    def _write(self, readings: Sequence[TagsReading]) -> None:
        try:
            conflicts = self._record.record_readings(readings, self._clock.now())
        except Conflict as error:
            self._problem(str(error))
            return
        for repository in conflicts:
            self._problem(written_meanwhile(repository))
