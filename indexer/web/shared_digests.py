"""Pages of tags and of their history, beside others as `indexer tags` and `history` say it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from indexer.catalog.browser import AnyTime
from indexer.render import tag_comparison

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from indexer.catalog.browser import Browser, RepositoryKey, SharedDigest
    from indexer.core.model import Period, TagEntry

_NAMED = tag_comparison.MOST_NAMES + 1
"""The tag itself may be among them."""


def tag_records(
    browser: Browser, place: RepositoryKey, tags: Sequence[TagEntry], as_of: datetime | None
) -> list[dict[str, Any]]:
    """Tags as JSON, each with those that have its digest, now or as of a time."""
    digests = {each.digest for each in tags if each.digest}
    shared = browser.sharing(place, digests, _NAMED, as_of) if digests else {}
    return [
        tag_comparison.tag_record(
            tag_comparison.ComparedTag(each, _same(shared, each.digest, each.tag))
        )
        for each in tags
    ]


def step_records(
    browser: Browser, place: RepositoryKey, before: Period | None, intervals: Sequence[Period]
) -> list[dict[str, Any]]:
    """Intervals as JSON, each with what moved and which tags have or had its digest.

    Args:
        browser: knows the others.
        place: whose they are.
        before: the interval before the first one.
        intervals: by tag and time.
    """
    digests = {each.digest for each in intervals if each.digest}
    shared = browser.sharing(place, digests, _NAMED, AnyTime.EVER) if digests else {}
    return [
        tag_comparison.step_record(
            tag_comparison.HistoryStep(
                after, tag_comparison.moved(earlier, after), _same(shared, after.digest, after.tag)
            )
        )
        for earlier, after in pairwise([before, *intervals])
        if after is not None
    ]


def _same(
    shared: Mapping[str, SharedDigest], digest: str | None, tag: str
) -> tag_comparison.SharedTags:
    found = shared.get(digest) if digest else None
    return tag_comparison.SharedTags.others(*found, tag) if found else tag_comparison.SharedTags()
