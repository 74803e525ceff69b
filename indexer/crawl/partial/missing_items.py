"""Decides how to find the items of a list that were not read yet. Pure.

First the other end of the order is read. Then, for repositories, the other orders, and `name=`
filters that may find missing items. For tags, all names, which the registry gives in one answer,
and then the filters that find the missing items with the fewest pages. The rest is asked for one by
one, up to a limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple

from indexer.core.humanize import agreed, count
from indexer.crawl.list_sides import Order, Side, Window
from indexer.crawl.pagination import T
from indexer.crawl.partial.name_filters import LEAST_SHARE, Read, plan_filters
from indexer.crawl.partial.parts_read import short
from indexer.crawl.partial.sample_filters import NameProbes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.crawl.partial.name_filters import NameFilter
    from indexer.crawl.partial.parts_read import PartsRead


class Names(NamedTuple):
    """Ask the registry for the names of all items."""


class Single(NamedTuple):
    """Ask for one item."""

    name: str


Question = Window | Names | Single


class MissingItemsSearch(Generic[T]):
    """Chooses what to ask for next: call `next` until it returns None.

    Args:
        read: what was read so far; it grows between two calls.
        orders: the other orders that the list has.
        has_names: the registry can be asked for all names.
        singles: the most items that may be asked for one by one.

    Attributes:
        reason: for the last question, in words.
    """

    def __init__(
        self, read: PartsRead[T], *, orders: Sequence[Order], has_names: bool, singles: int
    ) -> None:
        self._read = read
        self._orders = orders
        self._singles_left = singles
        self._planned: list[NameFilter] = []
        self._windows: list[Window] = []
        self._spent: set[str] = set()
        self._probes: NameProbes | None = None
        self._probe: str | None = None
        self.has_names = has_names
        self.reason = ""

    def next(self) -> Question | None:
        """The next question; None if nothing more can be found."""
        deciders = (
            self._next_order,
            self.names,
            self._next_filter,
            self._next_probe,
            self._next_single,
        )
        for decide in deciders:
            if self._read.missing and (question := decide()) is not None:
                return question
        return None

    def names(self) -> Names | None:
        """The question for all names; None if it cannot be asked, or was asked already."""
        if not self.has_names:
            return None
        self.has_names = False
        self.reason = f"{self._missing}: their names tell which"
        return Names()

    @property
    def _missing(self) -> str:
        number = self._read.missing
        return f"{count(number, 'item')} {agreed(number, 'is', 'are')} missing"

    def drop_plan(self) -> None:
        """Drop the planned pages, because a page was refused: they may lie beyond the bound."""
        self._windows = []

    def ask_no_more_singles(self) -> None:
        """Note that asking for single items fails now."""
        self._singles_left = 0

    def _next_order(self) -> Window | None:
        """The next page of an order, until pages from both ends meet."""
        for order in (Order.OLDEST, Order.NEWEST, *self._orders):
            window = self._read.window(Side(order))
            if window is not None:
                self.reason = f"{self._missing}: the side '{window.side}' shows more"
                return window
        return None

    def _next_filter(self) -> Window | None:
        """The next page of the filters that find missing items, if all names are known."""
        read = self._read
        if read.names is None or read.distrusts_filters:
            return None
        while not self._windows:
            chosen = self._next_planned() or self._planned_anew()
            if chosen is None:
                return None
            self._spent.add(chosen.text)
            self._windows = list(chosen.windows)
            self.reason = f"{read.missing} are missing: {len(chosen.missing)} hold {chosen.text!r}"
        return self._windows.pop(0)

    def _next_planned(self) -> NameFilter | None:
        """The next filter of the plan that still finds enough of what it was chosen for."""
        while self._planned:
            chosen = self._planned.pop(0)
            left = sum(name not in self._read.items for name in chosen.missing)
            is_worth_it = left >= max(LEAST_SHARE * len(chosen.missing), 2 * len(chosen.windows))
            if is_worth_it:
                return chosen
        return None

    def _planned_anew(self) -> NameFilter | None:
        """The first filter of a new plan for what is still missing; None if none is worth it."""
        read = self._read
        assert read.names is not None
        self._planned = plan_filters(
            sorted(read.names),
            read.unread,
            Read(read.ends[Order.NEWEST], read.ends[Order.OLDEST]),
            page_size=read.page_size,
            reach=read.bound,
            spent=self._spent,
        )
        return self._next_planned()

    def _next_probe(self) -> Window | None:
        """The next page of a filter that may find missing items, if names are not known."""
        read = self._read
        if read.names is not None or read.distrusts_filters:
            return None
        if self._probes is None:
            self._probes = NameProbes(
                {short(name) for name in read.items},
                read.count or 0,
                page_size=read.page_size,
                reach=2 * read.bound,
            )
        while True:
            if self._probe is not None:
                window = self._window_of(self._probe)
                if window is not None:
                    return window
                self._probes.done(self._probe, whole=not self._hides(self._probe))
            self._probe = self._probes.next()
            if self._probe is None:
                return None
            self.reason = f"{read.missing} are missing: names with {self._probe!r} may be of them"

    def _window_of(self, text: str) -> Window | None:
        """The next page from either end of a filter, as long as it has unread items."""
        for order in (Order.NEWEST, Order.OLDEST):
            if self._hides(text):
                window = self._read.window(Side(order, text))
                if window is not None:
                    return window
        return None

    def _hides(self, text: str) -> bool:
        """Whether a filter has unread items, by its count."""
        progress = self._read.progress(Side(Order.NEWEST, text))
        if progress.count is None:
            return not progress.ended
        return progress.count > sum(text in short(name).lower() for name in self._read.items)

    def _next_single(self) -> Single | None:
        name = min(self._read.unread, default=None)
        if name is None or not self._singles_left:
            return None
        self._singles_left -= 1
        self.reason = f"{self._missing}: no filter is worth a page"
        return Single(name)
