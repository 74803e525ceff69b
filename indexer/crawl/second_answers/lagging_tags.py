"""Tags that lag behind their repository's date: their list may come from an old replica. Pure.

A push moves the date of its repository and that of its tag. So if a repository's date moved, and no
tag is that new, the list of tags may lag. It is recorded, and its changes are told, but the push
may be missing, and no later date would tell of it. So the tags are read again: by the next crawl,
and by the first crawls after 1, 6 and 24 hours (`STEPS`). The last of these accepts the date,
because an edited description may move it as well, or a deletion that the index did not see. A
crawl is complete all the same.

The date of a repository is set a moment after that of the tag (`MOMENT`). If the newest tag is
older than that, and not older than the clocks may differ (`CLOCK_MARGIN`), it may be the push
before, of two that came soon after one another: the tags are read once more, and that is all.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from indexer.crawl.due_repositories import MOST_LAG, UNSETTLED
from indexer.crawl.listing import CLOCK_MARGIN

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.core.model import ListMemory
    from indexer.crawl.due_repositories import DueRepository

MOMENT = timedelta(seconds=1)
"""So much later than its tag's is the date of a repository: 0.3 seconds (docs/hub-facts.md)."""

STEPS = (timedelta(hours=1), timedelta(hours=6), MOST_LAG)
"""When tags are read again after they were first seen to lag; the next crawl reads them, too."""


class Lag(NamedTuple):
    """Since when tags lag, and when they are read again; see `ListMemory`.

    Without `since` they are read again only once.
    """

    since: datetime | None
    reread_at: datetime | None


NO_LAG = Lag(None, None)


def lag(
    before: ListMemory | None,
    due: DueRepository,
    newest: datetime | None,
    now: datetime,
    *,
    explained: bool,
) -> Lag:
    """Whether tags that were just read lag behind the date of their repository.

    Args:
        before: the memory of the last reading.
        due: the repository, with the date that it is listed with.
        newest: the date of the newest tag; None: no tag has a date.
        now: the time.
        explained: something else moved the date, as a tag that was removed, or no date tells.
    """
    date, since = due.last_updated, before.lags_since if before else None
    is_new = _has_moved(due, now)
    if date is None or explained or not (is_new or since):
        return NO_LAG
    if newest is not None and newest >= date - MOMENT:
        return NO_LAG
    if newest is not None and newest >= date - CLOCK_MARGIN:
        return Lag(None, now + CLOCK_MARGIN)
    if is_new or since is None:
        return Lag(now, now)
    since = min(since, now)  # the clock may have been set back
    following = [since + step for step in STEPS if since + step > now]
    return Lag(since, following[0]) if following else NO_LAG


def _has_moved(due: DueRepository, now: datetime) -> bool:
    """Whether the repository has another date than at its last reading, or a new one.

    If nobody knows, because it was never read, or not to the end, a date that is older than the
    longest lag counts as read. What belongs to the baseline has no date to compare with.
    """
    date = due.last_updated
    if due.was_read and due.read_for != UNSETTLED:
        return due.read_for != date
    is_baseline = not due.was_read and due.baseline
    return not is_baseline and date is not None and now - date < MOST_LAG
