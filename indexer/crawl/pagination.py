"""Pages of a list, and one pass over them: what was seen, and the first sign of change. Pure.

A `Pass` only observes; `indexer.crawl.listing` decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

from indexer.core.printable import shown
from indexer.crawl.date_order import DateOrder, all_believed
from indexer.crawl.name_order import NameOrder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from indexer.crawl.list_sides import Window

MOST_ITEMS = 1_000_000
"""The most items of a pass, against endless lists. Docker Hub's largest hold some 100,000."""

MOST_PAGES = 10_000
"""The most pages of a pass, against lists without an end whose items are all filtered out."""

BARREN_PAGES = 2
"""After so many pages in a row without a new item, even the last pass gives up."""


class Dated(Protocol):
    """An item of a list, or the recorded state of one."""

    @property
    def last_updated(self) -> datetime | None:
        """The date that the list is ordered by."""


class Item(Dated, Protocol):
    """An item of a list, as a page shows it."""

    @property
    def name(self) -> str:
        """Unique within the list."""


T = TypeVar("T", bound=Item)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page to fetch.

    Attributes:
        cursor: `Page.next` of the page before; None for the first page.
        opposite_order: ask for the opposite of the order that is documented as newest first.
        window: fetch this page of this side instead; `cursor` is then ignored.
        proves_end: also ask for names after the apparent end, because a registry may cut a list
            without saying so.
    """

    cursor: str | None = None
    opposite_order: bool = False
    window: Window | None = None
    proves_end: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list.

    Attributes:
        items: in the server's order.
        count: the number of items of the whole list, as the server says; None if it does not.
        next: the cursor of the next page; None on the last page.
        rejected: a sentence for each item that could not be decoded.
        after: the name after which the next page begins, if the list says so: see
            `indexer.crawl.name_order`.
        proves_absence: False if the list may lack items that exist.
        fault: why the list is not known to be whole; None: nothing speaks against it.
        absent: names that were asked for one by one, and do not exist (404).
    """

    items: tuple[T, ...]
    count: int | None
    next: str | None
    rejected: tuple[str, ...] = ()
    after: str | None = None
    proves_absence: bool = True
    fault: str | None = None
    absent: tuple[str, ...] = ()


class RefusedPass(NamedTuple, Generic[T]):
    """What a pass had read, newest first, when a page was refused because of its offset.

    Attributes:
        first: its first page.
        items: all items that it read, by name.
        covered: the number of items before the refused page.
        bound: the refused offset.
        rejected: a sentence for each item that could not be read.
    """

    first: Page[T]
    items: Mapping[str, T]
    covered: int
    bound: int
    rejected: tuple[str, ...] = ()


class Pass(Generic[T]):
    """One pass over a list: what it saw, and the first sign that the list changed meanwhile.

    Args:
        now: our time; dates too far ahead of it are not believed. None: all dates are believed.
    """

    def __init__(self, now: datetime | None) -> None:
        self.items: dict[str, T] = {}
        self.gone_back: dict[str, T] = {}
        self.rejected: list[str] = []
        self.absent: list[str] = []
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
        """The list's count minus the number of items; 0 if the server gives no count."""
        return 0 if self.count is None else self.count - len(self.items)

    def offset(self, usual: int) -> int | None:
        """Count minus items if the difference is explained; None if not, or if there is no count.

        It is explained if it equals the number of rejected items, or `usual`.

        Args:
            usual: the difference that is known for this list.
        """
        if self.count is None and self.pages > 1 and not self.is_by_name:
            return None
        return self.surplus if self.surplus in {len(self.rejected), usual} else None

    @property
    def is_newest_first(self) -> bool:
        """Whether dates fell and never rose, and page 1 held a date.

        If page 1 holds none, pushes during the pass cannot be told from older items.
        """
        return self._starts_dated and self.order.is_newest_first

    @property
    def is_by_name(self) -> bool:
        """Whether the list is paged by name: see `indexer.crawl.name_order`."""
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
        if page.fault:
            self.note(page.fault)
        before = len(self.items)
        names = [item.name for item in page.items]
        if len({*names}) < len(names) or not self.items.keys().isdisjoint(names):
            self.note(f"'{shown(_first_again(names, self.items))}' came twice")
        self.items.update(zip(names, page.items, strict=True))
        self.order.take_all(all_believed([item.last_updated for item in page.items], self._now))
        if self.pages == 1:
            self._starts_dated = self.order.newest_at_head is not None
        self.rejected += page.rejected
        self.absent += page.absent
        self.proves_absence = self.proves_absence and page.proves_absence
        self._by_name.take(names, page.after, is_last=page.next is None)
        self._check_that_it_ends(page, new=len(self.items) - before)

    def _check_that_it_ends(self, page: Page[T], new: int) -> None:
        if page.next is None:
            return
        advanced = self._by_name.holds and self._by_name.advanced
        self._barren = 0 if new or advanced else self._barren + 1
        if not page.items and not advanced:
            self.note(f"page {self.pages} was empty, but not the last")
        if page.next in self._cursors:
            self.note("the pages repeat in a circle")
            self.is_endless = True
        is_long = len(self.items) > MOST_ITEMS or self.pages > MOST_PAGES
        if self._barren >= BARREN_PAGES or is_long:
            self.note("the list has no last page")
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


def _first_again(names: Iterable[str], seen: Collection[str]) -> str:
    """The first of these names that came before; empty if none did."""
    here: set[str] = set()
    for name in names:
        if name in seen or name in here:
            return name
        here.add(name)
    return ""


def _dated(items: Mapping[str, Item]) -> dict[str, datetime | None]:
    return {name: item.last_updated for name, item in items.items()}


def _dates(page: Page[T]) -> dict[str, datetime | None]:
    return {item.name: item.last_updated for item in page.items}
