"""Reads times in query parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core.errors import UsageError
from indexer.core.time_expression import parse_when
from indexer.web.responses import NotKnown

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.store.catalog.browser import Browser


def moment_of(browser: Browser, text: str, now: datetime) -> datetime:
    """The time that is meant; of a crawl its end.

    Raises:
        UsageError: it cannot be read as a time.
        NotKnown: there is no such crawl.
    """
    when = parse_when(text, now)
    if when.time is not None:
        return when.time
    if when.crawl is None:
        raise UsageError(
            "cannot use a change as a time: use the crawl that saw it, as in 'crawl:12'."
        )
    crawl = browser.crawl(when.crawl) if when.crawl < 2**63 else None
    if crawl is None:
        raise NotKnown(f"there is no crawl {when.crawl}.")
    if crawl.finished_at is None:
        raise UsageError(f"crawl {crawl.id} is still running: use a time instead.")
    return crawl.finished_at
