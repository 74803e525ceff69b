"""The sides from which a list can be read whose pages are refused beyond an offset. Pure.

Docker Hub refuses requests without an account by the offset of a page, `(page - 1) * page_size`
(docs/hub-facts.md, "anonymous offsets"). The bound is learnt from a refusal, never written down:
it has moved before. Up to it every list can be read from several sides: each order has a first
page, and so has each `name=` filter. A page size that does not divide the bound reaches further:
before offset 100 lie 100 items on one page of 100, and 198 on two of 99.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Order(StrEnum):
    """What the first page of a side begins with."""

    NEWEST = "newest"
    OLDEST = "oldest"
    NAME = "name"
    NAME_REVERSED = "name reversed"
    MOST_PULLED = "most pulled"
    LEAST_PULLED = "least pulled"


class Side(NamedTuple):
    """An order of a list, or of those of its items whose names contain a text."""

    order: Order
    contains: str = ""

    def __str__(self) -> str:
        """In words, as in "the side 'oldest first'"."""
        return f"{self.order}{f' with {self.contains!r} in the name' if self.contains else ''}"


class Window(NamedTuple):
    """One page of a side: number `page`, counted from 1, of pages of `size` items."""

    side: Side
    page: int
    size: int

    @property
    def offset(self) -> int:
        """How many items stand before it."""
        return (self.page - 1) * self.size

    @property
    def end(self) -> int:
        """How many items stand before the page that follows."""
        return self.page * self.size


@dataclass(slots=True)
class SideProgress:
    """How far one side was read: the items before `covered`, without a gap.

    Attributes:
        side: which one.
        count: how many items it has, as its pages say; None before the first.
        covered: items read from its beginning.
        ended: its last page was read, or nothing more of it can be had.
    """

    side: Side
    count: int | None = None
    covered: int = 0
    ended: bool = False

    def window(self, page_size: int, bound: int | None) -> Window | None:
        """The page that reaches furthest and leaves no gap; None if there is none.

        Args:
            page_size: the most items of a page.
            bound: the least offset that was refused; None: none was.
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
        """Note that a page of it was read."""
        self.count = count
        self.covered = max(self.covered, window.end)
        self.ended = self.ended or is_last
