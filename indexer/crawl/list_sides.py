"""The sides from which a list can be read whose pages are refused beyond an offset. Pure.

Docker Hub refuses requests without an account by the offset of a page, `(page - 1) * page_size`
(docs/hub-facts.md, "anonymous offsets"). The bound is observed from a refusal and is no constant,
because the Hub has changed it before. Below the bound, a list can be read from several sides: each
order has a first page, and so has each `name=` filter. A page size that does not divide the bound
reaches further: with a bound of 100, pages of 100 give 100 items (offset 0), but pages of 99 give
198 (offsets 0 and 99).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Order(StrEnum):
    """The order of a side: which items its first page begins with."""

    NEWEST = "newest"
    OLDEST = "oldest"
    NAME = "name"
    NAME_REVERSED = "name reversed"
    MOST_PULLED = "most pulled"
    LEAST_PULLED = "least pulled"


class Side(NamedTuple):
    """A list in one order, or only those of its items whose names contain a text."""

    order: Order
    contains: str = ""

    def __str__(self) -> str:
        """In words, as in "the side 'oldest first'"."""
        return f"{self.order}{f' with {self.contains!r} in the name' if self.contains else ''}"


class Window(NamedTuple):
    """One page of a side: `page` is its number, from 1; `size` is the items of a page."""

    side: Side
    page: int
    size: int

    @property
    def offset(self) -> int:
        """The number of items before this page."""
        return (self.page - 1) * self.size

    @property
    def end(self) -> int:
        """The number of items before the next page."""
        return self.page * self.size


@dataclass(slots=True)
class SideProgress:
    """How far one side was read, from its beginning and without a gap.

    Attributes:
        side: the side.
        count: how many items it has, as its pages say; None before the first page.
        covered: how many items were read from its beginning.
        ended: its last page was read, or the registry shows no more of it.
    """

    side: Side
    count: int | None = None
    covered: int = 0
    ended: bool = False

    def window(self, page_size: int, bound: int | None) -> Window | None:
        """The page that reaches furthest and leaves no gap; None if there is none.

        Args:
            page_size: the most items of a page.
            bound: the least offset that was refused; None if none was.
        """
        if self.ended or (self.count is not None and self.covered >= self.count):
            return None
        best: Window | None = None
        for size in range(page_size, 0, -1):
            before = self.covered // size
            if bound is not None:
                before = min(before, (bound - 1) // size)
            window = Window(self.side, before + 1, size)
            if window.end > max(self.covered, best.end if best else 0):
                best = window
        return best

    def take(self, window: Window, count: int | None, *, is_last: bool) -> None:
        """Note that a page was read.

        Args:
            window: the page.
            count: of the whole side, as the page says.
            is_last: the page names no next one.
        """
        self.count = count
        self.covered = max(self.covered, window.end)
        self.ended = self.ended or is_last
