"""The head of a list, read once more at the end of a long reading. Pure.

Items that are pushed while a list is read move to its head. So the head is read again, down to an
item that is unchanged and older than the newest item when the reading began. The head must show
one moment, that of its first page. If the count changes between two of its pages, an item may have
moved up unseen, and the head is read again from page 1.

An item that was read elsewhere, is newer than the last item of the head, and is not in the head,
was deleted meanwhile.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Generic

from indexer.crawl.date_order import believed
from indexer.crawl.list_sides import Order, Side, Window
from indexer.crawl.listing import CLOCK_MARGIN
from indexer.crawl.pagination import T

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from indexer.crawl.pagination import Page

TRIES = 3
"""How often the reading of the head is started at most."""


class HeadReread(Generic[T]):
    """Reads the head: `ask`, then `take` or `refuse`, until `ask` is None.

    Args:
        first: page 1 as the reading began.
        page_size: the most items of a page.
        now: our time; dates too far ahead of it are not believed.

    Attributes:
        items: the items of the head, by name.
        count: of the whole list, as its first page said.
        is_unchanged: page 1 holds the same items with the same dates and the same count.
        reached: the head was read down to an item below which nothing was pushed meanwhile.
    """

    def __init__(self, first: Page[T], page_size: int, now: datetime | None) -> None:
        dates = [believed(item.last_updated, now) for item in first.items]
        self._first = first
        self._newest = max((date for date in dates if date is not None), default=None)
        self._page_size = page_size
        self._now = now
        self._tries_left = TRIES
        self.items: dict[str, T] = {}
        self.count: int | None = None
        self.is_unchanged = False
        self.reached = False
        self._floor: datetime | None = None
        self._is_all = False
        self.ask: Window | None = None
        self._begin()

    def take(self, page: Page[T] | None, known: Mapping[str, T]) -> None:
        """Take a page; None if it was past the end. `known`: the items read before, by name."""
        asked, self.ask = self.ask, None
        assert asked is not None
        if page is None or (asked.page > 1 and page.count != self.count):
            self._begin()
            return
        if asked.page == 1:
            self.count = page.count
            self.is_unchanged = page.count == self._first.count and _dated(page) == _dated(
                self._first
            )
        if not self._falls(page):
            return  # the list does not come newest first any more
        self.items.update((item.name, item) for item in page.items)
        self._floor = self._end_of(page)
        self._is_all = page.next is None
        self.reached = self.is_unchanged or self._is_all or self._stands(page, known)
        if not self.reached:
            self.ask = Window(asked.side, asked.page + 1, self._page_size)

    def refuse(self) -> None:
        """Note that the page was refused: the head cannot be read."""
        self.ask = None

    def lacks(self, item: T) -> bool:
        """Whether the head lacks an item that was read elsewhere and would have to be in it."""
        date = believed(item.last_updated, self._now)
        is_newer = self._floor is not None and date is not None and date > self._floor
        return self.reached and (self._is_all or is_newer) and item.name not in self.items

    def _begin(self) -> None:
        self.items = {}
        self._floor = None
        self._is_all = False
        self._tries_left -= 1
        if self._tries_left >= 0:
            self.ask = Window(Side(Order.NEWEST), 1, self._page_size)

    def _falls(self, page: Page[T]) -> bool:
        """Whether the dates of a page fall, starting from the end of the page before."""
        dates = [believed(item.last_updated, self._now) for item in page.items]
        above = [self._floor, *dates] if self.items else dates
        fallen = [date for date in above if date is not None]
        return all(high >= low for high, low in itertools.pairwise(fallen))

    def _end_of(self, page: Page[T]) -> datetime | None:
        """The oldest date of the page; nothing below the page is newer."""
        dates = [believed(item.last_updated, self._now) for item in page.items]
        return min((date for date in dates if date is not None), default=self._floor)

    def _stands(self, page: Page[T], known: Mapping[str, T]) -> bool:
        """Whether the page ends with an unchanged item, older than all that was pushed since."""
        if not page.items or self._newest is None:
            return False
        last = page.items[-1]
        date, before = believed(last.last_updated, self._now), known.get(last.name)
        return (
            date is not None
            and before is not None
            and before.last_updated == last.last_updated
            and date < self._newest - CLOCK_MARGIN
        )


def _dated(page: Page[T]) -> dict[str, datetime | None]:
    return {item.name: item.last_updated for item in page.items}
