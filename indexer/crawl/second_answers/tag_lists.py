"""Reads the list of tags of a repository; if it seems to be an old copy, the registry is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core.errors import SourceError, SourceLost
from indexer.core.model import Mode
from indexer.crawl.list_reader import Sides, known_bound, read
from indexer.crawl.listing import ListingReader
from indexer.crawl.second_answers import stale_answers
from indexer.crawl.wanted_names import as_remembered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from indexer.core.model import Tag
    from indexer.crawl.due_repositories import DueRepository
    from indexer.crawl.known_state import KnownTags
    from indexer.crawl.listing import Listing
    from indexer.crawl.pagination import Page, PageRequest
    from indexer.crawl.ports import Source

MOST_HEADS = 10
"""The most tags of one repository whose digests the registry is asked for, to confirm a list."""


class TagLists:
    """Reads the list of tags of a repository, again if need be.

    Args:
        source: the registry.
        due: which repository, and how thoroughly.
        known: the recorded state of its tags.
        wants: which names the filter admits; None: all.
        passes: the most passes over a list that changes while it is read.
        now: tells the time.

    Attributes:
        seen: every tag that the last reading saw.
    """

    def __init__(
        self,
        source: Source,
        due: DueRepository,
        known: KnownTags,
        wants: Callable[[str], bool] | None,
        *,
        passes: int,
        now: Callable[[], datetime],
    ) -> None:
        self._source = source
        self._due = due
        self._known = known
        self._wants = wants
        self._passes = passes
        self._now = now
        self._confirmed: dict[str, datetime] = {}
        self.seen: Mapping[str, Tag] = {}

    def read(self) -> Listing[Tag]:
        """Read the list to its end, and again if the registry confirms dates that went back.

        Raises:
            SourceError: a page could not be read; `seen` holds what came before.
        """
        listing = self._read()
        for _ in range(MOST_HEADS):
            if not (listing.gone_back and self._confirm(listing.gone_back)):
                break
            listing = self._read()
        return listing

    def _confirm(self, gone_back: Mapping[str, Tag]) -> bool:
        """Whether the registry's `HEAD` says of all these tags what the list says of them.

        It must be another digest than the recorded one: the same says nothing about the date.
        """
        contents = self._source.contents
        if contents is None or len(self._confirmed) + len(gone_back) > MOST_HEADS:
            return False
        for name, tag in gone_back.items():
            if tag.digest is None or tag.digest == self._known.tags[name].digest:
                return False
        try:
            is_so = all(
                contents.head(self._due.repository, name) == tag.digest
                for name, tag in gone_back.items()
            )
        except SourceLost:
            raise
        except SourceError:
            return False
        if is_so:
            dates = {name: tag.last_updated for name, tag in gone_back.items()}
            self._confirmed |= {name: date for name, date in dates.items() if date is not None}
        return is_so

    def _page(self, ask: PageRequest) -> Page[Tag] | None:
        page = self._source.tags(self._due.repository, ask)
        if page is not None:
            self._known.expect(item.name for item in page.items)
        return page

    def _read(self) -> Listing[Tag]:
        source, name = self._source, self._due.repository
        memory = stale_answers.confirmed(self._known.memory, self._confirmed)
        reading: ListingReader[Tag] = ListingReader(
            self._known.tags,
            as_remembered(memory, source.wanted.text, name),
            identity=source.identity,
            full=self._due.full,
            passes=self._passes,
            has_names=True,
            wants=self._wants,
            now=self._now(),
        )
        mode = Mode.FULL if self._due.full else Mode.INCREMENTAL
        sides = Sides(
            orders=(),
            names=lambda: source.tag_names(name),
            single=lambda tag: source.tag(name, tag),
            most_singles=source.most_singles,
            now=self._now(),
            bound=known_bound(memory, source.identity, mode),
        )
        try:
            return read(reading, self._page, sides)
        except SourceError:
            self.seen = reading.seen
            raise
