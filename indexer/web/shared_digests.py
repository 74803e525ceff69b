"""Pages of tags and of their history: the records that `indexer tags` and `history` write."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from indexer.catalog.answers import AnyTime
from indexer.render import tag_comparison
from indexer.render.records import images

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from indexer.catalog.answers import RepositoryKey, SharedDigest
    from indexer.core.catalog_entries import Period, TagEntry
    from indexer.store.catalog.browser import Browser

_NAMED = tag_comparison.MOST_NAMES + 1
"""The tag itself may be among them."""


def tag_records(
    browser: Browser, place: RepositoryKey, tags: Sequence[TagEntry], as_of: datetime | None
) -> list[images.Tag]:
    """The records of tags, each with other tags of its digest, now or as of a time."""
    digests = {each.digest for each in tags if each.digest}
    shared = browser.tags_of_digests(place, digests, _NAMED, as_of) if digests else {}
    return [images.Tag.of(each, *_same(shared, each.digest, each.tag)) for each in tags]


def period_records(
    browser: Browser, place: RepositoryKey, before: Period | None, periods: Sequence[Period]
) -> list[images.Period]:
    """The records of periods, each with what changed and other tags of its digest.

    Args:
        browser: the index.
        place: the repository.
        before: the period before the first one.
        periods: by tag and time.
    """
    digests = {each.digest for each in periods if each.digest}
    shared = browser.tags_of_digests(place, digests, _NAMED, AnyTime.EVER) if digests else {}
    return [
        images.Period.of(
            after, tag_comparison.moved(earlier, after), *_same(shared, after.digest, after.tag)
        )
        for earlier, after in pairwise([before, *periods])
        if after is not None
    ]


def _same(
    shared: Mapping[str, SharedDigest], digest: str | None, tag: str
) -> tag_comparison.SharedTags:
    found = shared.get(digest) if digest else None
    return tag_comparison.SharedTags.others(*found, tag) if found else tag_comparison.SharedTags()
