"""How fresh what the server answers is: see `indexer.crawl.schedule.freshness`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.crawl.schedule.freshness import freshness
from indexer.render.freshness import record
from indexer.web.context import browser_of, context_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from indexer.crawl.schedule.freshness import Freshness, Wanted
    from indexer.render.records.freshness import Freshness as Record


def freshness_of(request: Request, wanted: Wanted | None = None) -> Freshness:
    """How fresh an answer is that rests on some namespaces; it asks the index.

    Ask before the answer is read: an answer may be newer than it says, never older.
    """
    site = context_of(request)
    now = site.now()
    return freshness(browser_of(request).ages(now), site.timetables, now, wanted)


def freshness_record(request: Request, wanted: Wanted | None = None) -> Record:
    """The same, as JSON has it."""
    return record(freshness_of(request, wanted))
