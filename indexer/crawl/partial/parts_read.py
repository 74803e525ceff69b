"""What was read so far of a list that is shown in part. Pure: it observes and decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from indexer.crawl.list_sides import Order, Side, SideProgress
from indexer.crawl.pagination import T

if TYPE_CHECKING:
    from collections.abc import Collection

    from indexer.crawl.list_sides import Window
    from indexer.crawl.pagination import Page, RefusedPass

PAGE_SIZE = 100
"""The most items of a page: the greatest size that Docker Hub accepts."""


class PartsRead(Generic[T]):
    """A list as far as it was read.

    Args:
        refused: what the refused pass had read.

    Attributes:
        items: the items read, by name.
        rejected: a sentence for each item that could not be decoded, without repeats.
        count: of the list, as its first page said.
        names: all names of the list, if the registry gave them.
        counted: the count of the list on the last page before the names were read.
        unread: names of items that were neither read nor found not to exist.
        bound: the least offset that was refused.
        page_size: the most items of a page: as many as the first page held.
        ends: the names that were read from either end of the list.
        distrusts_filters: a filter showed what does not hold its text, or nothing at all although
            names hold it.
        fault: the first sign that the list changed while it was read.
    """

    def __init__(self, refused: RefusedPass[T]) -> None:
        self.items: dict[str, T] = dict(refused.items)
        self.rejected: dict[str, None] = dict.fromkeys(refused.rejected)
        self.count = refused.first.count
        self.names: frozenset[str] | None = None
        self.counted = self.count
        self.unread: set[str] = set()
        self.bound = refused.bound
        self.page_size = min(len(refused.first.items) + len(refused.first.rejected), PAGE_SIZE) or 1
        self.ends: dict[Order, set[str]] = {Order.NEWEST: set(refused.items), Order.OLDEST: set()}
        self.distrusts_filters = False
        self.fault: str | None = None
        newest = Side(Order.NEWEST)
        self._sides = {newest: SideProgress(newest, self.count, refused.covered)}

    @property
    def missing(self) -> int:
        """How many items were not read yet: by the names, or else by the count."""
        if self.names is not None:
            return len(self.unread)
        return max((self.count or 0) - len(self.items) - len(self.rejected), 0)

    def progress(self, side: Side) -> SideProgress:
        """How far a side was read."""
        return self._sides.setdefault(side, SideProgress(side))

    def window(self, side: Side) -> Window | None:
        """The next page of a side; None if there is none, or if it would be refused."""
        return self.progress(side).window(self.page_size, self.bound)

    def keep(self, window: Window, page: Page[T]) -> None:
        """Add a page of a side."""
        side = window.side
        self.progress(side).take(window, page.count, is_last=page.next is None)
        if side.contains:
            text = side.contains.lower()
            is_other = any(text not in short(item.name).lower() for item in page.items)
            is_empty = self.names is not None and not page.items and window.page == 1
            self.distrusts_filters |= is_other or is_empty
        elif page.count != self.count:
            self.fault = self.fault or f"the count went from {self.count} to {page.count}"
        if not side.contains and self.names is None:
            self.counted = page.count
        if not side.contains and side.order in self.ends:
            self.ends[side.order].update(item.name for item in page.items)
        self.items.update((item.name, item) for item in page.items)
        self.unread.difference_update(item.name for item in page.items)
        self.rejected.update(dict.fromkeys(page.rejected))

    def refuse(self, window: Window) -> None:
        """Note that a page was refused; unless it is the first page, because of its offset."""
        if window.offset:
            self.bound = min(self.bound, window.offset)
        else:
            self.progress(window.side).ended = True

    def name(self, names: Collection[str]) -> None:
        """Note the names of all items."""
        self.names = frozenset(names)
        self.unread = {name for name in self.names if name not in self.items}


def short(name: str) -> str:
    """The part of a name that `name=` looks at: without the namespace."""
    return name.rpartition("/")[2]
