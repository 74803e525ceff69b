"""How a listing is read: pages in, a `Listing` out. Pure: no network, no clock, no database.

A list is paged by number while other people push and delete, so a pass can miss an item or see
one twice. A `ListingReader` is a state machine: it says what to `ask` for, is `feed`-ed the page
that came, and ends with a `listing` that is exact or says why it is not. The rules:

**Order is observed.** We ask for newest first and look at the dates. A list that comes oldest
first is asked the other way round, once; a list in no such order is read whole. A few dates fall
by accident in a list that is ordered by name: only many, or a list known for it, convince. Where
page 1 holds no date (some servers put items without one first), or only dates in the far future,
nothing can be told from the dates that follow, and that is no such order either.

**A pass is clean** if every page carried the same count, no item came twice, the distinct items
are as many as the count, and page 1, read again at the end, holds the same items with the same
dates. One single page is one moment by itself and needs no second look. Newest first a clean pass
is what the list was when page 1 was read: exact. For while the count stands still, whatever goes
is made up for by what is pushed, at the head, so that the items below move down, if at all, and
the next page repeats one of them or holds a date above those that were read. The second look
catches what comes in elsewhere and moves them up: something shown that was hidden, or pushed
without a date. In any other order a push shows anywhere, and a clean pass may have skipped an
item while another came and went: there two passes in a row must agree, item by item and date by
date, and that is the moment between them. So they must where a list of several pages does not
count its items.

**The shortcut.** After an exact listing of K items, read the head until a page ends with an item
that is known, unchanged and older than the newest date known then by a margin (the clocks of a
registry's own machines differ). The head must hold a date no older than the newest known, or it
is no head. Let N be the names seen that were not known. If the count is
K + N, nothing was deleted and nothing hides below; otherwise the same pass goes on to the end.
It is sound as long as each push moves the item's date and the list keeps the order in which it
was last seen as a whole.

**Unclean passes** are begun again, a bounded number of times. Everything seen was real; if no
pass comes out clean the listing is what was seen in any of them, later reads winning, and it is
not exact.

**Counts that lie by a constant.** Two passes in a row with the same items and dates, and with the
same difference between count and items, show how this list counts: the difference is remembered.

**Lists that are paged by name** are another matter: nothing shifts in them, and one pass proves
what it holds and what it does not (`indexer.crawl.name_order`).

**Absence.** Only an exact listing of the whole list, on one page, paged by name, or found
unchanged by a second look, with a date on every item and counting as it used to, proves that what
it does not hold is gone. Everywhere else the caller has to ask for each missing item itself.

**What this cannot see.** A change of visibility takes an item out of the middle of a list or puts
one there, and moves no date. One item gone and an old one shown in its stead, both below the head
or between two requests of one pass, leave every sign as it was. No absence is believed because of
it where the caller asks, as for repositories it always does; the next sweep sets the rest right.

`tests/exhaustive` checks all this on small lists, with every history of up to three events.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Generic

from indexer.core.model import ListMemory
from indexer.crawl.date_order import believed
from indexer.crawl.pagination import Cut, Page, PageRequest, Pass, T

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from indexer.crawl.pagination import Dated

__all__ = ["CLOCK_MARGIN", "Listing", "ListingReader", "Page", "PageRequest"]

CLOCK_MARGIN = timedelta(seconds=60)
"""How far the clocks of one registry's machines may differ (design, section 4, rule 5)."""


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """What a reading found.

    Attributes:
        items: by name; for a listing that is not `whole`, the head of the list only.
        whole: every page was read.
        exact: proven to be what the list was at one moment (with what was known, if not whole).
        absence_proven: what is known and not in `items` is gone; otherwise ask for each.
        reason: in words, why it was read as far as it was and whether it is exact.
        newest_first: the dates of the whole list were seen to fall.
        rejected: a sentence for each item that could not be read.
        offset: the count minus the items.
        flipped: the order was asked for the other way round.
        partial: it is shown in part only; `offset` counts what was not seen.
        bound: the least offset of a page that was refused; None: none was.
        detour: requests that it took because it is shown in part only.
        names: all names of the list, where the registry itself was asked: a known item that it
            does not name is gone, and one that it names is there.
    """

    items: Mapping[str, T]
    whole: bool
    exact: bool
    absence_proven: bool
    newest_first: bool
    reason: str
    rejected: tuple[str, ...]
    offset: int
    flipped: bool
    names: frozenset[str] | None = None
    partial: bool = False
    bound: int | None = None
    detour: int = 0

    def memory(self, before: ListMemory | None, identity: str, now: datetime) -> ListMemory:
        """What to remember of this listing for the next reading of the same list."""
        carried = None if self.whole else before
        dates = [believed(item.last_updated, now) for item in self.items.values()]
        newest = [date for date in dates if date is not None]
        if carried and carried.newest:
            newest.append(carried.newest)
        same = before if before is not None and before.identity == identity else None
        gaps_before = before.gaps_before if before else max(newest, default=now)
        return ListMemory(
            exact=self.exact,
            newest=max(newest, default=None),
            newest_first=carried.newest_first if carried else self.newest_first,
            identity=identity,
            full_at=carried.full_at if carried else now,
            offset=self.offset,
            flipped=self.flipped,
            holds_null=None in dates or bool(carried and carried.holds_null),
            partial=self.partial,
            bound=self.bound if self.whole or same is None else same.bound,
            gaps_before=None if self.exact else gaps_before,
        )


