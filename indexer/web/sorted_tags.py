"""Pages of a repository's tags, the newest or greatest first."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from indexer.core.errors import UsageError

if TYPE_CHECKING:
    from indexer.catalog.answers import RepositoryKey, TagSort
    from indexer.core.catalog_entries import TagEntry
    from indexer.store.catalog.browser import Browser

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VALUE = re.compile(r"-1|[0-9]{1,18}", re.ASCII)


def sorted_tags(
    browser: Browser,
    place: RepositoryKey,
    sort: TagSort,
    after: str,
    limit: int,
    *,
    glob: str | None,
    everything: bool,
) -> tuple[list[TagEntry], str | None]:
    """A page of tags, and the cursor of the next one; None: there is no more.

    A cursor is the value and the name of the last tag: `1772366400000000:1.27`.

    Raises:
        UsageError: `after` is not such a cursor.
    """
    value, _, name = after.partition(":")
    if after and not _VALUE.fullmatch(value):
        raise UsageError("after is not a cursor: use 'next' of the previous page.")
    start = (int(value), name) if after else None
    found = browser.tags_sorted(place, sort, start, limit + 1, everything=everything, glob=glob)
    page = found[:limit]
    return page, _cursor(page[-1], sort) if len(found) > limit else None


def _cursor(entry: TagEntry, sort: TagSort) -> str:
    value = getattr(entry, sort.value)
    if isinstance(value, datetime):
        value = (value - _EPOCH) // timedelta(microseconds=1)
    return f"{-1 if value is None else value}:{entry.tag}"
