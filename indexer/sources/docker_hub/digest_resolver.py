"""Asks the registry for digests of tags that Docker Hub lists without one, within a budget.

A `HEAD` is not a pull. Tags whose known digest may be wrong go first, then the newest; tags beyond
the budget are asked for when their page is read again, at the latest in a full crawl. Learning an
unknown digest is not a retag. A registry that does not answer, or refuses, is not asked again in
this crawl. Tags whose digest was never known do not make the crawl incomplete, and are shown as
such; of those whose digest is known see `indexer.crawl.open_questions`.

Listing and digest come from two requests, and somebody may push between them. The listed date
must not be stored with the digest of a later push: the next crawl would see the same digest
and never report the retag. So page 1 of the list is read once more afterwards
(`unmoved`).
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from indexer.core.errors import SourceError
from indexer.core.platforms import fingerprint
from indexer.core.thread_pool import in_threads
from indexer.crawl import open_questions
from indexer.crawl.ports import ResolvedDigests

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from indexer.core.model import KnownTag, Tag
    from indexer.crawl.pagination import Page
    from indexer.sources.oci.api import RegistryApi

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class DigestResolver:
    """Asks for digests during one crawl. Safe to call from threads.

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
        """See `indexer.crawl.ports.Source`. A failure leaves a tag without a digest."""
        open_ones = [tag for tag in listed.values() if _is_open(tag, known.get(tag.name))]
        doubtful = {tag.name for tag in open_questions.left_open(known, open_ones)}
        open_ones.sort(
            key=lambda tag: (tag.name in doubtful, tag.last_updated or _LONG_AGO), reverse=True
        )
        found: dict[str, Tag] = {}
        for tag, outcome in in_threads(
            self._affordable(open_ones),
            lambda tag: self._api.head(repository, tag.name, settles=False),  # `GET` is a pull
            self._width,
        ):
            if isinstance(outcome, SourceError):
                self._give_up()
            elif isinstance(outcome, BaseException):
                raise outcome
            elif outcome is not None:
                found[tag.name] = replace(tag, digest=outcome.digest)
        return ResolvedDigests(found)

    def _affordable(self, tags: list[Tag]) -> Iterator[Tag]:
        """As many tags as the budget allows, drawn lazily, because asking may stop early."""
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
    """The resolved digests, without tags that may have been pushed since they were listed.

    Args:
        resolved: the digests, as the registry gave them.
        listed: the tags as they were listed before.
        head: page 1 of the same list, read after the digests. A tag on it is unchanged if its
            date and images are. A tag that is not on it is unchanged if the page ends with an
            unchanged item: in a list newest first, every later push is above that.
    """
    now = {tag.name: tag for tag in head.items}
    dates = [tag.last_updated or _LONG_AGO for tag in head.items]
    ends_as_it_was = bool(head.items) and listed.get(head.items[-1].name) == head.items[-1]
    reaches = head.next is None or (ends_as_it_was and dates == sorted(dates, reverse=True))

    def stands(name: str) -> bool:
        return now[name] == listed[name] if name in now else reaches

    return resolved._replace(tags={n: tag for n, tag in resolved.tags.items() if stands(n)})


def _is_open(tag: Tag, known: KnownTag | None) -> bool:
    """Whether the tag's content is unknown, now and from earlier crawls."""
    if tag.digest is not None:
        return False
    if known is None or known.digest is None:
        return True
    prints = fingerprint(tag.platforms)
    has_moved = bool(prints and known.fingerprint and prints != known.fingerprint)
    return has_moved or known.last_updated != tag.last_updated
