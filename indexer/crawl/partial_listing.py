"""How a list is read of which only parts are shown: sides in, a `Listing` out. Pure.

A `PartialReader` goes on where a `ListingReader` was refused a page by its offset. Nothing that was
read is thrown away. It says what to `ask` next and why (`reason`), is told what came, and ends
with a listing when `ask` is None. The rules:

**Sides until they add up.** First the other end of the order, then what the list is: of
repositories the four other orders and then `name=` filters, rare letters first; of tags all names,
which the registry gives in one answer, and then the filters that find what is missing with the
fewest pages. What is left is asked for item by item, up to a number.

**The head last.** What is pushed meanwhile moves to the head. So the head is read once more, down
to an item that stands as it stood and is older than what was newest when the reading began: the
union is then what the list held at that moment, but for what was deleted.

**The union is exact** where the names are known and each of them was read; or, without names,
where page 1 is as it was, every unfiltered page carried one count, and the union is as large as
that. What the union holds and the names do not was deleted meanwhile, if the count is short by
just these.

**Absence** needs the names (a known item that they lack), or is asked for item by item.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple

from indexer.crawl.date_order import believed
from indexer.crawl.list_sides import Order, Side, SideProgress, Window
from indexer.crawl.listing import CLOCK_MARGIN, Listing
from indexer.crawl.name_filters import LEAST_SHARE, Read, plan_filters
from indexer.crawl.pagination import T
from indexer.crawl.sample_filters import NameProbes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from indexer.crawl.name_filters import NameFilter
    from indexer.crawl.pagination import Cut, Page

UNKNOWN_SHARE = 0.01
"""Of the items that were read, those that a list of names may lack before it is not believed."""


class Names(NamedTuple):
    """Ask the registry itself for the names of all items."""


class Single(NamedTuple):
    """Ask for one item."""

    name: str


Question = Window | Names | Single


class PartialReader(Generic[T]):
    """Reads what one pass could not: `ask`, then `take`, `refuse`, `name` or `answer`.

    Args:
        cut: where the pass ended.
        orders: the other orders that the list has.
        has_names: the registry can be asked for all names.
        singles: items that may be asked for one by one.
        page_size: the most items of a page.
        now: our time, for dates too far ahead to be believed.
    """

    def __init__(
        self,
        cut: Cut[T],
        *,
        orders: Sequence[Order] = (),
        has_names: bool,
        singles: int = 0,
        page_size: int = 100,
        now: datetime | None = None,
    ) -> None:
        self._first = cut.first
        self._count = cut.first.count
        self._bound = cut.bound
        self._orders = orders
        self._has_names = has_names
        self._singles_left = singles
        self._page_size = page_size
        self._now = now
        self.items: dict[str, T] = dict(cut.items)
        self.rejected: list[str] = list(cut.first.rejected)
        self.names: frozenset[str] | None = None
        self.reason = ""
        self._sides = {
            Side(Order.NEWEST): SideProgress(Side(Order.NEWEST), self._count, cut.covered)
        }
        self._ends: dict[Order, set[str]] = {Order.NEWEST: set(cut.items), Order.OLDEST: set()}
        self._planned: list[NameFilter] = []
        self._windows: list[Window] = []
        self._spent: set[str] = set()
        self._distrusts_filters = False
        self._unread: set[str] = set()
        self._probes: NameProbes | None = None
        self._probe: str | None = None
        self._faults: list[str] = []
        self._head: _Head[T] | None = None
        self._listing: Listing[T] | None = None
        self._question: Question | None = None
        self._asked = 0
        self._needed = -(-((self._count or 0) - cut.covered) // page_size) + 1
        self._budget = 2 * -(-(self._count or 0) // page_size) + 100
        self._choose()

    @property
    def ask(self) -> Question | None:
        """What to ask for; None once the listing is finished."""
        return self._question

    @property
    def listing(self) -> Listing[T]:
        """The result, once `ask` is None."""
        if self._listing is None:
            raise RuntimeError("the list is still being read: answer what `ask` asks for")
        return self._listing

    @property
    def bound(self) -> int:
        """The least offset that was refused."""
        return self._bound

    @property
    def missing(self) -> int:
        """How many items were not read yet, as far as that is known."""
        if self.names is not None:
            return len(self._unread)
        return max((self._count or 0) - len(self.items) - len(self.rejected), 0)

    def take(self, page: Page[T] | None) -> None:
        """Take the page that was asked for; None if it was past the end of its side."""
        window = self._window()
        if self._head is not None:
            self._head.take(page, self.items)
        elif page is None:
            self._progress(window.side).ended = True
        else:
            self._keep(window, page)
        self._choose()

    def refuse(self) -> None:
        """The page that was asked for is refused by its offset."""
        window = self._window()
        if self._head is not None:
            self._head.refuse()
        elif window.offset:
            self._bound = min(self._bound, window.offset)
            self._windows = []
        else:
            self._progress(window.side).ended = True
        self._choose()

    def name(self, names: Collection[str] | None) -> None:
        """Take the names that were asked for; None if they cannot be had."""
        self._has_names = False
        if names is not None:
            self.names = frozenset(names)
            self._unread = {name for name in self.names if name not in self.items}
        self._choose()

    def answer(self, item: T | None) -> None:
        """Take the one item that was asked for; None if it is not there."""
        assert isinstance(self._question, Single)
        self._unread.discard(self._question.name)
        if item is not None:
            self.items[item.name] = item
        self._choose()

    def fail(self) -> None:
        """The one item that was asked for cannot be had now: it and all others stay missing."""
        self._singles_left = 0
        self._choose()

    def _window(self) -> Window:
        assert isinstance(self._question, Window)
        return self._question

    def _progress(self, side: Side) -> SideProgress:
        return self._sides.setdefault(side, SideProgress(side))

    def _keep(self, window: Window, page: Page[T]) -> None:
        side = window.side
        self._progress(side).take(window, page.count, is_last=page.next is None)
        if side.contains:
            text = side.contains.lower()
            if any(text not in _short(item.name).lower() for item in page.items):
                self._distrusts_filters = True
        elif page.count != self._count:
            self._faults.append(f"the count went from {self._count} to {page.count}")
        if not side.contains and side.order in self._ends:
            self._ends[side.order].update(item.name for item in page.items)
        self.items.update((item.name, item) for item in page.items)
        self._unread.difference_update(item.name for item in page.items)
        self.rejected += page.rejected

    def _choose(self) -> None:
        """Decide what to ask next, and say why."""
        self._asked += 1
        self._question = self._next_of_head() if self._head else self._next_of_sides()
        if self._question is None and self._listing is None:
            self._finish()

    def _next_of_sides(self) -> Question | None:
        deciders = (
            self._next_order,
            self._ask_for_names,
            self._next_filter,
            self._next_probe,
            self._next_single,
        )
        if self.missing and self._asked < self._budget:
            for decide in deciders:
                if (question := decide()) is not None:
                    return question
        self._head = _Head(self._first, self._page_size, self._now)
        return self._next_of_head()

    def _next_order(self) -> Window | None:
        """The next page of an order: what it shows was not seen, until two ends meet."""
        for order in (Order.OLDEST, Order.NEWEST, *self._orders):
            window = self._progress(Side(order)).window(self._page_size, self._bound)
            if window is not None:
                self.reason = (
                    f"{self.missing} items are missing: the side '{window.side}' shows more"
                )
                return window
        return None

    def _ask_for_names(self) -> Names | None:
        if not self._has_names:
            return None
        self.reason = f"{self.missing} items are missing: their names tell which"
        return Names()

    def _next_filter(self) -> Window | None:
        """The next page of the filters that find what is missing, names being known."""
        if self.names is None or self._distrusts_filters:
            return None
        while not self._windows:
            chosen = self._next_planned() or self._planned_anew()
            if chosen is None:
                return None
            self._spent.add(chosen.text)
            self._windows = list(chosen.windows)
            self.reason = f"{self.missing} are missing: {len(chosen.missing)} hold {chosen.text!r}"
        return self._windows.pop(0)

    def _next_planned(self) -> NameFilter | None:
        """The next filter of the plan that still finds enough of what it was chosen for."""
        while self._planned:
            chosen = self._planned.pop(0)
            left = sum(name not in self.items for name in chosen.missing)
            is_worth_it = left >= max(LEAST_SHARE * len(chosen.missing), 2 * len(chosen.windows))
            if is_worth_it:
                return chosen
        return None

    def _planned_anew(self) -> NameFilter | None:
        """The first filter of a new plan for what is still missing; None if none is worth it."""
        assert self.names is not None
        self._planned = plan_filters(
            sorted(self.names),
            self._unread,
            Read(self._ends[Order.NEWEST], self._ends[Order.OLDEST]),
            page_size=self._page_size,
            reach=self._bound,
            spent=self._spent,
        )
        return self._next_planned()

    def _next_probe(self) -> Window | None:
        """The next page of a filter that may find what is missing, names being unknown."""
        if self.names is not None or self._distrusts_filters:
            return None
        if self._probes is None:
            self._probes = NameProbes(
                {_short(name) for name in self.items},
                self._count or 0,
                page_size=self._page_size,
                reach=2 * self._bound,
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
            self.reason = f"{self.missing} are missing: names with {self._probe!r} may be of them"

    def _window_of(self, text: str) -> Window | None:
        """The next page of either end of a filter, as long as it hides something."""
        for order in (Order.NEWEST, Order.OLDEST):
            if self._hides(text):
                window = self._progress(Side(order, text)).window(self._page_size, self._bound)
                if window is not None:
                    return window
        return None

    def _hides(self, text: str) -> bool:
        """Whether a filter has items, by its own count, that were not read yet."""
        progress = self._progress(Side(Order.NEWEST, text))
        if progress.count is None:
            return not progress.ended
        return progress.count > sum(text in _short(name) for name in self.items)

    def _next_single(self) -> Single | None:
        if self.names is None or not self._singles_left:
            return None
        name = min(self._unread, default=None)
        if name is None:
            return None
        self._singles_left -= 1
        self.reason = f"{self.missing} items are missing: no filter is worth a page"
        return Single(name)

    def _next_of_head(self) -> Question | None:
        head = self._head
        assert head is not None
        if head.ask is not None:
            self.reason = "the head is read once more: what was pushed meanwhile stands there"
            return head.ask
        if self._has_names and not (head.is_unchanged and not self.missing):
            return self._ask_for_names()
        return None

    def _finish(self) -> None:
        head = self._head
        assert head is not None
        self.items.update(head.items)
        self._unread.difference_update(head.items)
        count = head.count if head.count is not None else self._count or 0
        fault = self._settle(count) if self.names is not None else self._add_up(head, count)
        if fault is None and not head.reached:
            fault = "so much was pushed while it was read that the head was not reached again"
        exact = fault is None
        dateless = any(
            believed(each.last_updated, self._now) is None for each in self.items.values()
        )
        self._listing = Listing(
            items=self.items,
            whole=True,
            exact=exact,
            # Names alone are one witness: the count must leave no room for what they lack.
            absence_proven=exact and count <= len(self.items) and not dateless,
            newest_first=True,
            reason=fault or "every side was read, and they add up",
            rejected=tuple(self.rejected),
            offset=max(count - len(self.items), 0),
            flipped=False,
            partial=not exact,
            bound=self._bound,
            detour=max(self._asked - self._needed, 0),
            names=self.names,
        )

    def _settle(self, count: int) -> str | None:
        """Compare what was read with the names; what speaks against its being whole, in words."""
        assert self.names is not None
        strangers = [name for name in self.items if name not in self.names]
        excess = len(self.items) + len(self.rejected) - count
        if len(strangers) > max(excess, 0) + UNKNOWN_SHARE * len(self.items):
            self.names = None
            return f"the registry does not name {len(strangers)} items that the list shows"
        if 0 < excess == len(strangers):
            for name in strangers:
                del self.items[name]
        elif excess > 0:
            return f"the count says {count} where {len(self.items)} items were read"
        left = self.missing
        return f"{left} of {len(self.names)} items were not shown" if left else None

    def _add_up(self, head: _Head[T], count: int) -> str | None:
        """Compare what was read with the count; what speaks against its being whole, in words."""
        if left := count - len(self.items) - len(self.rejected):
            return (
                f"the count says {count} where {abs(left)} items were not shown"
                if left > 0
                else (f"the count says {count} where {len(self.items)} items were read")
            )
        if self._faults:
            return self._faults[0]
        return (
            None if head.is_unchanged else "page 1 held other items or dates when it was read again"
        )


class _Head(Generic[T]):
    """The head of a list, read once more: `ask`, then `take` or `refuse`."""

    def __init__(self, first: Page[T], page_size: int, now: datetime | None) -> None:
        dates = [believed(item.last_updated, now) for item in first.items]
        self._first = first
        self._newest = max((date for date in dates if date is not None), default=None)
        self._now = now
        self._page_size = page_size
        self.items: dict[str, T] = {}
        self.count: int | None = None
        self.is_unchanged = False
        self.reached = False
        self.ask: Window | None = Window(Side(Order.NEWEST), 1, page_size)

    def take(self, page: Page[T] | None, known: Mapping[str, T]) -> None:
        """Take a page; `known` is what was read before."""
        asked, self.ask = self.ask, None
        assert asked is not None
        if page is None:
            return
        self.count = page.count
        self.items.update((item.name, item) for item in page.items)
        if asked.page == 1:
            self.is_unchanged = page.count == self._first.count and _dated(page) == _dated(
                self._first
            )
        self.reached = self.is_unchanged or page.next is None or self._reached(page, known)
        if not self.reached:
            self.ask = Window(asked.side, asked.page + 1, self._page_size)

    def refuse(self) -> None:
        """The page is refused: the head is not reached again."""
        self.ask = None

    def _reached(self, page: Page[T], known: Mapping[str, T]) -> bool:
        """Whether the page ends with an item as it was, older than anything pushed meanwhile."""
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


def _short(name: str) -> str:
    """The part of a name that `name=` looks at: without the namespace."""
    return name.rpartition("/")[2]
