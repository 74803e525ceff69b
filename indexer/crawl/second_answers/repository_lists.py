"""Reads the list of repositories of a namespace, again if it seems to be an old copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core.errors import SourceError, SourceLost
from indexer.core.model import ANONYMOUS, Mode
from indexer.crawl.list_reader import Sides, known_bound, read
from indexer.crawl.listing import ListingReader
from indexer.crawl.second_answers import stale_answers
from indexer.crawl.wanted_names import as_remembered

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from indexer.core.model import Repository
    from indexer.crawl.known_state import KnownNamespace
    from indexer.crawl.listing import Listing
    from indexer.crawl.ports import Source
    from indexer.crawl.target import Target

MOST_CONFIRMED = 10
"""The most repositories whose earlier dates are asked for, to confirm a list."""


class RepositoryLists:
    """Reads the list of repositories of a namespace, again if need be.

    Args:
        source: the registry.
        target: what to crawl, and how.
        known: the recorded state of the namespace.
        wants: which names the filter admits; None: all.
        now: the time.
        tags_of: the known tags of a repository.

    Attributes:
        seen: every repository that the last reading saw.
    """

    def __init__(
        self,
        source: Source,
        target: Target,
        known: KnownNamespace,
        wants: Callable[[str], bool] | None,
        now: datetime,
        tags_of: Callable[[str], Collection[str]],
    ) -> None:
        self._source = source
        self._target = target
        self._known = known
        self._wants = wants
        self._now = now
        self._tags_of = tags_of
        self._confirmed: dict[str, datetime] = {}
        self.seen: Mapping[str, Repository] = {}

    def read(self) -> Listing[Repository]:
        """Read the list to its end, and again if dates that went back are confirmed.

        Raises:
            SourceError: a page could not be read; `seen` holds what came before.
        """
        listing = self._read()
        for _ in range(MOST_CONFIRMED):
            if not (listing.gone_back and self._confirm(listing.gone_back)):
                break
            listing = self._read()
        return listing

    def _confirm(self, gone_back: Mapping[str, Repository]) -> bool:
        """Whether all these repositories have the earlier date themselves, for a reason.

        The reason is another set of tags in the registry's `tags/list` than the known one: a
        deletion may move a repository's date back. A date alone may be as old as the list.
        """
        if len(self._confirmed) + len(gone_back) > MOST_CONFIRMED:
            return False
        try:
            is_so = all(self._is_so(item) for item in gone_back.values())
        except SourceLost:
            raise
        except SourceError:
            return False
        if is_so:
            dates = {name: item.last_updated for name, item in gone_back.items()}
            self._confirmed |= {name: date for name, date in dates.items() if date is not None}
        return is_so

    def _is_so(self, item: Repository) -> bool:
        itself = self._source.repository(item.name)
        if itself is None or itself.last_updated != item.last_updated:
            return False
        names = self._source.tag_names(item.name)
        return names is not None and set(names) != set(self._tags_of(item.name))

    def _read(self) -> Listing[Repository]:
        source, target, known = self._source, self._target, self._known
        memory = stale_answers.confirmed(known.memory, self._confirmed)
        reading: ListingReader[Repository] = ListingReader(
            {name: item for name, item in known.repositories.items() if item.listed},
            as_remembered(memory, source.wanted.text),
            identity=source.identity,
            full=_reads_every_page(target.mode, source),
            passes=target.passes,
            wants=self._wants,
            now=self._now,
        )
        sides = Sides(
            orders=source.repository_orders,
            names=None,
            single=source.repository,
            most_singles=0,
            now=self._now,
            bound=known_bound(known.memory, source.identity, target.mode),
        )
        try:
            return read(reading, lambda ask: source.repositories(target.namespace, ask), sides)
        except SourceError:
            self.seen = reading.seen
            raise


def _reads_every_page(mode: Mode, source: Source) -> bool:
    """Whether the whole list is read, because its head does not say what is wanted.

    To an account a repository that is made private, or public, stays listed where it was, with
    its date: only its own item says so. A verify crawl refreshes that.
    """
    refreshes = source.lists_dates and source.identity != ANONYMOUS
    return mode is Mode.FULL or (mode is Mode.VERIFY and refreshes)
