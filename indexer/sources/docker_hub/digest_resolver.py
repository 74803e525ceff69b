"""Digests of tags that Docker Hub lists without one: asked of its registry, within a budget.

A `HEAD` is no pull. The newest go first; what the budget leaves over has its turn when its page
is read again, in a full crawl at the latest. To know a digest that was not known is no retag. A
registry that does not answer, or refuses, is not asked again in this crawl: that tags stay without
a digest is no mistake of the crawl, and is shown wherever a tag is.

The list and the digest come from two questions, and somebody may push between them. What was
listed must not be kept under a digest that is not its own: the next crawl would find that digest
again, and never know that the tag had moved. So the head of the list is looked at once more
(`unmoved`).
"""

from __future__ import annotations

import dataclasses
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from indexer.core.errors import SourceError
from indexer.core.model import fingerprint
from indexer.core.thread_pool import in_threads
from indexer.crawl.ports import ResolvedDigests

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from indexer.core.model import KnownTag, Tag
    from indexer.crawl.pagination import Page
    from indexer.sources.oci.api import RegistryApi

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class DigestResolver:
    """Asks for digests for the length of one crawl. Safe to call from threads.

    Args:
        api: the registry.
        budget: how many tags may be asked for.
        width: requests at the same time.
    """

    def __init__(self, api: RegistryApi, *, budget: int, width: int = 4) -> None:
        self._api = api
        self._left = budget
        self._width = width
        self._lock = threading.Lock()

    def resolve(
        self, repository: str, listed: Mapping[str, Tag], known: Mapping[str, KnownTag]
    ) -> ResolvedDigests:
        """See `indexer.crawl.ports.Source`. Whatever fails leaves a tag as it is."""
        open_ones = [tag for tag in listed.values() if _is_open(tag, known.get(tag.name))]
        open_ones.sort(key=lambda tag: tag.last_updated or _LONG_AGO, reverse=True)
        found: dict[str, Tag] = {}
        for tag, outcome in in_threads(
            self._affordable(open_ones),
            lambda tag: self._api.head(repository, tag.name),
            self._width,
        ):
            if isinstance(outcome, SourceError):
                self._give_up()
            elif isinstance(outcome, BaseException):
                raise outcome
            elif outcome is not None:
                found[tag.name] = dataclasses.replace(tag, digest=outcome.digest)
        return ResolvedDigests(found)

    def _affordable(self, tags: list[Tag]) -> Iterator[Tag]:
        """As many as the budget allows, drawn as they are asked for: it may be given up."""
        for tag in tags:
            with self._lock:
                if not self._left:
                    return
                self._left -= 1
            yield tag

    def _give_up(self) -> None:
        with self._lock:
            self._left = 0


def unmoved(
    resolved: ResolvedDigests, listed: Mapping[str, Tag], head: Page[Tag]
) -> ResolvedDigests:
    """What was resolved, without the tags that may have been pushed since they were listed.

    Args:
        resolved: the digests, as the registry gave them.
        listed: the tags as they were listed before.
        head: page 1 of the same list, read after the digests. A tag on it is as it was listed if
            its date and images are. One that is not was not pushed either if the page ends with an
            item as it was: newest first, that lies below all that was pushed.
    """
    now = {tag.name: tag for tag in head.items}
    dates = [tag.last_updated or _LONG_AGO for tag in head.items]
    ends_as_it_was = bool(head.items) and listed.get(head.items[-1].name) == head.items[-1]
    reaches = head.next is None or (ends_as_it_was and dates == sorted(dates, reverse=True))

    def stands(name: str) -> bool:
        return now[name] == listed[name] if name in now else reaches

    return resolved._replace(tags={n: tag for n, tag in resolved.tags.items() if stands(n)})


def _is_open(tag: Tag, known: KnownTag | None) -> bool:
    """Whether what a tag points to is not known, not even from before."""
    if tag.digest is not None:
        return False
    if known is None or known.digest is None:
        return True
    prints = fingerprint(tag.platforms)
    has_moved = bool(prints and known.fingerprint and prints != known.fingerprint)
    return has_moved or known.last_updated != tag.last_updated
