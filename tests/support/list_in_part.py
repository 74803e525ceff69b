"""A list that is refused beyond an offset, with names, filters and every order, in memory."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

from indexer.core.model import Tag
from indexer.crawl.list_sides import Order, Side, Window
from indexer.crawl.pagination import Page, RefusedPass
from indexer.crawl.partial.missing_items import Names, Single
from indexer.crawl.partial.partial_listing import PartialReader
from tests.support.shifting_list import START

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from indexer.crawl.partial.missing_items import Question


class ListInPart:
    """A list of which anonymous eyes see what lies before an offset of each side.

    Args:
        names: oldest first.
        bound: the least offset that is refused.
        page_size: of the pages that a reading asks for.
        has_names: a registry names all items.
        filters: a filter has a list of its own; otherwise it is ignored.

    Attributes:
        holds: whether a filter finds a name: by default if its text is in it.
    """

    def __init__(
        self,
        names: Iterable[str],
        *,
        bound: float = math.inf,
        page_size: int = 100,
        has_names: bool = True,
        filters: bool = True,
    ) -> None:
        self.bound = bound
        self.page_size = page_size
        self.has_names = has_names
        self.filters = filters
        self.items: dict[str, int] = {}
        self.requests = 0
        self.holds: Callable[[str, str], bool] = lambda text, name: text in name
        self.named: Callable[[], list[str]] = lambda: list(self.items)
        self.before: Callable[[Question], None] = lambda _: None
        self._minutes = 0
        for name in names:
            self.push(name)

    def push(self, name: str) -> None:
        """Push an item: it moves to the head."""
        self._minutes += 10
        self.items[name] = self._minutes

    def delete(self, name: str) -> None:
        """Delete an item."""
        del self.items[name]

    def listed(self) -> dict[str, Tag]:
        """What it holds, as a page shows it."""
        return {name: _tag(name, minutes) for name, minutes in self.items.items()}

    @staticmethod
    def listed_at(minutes: int) -> datetime:
        """The date of what was pushed at so many minutes."""
        return START + timedelta(minutes=minutes)

    def page(self, window: Window) -> Page[Tag] | None:
        """A page; None past the end. The caller looks at the bound."""
        text = window.side.contains if self.filters else ""
        found = [row for row in self.items.items() if not text or self.holds(text, row[0])]
        rows = _in_order(found, window.side.order)
        held = rows[window.offset : window.end]
        if window.offset and not held:
            return None
        items = tuple(_tag(*row) for row in held)
        return Page(items, len(rows), "more" if window.end < len(rows) else None)

    def read(self, *, orders: Sequence[Order] = (), singles: int = 100) -> PartialReader[Tag]:
        """Read it, first newest first as far as it goes, and then from every other side."""
        refused = self._refused()
        reading = PartialReader(
            refused,
            orders=orders,
            has_names=self.has_names,
            singles=singles,
        )
        while (question := reading.ask) is not None:
            self.before(question)
            self.requests += 1
            self._answer(reading, question)
        return reading

    def _refused(self) -> RefusedPass[Tag]:
        items: dict[str, Tag] = {}
        first: Page[Tag] | None = None
        number = 1
        while True:
            window = Window(Side(Order.NEWEST), number, self.page_size)
            self.before(window)
            self.requests += 1
            if window.offset >= self.bound:
                assert first is not None
                return RefusedPass(first, items, window.offset, window.offset)
            page = self.page(window)
            assert page is not None, "the list is shown whole: nothing is refused"
            first = first or page
            items.update((item.name, item) for item in page.items)
            number += 1

    def _answer(self, reading: PartialReader[Tag], question: Question) -> None:
        if isinstance(question, Names):
            reading.name(self.named() if self.has_names else None)
        elif isinstance(question, Single):
            minutes = self.items.get(question.name)
            reading.answer(None if minutes is None else _tag(question.name, minutes))
        elif question.offset >= self.bound:
            reading.refuse()
        else:
            reading.take(self.page(question))


def _in_order(rows: list[tuple[str, int]], order: Order) -> list[tuple[str, int]]:
    if order in {Order.NEWEST, Order.OLDEST}:
        return sorted(rows, key=lambda row: row[1], reverse=order is Order.NEWEST)
    if order in {Order.NAME, Order.NAME_REVERSED}:
        return sorted(rows, reverse=order is Order.NAME_REVERSED)
    pulls = sorted(rows, key=lambda row: (len(row[0]) * 7 + sum(row[0].encode()) * 13) % 101)
    return pulls if order is Order.LEAST_PULLED else pulls[::-1]


def _tag(name: str, minutes: int) -> Tag:
    return Tag(name, START + timedelta(minutes=minutes))
