"""Writes what was read of one repository's tags, as tests do it and crawls do for many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core.errors import Conflict
from indexer.crawl.known_state import Extent
from indexer.crawl.write_buffer import TagsReading, written_meanwhile

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.core.model import ListMemory
    from indexer.crawl.diff import TagsDiff
    from indexer.crawl.ports import CrawlRecord


def record_tags(
    record: CrawlRecord,
    repository: str,
    diff: TagsDiff,
    memory: ListMemory | None,
    read_for: datetime | None,
    now: datetime,
    *,
    extent: Extent = Extent.VERIFIED,
) -> None:
    """Write one reading: see `TagsReading`.

    Raises:
        Conflict: the tags were written since `known_tags`.
    """
    reading = TagsReading(repository, diff, memory, read_for, extent)
    if record.record_readings([reading], now):
        raise Conflict(written_meanwhile(repository))
