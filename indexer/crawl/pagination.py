"""Pages, and one pass over them: what a list said on the way, and what speaks against it. Pure.

A `Pass` only observes; what an observation is worth is decided in `indexer.crawl.listing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

from indexer.core.printable import shown
from indexer.crawl.date_order import DateOrder, believed
from indexer.crawl.name_order import NameOrder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from indexer.crawl.list_sides import Window

MOST_ITEMS = 1_000_000
"""Where a list that never ends is left. Docker Hub's largest repositories hold some 100,000."""

MOST_PAGES = 10_000
"""Where a list is left that never ends and holds nothing that is wanted."""

BARREN_PAGES = 2
"""Pages in a row without a new item after which even the last pass gives up."""


class Dated(Protocol):
    """What an item, or the memory of one, must know for its list to be read."""

    @property
    def last_updated(self) -> datetime | None:
        """The date that orders the list."""


class Item(Dated, Protocol):
    """An item of a list, as a page holds it."""

    @property
    def name(self) -> str:
        """Unique within the list."""


T = TypeVar("T", bound=Item)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page to ask for: the first (`cursor` None), or the one that `Page.next` named.

    `flipped` asks for the opposite of what should mean newest first. With a `window` that page of
    that side is meant instead, whatever was asked before.
    """

    cursor: str | None = None
    flipped: bool = False
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page. `count` is the server's word for the whole list; None where it has none.

    `rejected` holds a sentence for each item that could not be read. `after` is the name after
    which the next page begins, where the list says so: see `indexer.crawl.name_order`.
    Without `proves_absence` the list may be silent for another reason than that nothing is there.
    """

    items: tuple[T, ...]
    count: int | None
    next: str | None
    rejected: tuple[str, ...] = ()
    after: str | None = None
    proves_absence: bool = True


class Cut(NamedTuple, Generic[T]):
    """What a pass had read, newest first, when a page was refused.

    Attributes:
        first: its first page.
        items: all that it read, by name.
        covered: items before the refused page.
        bound: the offset that was refused.
    """

    first: Page[T]
    items: Mapping[str, T]
    covered: int
    bound: int


class Pass(Generic[T]):
    """One pass over a list: what it saw, and the first thing that speaks against it.

    Args:
        now: our time, for dates that lie too far ahead to be believed.
    """

    def __init__(self, now: datetime | None) -> None:
        self.items: dict[str, T] = {}
        self.rejected: list[str] = []
        self.order = DateOrder()
        self.pages = 0
        self.covered = 0
        self.count: int | None = None
        self.fault: str | None = None
        self.is_whole = False
        self.is_endless = False
        self.looking_again = False
        self.proves_absence = True
        self._by_name = NameOrder()
        self._now = now
        self.first: Page[T] | None = None
        self._starts_dated = False
        self._barren = 0
        self._cursors: set[str] = set()

    @property
    def surplus(self) -> int:
        """The list's count minus the items that came; 0 where the server does not count."""
        return 0 if self.count is None else self.count - len(self.items)

    def offset(self, usual: int) -> int | None:
        """Count minus items, if that is explained: none missing, or as this list always counts.

        Several pages of a list that does not count explain nothing.
        """
        if self.count is None and self.pages > 1 and not self.is_by_name:
            return None
        return self.surplus if self.surplus in {len(self.rejected), usual} else None

    @property
    def is_newest_first(self) -> bool:
        """Dates fell and never rose, from page 1 on.

        Behind pages without a date, what was pushed meanwhile cannot be told from what was there.
        """
        return self._starts_dated and self.order.is_newest_first

    @property
    def is_by_name(self) -> bool:
        """Each page went on after the name that ended the one before: see `keyset_pagination`."""
        return self.pages > 1 and self._by_name.holds

    def note(self, fault: str) -> None:
        """Remember the first fault."""
        self.fault = self.fault or fault

    def take(self, page: Page[T]) -> None:
        """Add a page."""
        self.pages += 1
        self.covered += len(page.items) + len(page.rejected)
        if self.first is None:
            self.first, self.count = page, page.count
        elif page.count != self.count:
            self.note(f"the count went from {self.count} to {page.count} between two pages")
        before = len(self.items)
        for item in page.items:
            if item.name in self.items:
                self.note(f"'{shown(item.name)}' came twice")
            self.items[item.name] = item
            self.order.take(believed(item.last_updated, self._now))
        if self.pages == 1:
            self._starts_dated = self.order.newest_at_head is not None
        self.rejected += page.rejected
        self.proves_absence = self.proves_absence and page.proves_absence
        names = (item.name for item in page.items)
        self._by_name.take(names, page.after, is_last=page.next is None)
        self._watch_for_the_end(page, news=len(self.items) - before)

    def _watch_for_the_end(self, page: Page[T], news: int) -> None:
        if page.next is None:
            return
        advanced = self._by_name.holds and self._by_name.advanced
        self._barren = 0 if news or advanced else self._barren + 1
        if not page.items and not advanced:
            self.note(f"page {self.pages} was empty, and yet not the last")
        if page.next in self._cursors:
            self.note("the pages lead in a circle")
            self.is_endless = True
        is_long = len(self.items) > MOST_ITEMS or self.pages > MOST_PAGES
        if self._barren >= BARREN_PAGES or is_long:
            self.note("the pages do not come to an end")
            self.is_endless = True
        self._cursors.add(page.next)

    def look_again(self, page: Page[T] | None) -> None:
        """Compare page 1 as it is now with page 1 as it was."""
        first = self.first
        if page is None or first is None:
            self.note("page 1 was not there when it was read again")
        elif page.count != first.count:
            self.note(f"the count went from {first.count} to {page.count} before the second look")
        elif _dates(page) != _dates(first):
            self.note("page 1 held other items or dates when it was read again")

    def agrees_with(self, other: Pass[T]) -> bool:
        """Whether two passes in a row read the same whole list, dates included."""
        return (
            self.is_whole
            and other.is_whole
            and not (self.fault or other.fault)
            and self.count == other.count
            and _dated(self.items) == _dated(other.items)
        )


def _dated(items: Mapping[str, Item]) -> dict[str, datetime | None]:
    return {name: item.last_updated for name, item in items.items()}


def _dates(page: Page[T]) -> dict[str, datetime | None]:
    return {item.name: item.last_updated for item in page.items}
