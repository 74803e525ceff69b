"""Reads times in query parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from indexer.core.errors import UsageError
from indexer.core.time_expression import parse_when
from indexer.web.responses import NotKnown

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.catalog.answers import RepositoryKey
    from indexer.store.catalog.browser import Browser


class Times(NamedTuple):
    """Two times of a repository.

    Attributes:
        earlier: the first of them, but not before the repository was known.
        later: the second.
        known_since: since when it is known, if that is later than was asked for.
    """

    earlier: datetime
    later: datetime
    known_since: datetime | None


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


def times_of(
    browser: Browser, place: RepositoryKey, typed: tuple[str, str | None], now: datetime
) -> Times:
    """The two times between which a repository is compared, in their order.

    Args:
        browser: the index.
        place: the repository.
        typed: the times as they were typed; without the second it is now.
        now: the current time.

    Raises:
        UsageError: one of them cannot be read as a time, or nothing was known yet at both.
        NotKnown: there is no such crawl.
    """
    one = moment_of(browser, typed[0], now)
    other = moment_of(browser, typed[1], now) if typed[1] else now
    one, other = min(one, other), max(one, other)
    began = browser.known_since(place)
    if began is None or one >= began:
        return Times(one, other, None)
    browser.check_known(place, other)
    return Times(began, other, began)
