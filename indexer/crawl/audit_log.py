"""The audit log of a namespace, read before its crawl: from its cursor, with an overlap.

It only completes what the crawl finds, and the crawl goes on as ever without it: a log may lag
behind, or be narrowed to some of what happens.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from indexer.core.errors import SourceError, SourceLost

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.crawl.ports import CrawlRecord, Source
    from indexer.crawl.target import Target

OVERLAP = timedelta(hours=1)
"""What is read again before the newest event that is known: a log may show an event late."""


def read(
    source: Source, target: Target, record: CrawlRecord, note: Callable[[str], object]
) -> None:
    """Read what is new in the log and record it; `note` is told why where that cannot be.

    Raises:
        SourceLost: no further request makes sense.
    """
    until = record.audited_until()
    try:
        events = source.audit_events(target.namespace, until - OVERLAP if until else None)
    except SourceLost:
        raise
    except SourceError as error:
        note(f"{target.name}: it is crawled without its audit log: {error}")
        return
    record.record_audit_events(events)
