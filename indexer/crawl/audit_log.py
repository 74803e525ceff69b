"""Read the audit log of a namespace before its crawl: from the last known event, with an overlap.

The log adds details to the changes that the crawl finds. The crawl does not depend on it, because
a log may lag behind or leave some actions out.
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
"""How much is read again before the newest known event, because a log may show an event late."""


def read(
    source: Source, target: Target, record: CrawlRecord, note: Callable[[str], object]
) -> None:
    """Read the new events of the log and record them.

    Args:
        source: the registry.
        target: whose log.
        record: the crawl that the events are recorded for.
        note: takes the sentence that says why the log could not be read.

    Raises:
        SourceLost: further requests make no sense.
    """
    until = record.audited_until()
    try:
        events = source.audit_events(target.namespace, until - OVERLAP if until else None)
    except SourceLost:
        raise
    except SourceError as error:
        note(f"{target.name}: cannot read its audit log, crawling without it: {error}")
        return
    record.record_audit_events(events)