class ListingReader(Generic[T]):
    """One list being read: `ask` what to fetch, `feed` what came, until `ask` is None.

    Args:
        known: what is believed to be in the list now, by name: its K items.
        memory: what the last listing taught; None before the first.
        identity: whose eyes read; a memory of other eyes gives no shortcut.
        full: trust no shortcut.
        tries: how many passes may be begun before the listing is called inexact.
        now: our time; without it dates in the far future are believed.
    """

    def __init__(
        self,
        known: Mapping[str, Dated],
        memory: ListMemory | None,
        *,
        identity: str,
        full: bool = False,
        tries: int = 3,
        now: datetime | None = None,
    ) -> None:
        self._known = known
        self._now = now
        self._came_in_order = bool(memory and memory.newest_first)
        self._newest = memory.newest if memory else None
        self._offset = memory.offset if memory else 0
        self._obstacle = _obstacle(memory, identity, full=full)
        self._is_partial = bool(memory and memory.partial)
        self._flipped = bool(memory and memory.flipped)
        self._may_flip = True
        self._tries_left = tries
        self._merged: dict[str, T] = {}
        self._previous: Pass[T] | None = None
        self._listing: Listing[T] | None = None
        self._begin()

    @property
    def ask(self) -> PageRequest | None:
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
        return {**self._merged, **self._pass.items}

    @property
    def is_flipped(self) -> bool:
        """Whether newest first is asked for the other way round."""
        return self._flipped

    def keep(self, items: Mapping[str, T]) -> None:
        """Take over what was seen of the list by other ways."""
        self._merged.update(items)

    @property
    def covered(self) -> int:
        """Items before the page that `ask` names; 0 for a first page."""
        this = self._pass
        return 0 if this.looking_again else this.covered

    def cut(self, bound: int) -> Cut[T] | None:
        """What to go on from where the page that `ask` named is refused by its offset.

        None where the dates were not seen to fall: then no other side fits to this one.
        """
        this = self._pass
        first = this.first
        if first is None or this.looking_again or not self._comes_in_order():
            return None
        return Cut(first, dict(this.items), this.covered, bound)

    def feed(self, page: Page[T] | None) -> None:
        """Take the answer to `ask`; None if that page was past the end of the list."""
        this = self._pass
        if this.looking_again:
            this.look_again(page)
            self._close()
        elif page is None:
            this.note(f"page {this.pages + 1} was not there: the list shrank while it was read")
            this.is_whole = True
            self._close()
        else:
            this.take(page)
            self._go_on(page)

    def _begin(self) -> None:
        self._tries_left -= 1
        self._pass: Pass[T] = Pass(self._now)
        self._ask: PageRequest | None = PageRequest(None, self._flipped)

    def _go_on(self, page: Page[T]) -> None:
        this = self._pass
        if self._may_flip and this.pages == 1 and page.next and this.order.is_oldest_first:
            self._flipped, self._may_flip = not self._flipped, False
            self._tries_left += 1  # learning the order is no failed try
            self._begin()
        elif this.fault and (self._tries_left > 0 or this.is_endless):
            self._close()
        elif page.next is None:
            this.is_whole = True
            self._end(countable=this.offset(self._offset) is not None)
        elif self._reached_the_untouched(page) and self._count_fits(page.count):
            self._end(countable=True)
        else:
            self._ask = PageRequest(page.next, self._flipped)

    def _reached_the_untouched(self, page: Page[T]) -> bool:
        """Whether the page ends with an item known, unchanged and older than any recent push.

        Items without a date at the end (some servers sort them last) are looked through.
        """
        order, newest = self._pass.order, self._newest
        if self._obstacle or newest is None or self._pass.fault or not self._comes_in_order():
            return False
        if order.newest_at_head is None or order.newest_at_head < newest:
            return False  # the newest item known should be at the head: this is no head
        for item in reversed(page.items):
            known = self._known.get(item.name)
            if known is None or known.last_updated != item.last_updated:
                return False
            if (date := believed(item.last_updated, self._now)) is not None:
                return date < newest - CLOCK_MARGIN
        return False

    def _count_fits(self, count: int | None) -> bool:
        """Whether the count leaves no room for a deletion; else this pass reads everything."""
        news = sum(name not in self._known for name in self._pass.items)
        expected = len(self._known) + news + self._offset
        if count is None:
            self._obstacle = "the list does not count its items"
        elif count != expected:
            self._obstacle = f"the count is {count} where {expected} was expected"
        return count == expected

    def _end(self, *, countable: bool) -> None:
        """The last page that the pass wants was read: a second look, where one is worth it."""
        this = self._pass
        if countable and this.pages > 1 and self._comes_in_order() and not this.fault:
            this.looking_again = True
            self._ask = PageRequest(None, self._flipped)
        else:
            self._close()

    def _comes_in_order(self) -> bool:
        """Whether the dates fell, and that is no accident: there were many, or they always do."""
        this = self._pass
        return this.is_newest_first and (this.order.is_convincing or self._came_in_order)

    def _close(self) -> None:
        """End the pass: with a listing, or by beginning another pass."""
        this = self._pass
        self._merged.update(this.items)
        confirmed = self._previous is not None and this.agrees_with(self._previous)
        offset = this.offset(self._offset) if this.is_whole else self._offset
        if offset is None and confirmed:
            offset = this.surplus
        of_one_moment = this.pages == 1 or this.looking_again or this.is_by_name or confirmed
        exact = offset is not None and of_one_moment and this.fault is None
        if exact or self._tries_left == 0:
            self._finish(offset, exact=exact)
        else:
            self._previous = this
            self._begin()

    def _finish(self, offset: int | None, *, exact: bool) -> None:
        this = self._pass
        counted_as_usual = offset is not None and offset in {self._offset, len(this.rejected)}
        seen_again = this.looking_again and not this.order.holds_null
        still_so = this.proves_absence and (this.pages == 1 or seen_again or this.is_by_name)
        partial = exact and not this.is_whole and self._is_partial and self._offset > 0
        exact = exact and not partial
        self._ask = None
        self._listing = Listing(
            items=this.items if exact else dict(self._merged),
            whole=this.is_whole,
            exact=exact,
            absence_proven=exact and this.is_whole and counted_as_usual and still_so,
            newest_first=self._comes_in_order(),
            reason=self._reason(exact=exact),
            rejected=tuple(this.rejected),
            offset=self._offset if offset is None else offset,
            flipped=self._flipped,
            partial=partial,
        )

    def _reason(self, *, exact: bool) -> str:
        this = self._pass
        if self._is_partial and not this.is_whole and not this.fault:
            return f"{self._offset} of its items were not shown"
        if not exact:
            if this.fault:
                return this.fault
            if this.surplus:
                return f"the count says {this.count} where the pages hold {len(this.items)}"
            return "the list comes in no order of dates, and no two passes over it agreed"
        if not this.is_whole:
            return "the head was read: the count fits, and nothing changed below it"
        return f"every page was read: {self._obstacle or 'the head was all there is'}"


def _obstacle(memory: ListMemory | None, identity: str, *, full: bool) -> str | None:
    """Why no shortcut may be taken, in words; None if one may."""
    if memory is None:
        return "it is the first listing"
    if full:
        return "a full crawl was asked for"
    if not (memory.exact or memory.partial):
        return "the last listing was not exact"
    if memory.identity != identity:
        return f"it was last read as {memory.identity}, now as {identity}"
    if not memory.newest_first:
        return "the list was not seen to come newest first"
    return None
