"""Reading each repository once, in as many crawls of a mode as that takes. Pure.

A full or verify crawl may be cut short: by the rate limit, its budget, Ctrl-C, or a kill. Each
repository keeps the number of the crawl that last read it. The next crawl of that mode continues:
it opens what was not read since the cycle began, and the cycle is done when each repository was
tried in it. What was tried and could not be read is an error of that crawl, and comes first in the
next cycle. Crawls are compared by their numbers, because clocks may be wrong.

A cycle that takes longer than `LONGEST` begins anew, so that nothing counts as just read that was
read long ago. The order, longest unread first, makes sure that each one is read all the same.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.model import CrawlStatus, Mode

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from indexer.core.model import KnownRepository

LONGEST = timedelta(days=30)
"""What was read earlier than that is read again in any case."""


class Past(NamedTuple):
    """A crawl of the cycle's mode, or of a stronger one."""

    id: int
    status: CrawlStatus
    unread: int
    started_at: datetime


def got_through(status: CrawlStatus) -> bool:
    """Whether a crawl with this status ended by itself."""
    return status in {CrawlStatus.COMPLETE, CrawlStatus.INCOMPLETE}


def modes(mode: Mode) -> tuple[Mode, ...]:
    """The modes whose crawls belong to a cycle of this mode; none for incremental crawls."""
    return {
        Mode.INCREMENTAL: (),
        Mode.VERIFY: (Mode.VERIFY, Mode.FULL),
        Mode.FULL: (Mode.FULL,),
    }[mode]


def began(newest_first: Iterable[Past], now: datetime | None) -> Past | None:
    """The crawl that began the unfinished cycle; None if there is none.

    Args:
        newest_first: the crawls of a namespace that belong to cycles of one mode.
        now: the time; None: look back further than `LONGEST`.
    """
    first = None
    for crawl in newest_first:
        is_end = got_through(crawl.status) and crawl.unread == 0
        if is_end or (now is not None and crawl.started_at < now - LONGEST):
            break
        first = crawl
    return first


def read_since(items: Iterable[KnownRepository], mode: Mode, since: int) -> int:
    """How many repositories earlier crawls of the cycle have read."""
    return sum(0 < since <= last_read(item, mode) for item in items)


def last_read(item: KnownRepository, mode: Mode) -> int:
    """The number of the crawl that last read a repository as thoroughly as the mode asks for."""
    return item.full_crawl if mode is Mode.FULL else item.read_crawl
