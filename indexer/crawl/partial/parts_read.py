"""What was read so far of a list that is shown in part. Pure: it only notes what came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from indexer.crawl.list_sides import Order, Side, SideProgress
from indexer.crawl.pagination import T

if TYPE_CHECKING:
    from collections.abc import Collection

    from indexer.crawl.list_sides import Window
    from indexer.crawl.pagination import Cut, Page

PAGE_SIZE = 100
"""Items of a page, at the most: the greatest size that Docker Hub accepts."""


class PartsRead(Generic[T]):
    """A list as far as it was read.

    Args:
        cut: where the pass over it ended.

    Attributes:
        items: what was read, by name.
        rejected: a sentence for each item that could not be read; each once, however often it came.
        count: of the list, as its first page said.
        names: all names of it, where the registry told them.
        counted: how many items the list had when they were told, as the page before said.
        unread: those of them that were neither read nor found to be missing.
        bound: the least offset that was refused.
        page_size: the most items of a page; what the first page held.
        ends: the names that were read from either end of the list.
        ignores_filters: a filter showed what does not hold its text.
        fault: the first thing that speaks against its having stood still.
    """

    def __init__(self, cut: Cut[T]) -> None:
        self.items: dict[str, T] = dict(cut.items)
        self.rejected: dict[str, None] = dict.fromkeys(cut.rejected)
        self.count = cut.first.count
        self.names: frozenset[str] | None = None
        self.counted = self.count
        self.unread: set[str] = set()
        self.bound = cut.bound
        self.page_size = min(len(cut.first.items) + len(cut.first.rejected), PAGE_SIZE) or 1
        self.ends: dict[Order, set[str]] = {Order.NEWEST: set(cut.items), Order.OLDEST: set()}
        self.ignores_filters = False
        self.fault: str | None = None
        newest = Side(Order.NEWEST)
        self._sides = {newest: SideProgress(newest, self.count, cut.covered)}

    @property
    def missing(self) -> int:
        """How many items were not read yet, as far as that is known."""
        if self.names is not None:
            return len(self.unread)
        return max((self.count or 0) - len(self.items) - len(self.rejected), 0)

    def progress(self, side: Side) -> SideProgress:
        """How far a side was read."""
        return self._sides.setdefault(side, SideProgress(side))

    def window(self, side: Side) -> Window | None:
        """The next page of a side; None if there is none, or it would be refused."""
        return self.progress(side).window(self.page_size, self.bound)

    def keep(self, window: Window, page: Page[T]) -> None:
        """Note what a page of a side holds."""
        side = window.side
        self.progress(side).take(window, page.count, is_last=page.next is None)
        if side.contains:
            text = side.contains.lower()
            if any(text not in short(item.name).lower() for item in page.items):
                self.ignores_filters = True
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
        """Note that a page was refused: by its offset, if items stand before it."""
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
