"""How a listing is read: pages in, a `Listing` out. Pure: no network, no clock, no database.

A list is paged by number while other people push and delete, so a pass can miss an item or see
one twice. A `Reading` is a state machine: it says what to `ask` for, is `feed`-ed the page that
came, and ends with a `listing` that is exact or says why it is not. The rules:

**Order is observed.** We ask for newest first and look at the dates. A list that comes oldest
first is asked the other way round, once; a list in no such order is read whole.

**A pass is clean** if every page carried the same count, no item came twice, the distinct items
are as many as the count, and page 1, read again at the end, holds the same items with the same
dates. Newest first, whatever is pushed appears at the head, where the second look sees it; and
while the count stands still nothing was deleted unless something was added, which again is at
the head. So a clean pass is what the list was at one moment: exact. One single page is one
moment by itself and needs no second look.

**The shortcut.** After an exact listing of K items, read the head until a page ends with an item
that is known, unchanged and older than the newest date known then by a margin (the clocks of a
registry's own machines differ). Let N be the names seen that were not known. If the count is
K + N, nothing was deleted and nothing hides below; otherwise the same pass goes on to the end.
It is sound as long as each push moves the item's date.

**Unclean passes** are begun again, a bounded number of times. Everything seen was real; if no
pass comes out clean the listing is what was seen in any of them, later reads winning, and it is
not exact.

**Counts that lie by a constant.** Two passes in a row with the same items and dates, and with the
same difference between count and items, show how this list counts: the difference is remembered.

**Absence.** Only an exact listing of the whole list, on one page or newest first with a date on
every item and counting as it used to, proves that what it does not hold is gone. Everywhere else
the caller has to ask for each missing item itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from indexer.model import ListMemory
from indexer.names import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

CLOCK_MARGIN = timedelta(seconds=60)
"""How far the clocks of one registry's machines may differ (design, section 4, rule 5)."""

MOST_ITEMS = 1_000_000
"""Where a list that never ends is left. Docker Hub's largest repositories hold some 100,000."""

_BARREN_PAGES = 2
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
class Ask:
    """A page to ask for: the first (`cursor` None), or the one that `Page.next` named.

    `flipped` asks the first page for the opposite of what should mean newest first.
    """

    cursor: str | None = None
    flipped: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page. `count` is the server's word for the whole list; None where it has none.

    `rejected` holds a sentence for each item that could not be read.
    """

    items: tuple[T, ...]
    count: int | None
    next: str | None
    rejected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """What a reading found.

    Attributes:
        items: by name; for a listing that is not `whole`, the head of the list only.
        whole: every page was read.
        exact: proven to be what the list was at one moment (with what was known, if not whole).
        absence_proven: what is known and not in `items` is gone; otherwise ask for each.
        reason: in words, why it was read as far as it was and whether it is exact.
        rejected: a sentence for each item that could not be read.
    """

    items: Mapping[str, T]
    whole: bool
    exact: bool
    absence_proven: bool
    reason: str
    rejected: tuple[str, ...]
    offset: int
    flipped: bool

    def memory(self, before: ListMemory | None, identity: str, now: datetime) -> ListMemory:
        """What to remember of this listing for the next reading of the same list."""
        carried = None if self.whole else before
        dates = [item.last_updated for item in self.items.values()]
        newest = [date for date in dates if date is not None]
        if carried and carried.newest:
            newest.append(carried.newest)
        return ListMemory(
            exact=self.exact,
            newest=max(newest, default=None),
            identity=identity,
            full_at=carried.full_at if carried else now,
            offset=self.offset,
            flipped=self.flipped,
            holds_null=None in dates or bool(carried and carried.holds_null),
        )


class Reading(Generic[T]):
    """One list being read: `ask` what to fetch, `feed` what came, until `ask` is None.

    Args:
        known: what is believed to be in the list now, by name: its K items.
        memory: what the last listing taught; None before the first.
        identity: whose eyes read; a memory of other eyes gives no shortcut.
        sweep: trust no shortcut.
        tries: how many passes may be begun before the listing is called inexact.
    """

    def __init__(
        self,
        known: Mapping[str, Dated],
        memory: ListMemory | None,
        *,
        identity: str,
        sweep: bool = False,
        tries: int = 3,
    ) -> None:
        self._known = known
        self._memory = memory
        self._offset = memory.offset if memory else 0
        self._tries_left = tries
        self._obstacle = _obstacle(memory, identity, sweep=sweep)
        self._flipped = bool(memory and memory.flipped)
        self._may_flip = True
        self._seen: dict[str, T] = {}
        self._faults: list[str] = []
        self._previous: _Pass[T] | None = None
        self._listing: Listing[T] | None = None
        self._begin()

    @property
    def ask(self) -> Ask | None:
        """The page to fetch next; None when the listing is finished."""
        return self._ask

    @property
    def listing(self) -> Listing[T]:
        """The result, once `ask` is None."""
        if self._listing is None:
            raise RuntimeError("the list is still being read: feed what `ask` asks for")
        return self._listing

    @property
    def seen(self) -> Mapping[str, T]:
        """Every item seen so far, in any pass: real, whatever becomes of the reading."""
        return {**self._seen, **self._pass.items}

    def feed(self, page: Page[T] | None) -> None:
        """Take the answer to `ask`; None if that page was past the end of the list."""
        current = self._pass
        if current.ended:
            current.look_again(page)
            self._close()
            return
        if page is None:
            current.faults.append(f"page {current.pages + 1} was gone: the list shrank")
            self._close()
            return
        current.take(page)
        if current.pages == 1 and page.next and self._may_flip and current.order.is_oldest_first:
            self._flipped, self._may_flip = not self._flipped, False
            self._begin()
        elif (current.faults and self._tries_left > 0) or current.is_hopeless:
            self._close()
        elif page.next is None:
            self._end_of_list()
        elif self._obstacle is None and self._may_stop(page):
            self._end_of_head(page.count)
        else:
            self._ask = Ask(page.next, self._flipped)

    def _begin(self) -> None:
        if self._may_flip or self._listing is None:
            self._pass: _Pass[T] = _Pass()
        self._ask: Ask | None = Ask(None, self._flipped)

    def _may_stop(self, page: Page[T]) -> bool:
        """Rule 5: the page ends among items that nobody touched since the last exact listing."""
        newest = self._memory.newest if self._memory else None
        if newest is None or page.count is None or not self._pass.order.is_newest_first:
            return False
        for item in reversed(page.items):
            known = self._known.get(item.name)
            if known is None or known.last_updated != item.last_updated:
                return False
            if item.last_updated is not None:
                return item.last_updated < newest - CLOCK_MARGIN
        return False

    def _end_of_head(self, count: int | None) -> None:
        news = sum(name not in self._known for name in self._pass.items)
        expected = len(self._known) + news + self._offset
        if count != expected:
            self._obstacle = f"the count is {count} where {expected} was expected"
            self._end_of_page()
            return
        self._pass.is_head = True
        self._finish_or_look_again()

    def _end_of_page(self) -> None:
        self._ask = Ask(self._pass.next, self._flipped)

    def _end_of_list(self) -> None:
        if self._pass.faults or not self._pass.counts_as(self._offset):
            self._close()
        else:
            self._finish_or_look_again()

    def _finish_or_look_again(self) -> None:
        if self._pass.pages == 1:
            self._close()
        else:
            self._pass.ended = True
            self._ask = Ask(None, self._flipped)

    def _close(self) -> None:
        """End the pass: finish with it, or begin another."""
