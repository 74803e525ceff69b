"""How a listing is read: pages in, a `Listing` out. Pure: no network, no clock, no database.

A list is paged by number while other people push and delete, so a pass over it can miss an item
or see one twice. A `ListingReader` is a state machine: `ask` names the next page, `feed` takes it,
and at the end `listing` is exact or says why it is not. The rules (design, section 4):

**Order is observed.** We ask for newest first and look at the dates that come. A list that comes
oldest first is asked for in the opposite order, once. A list in neither order is read completely.
In a list that is ordered by name, a few dates can fall by chance, so falling dates count only if
there are many of them, or if this list came newest first before. If page 1 holds no date (some
servers put items without a date first), or only dates in the far future, the order is unknown.

**A pass is clean** if every page carried the same count, no item came twice, the number of
distinct items equals the count, and page 1, read again at the end, holds the same items with the
same dates. A single page shows one moment and needs no second look.

A clean pass that came newest first is exact: it is the list as it was when page 1 was read. As
long as the count is constant, every deletion is balanced by a push, which appears at the head. So
the items below it move down, if at all, and the next page repeats one of them or holds a newer
date than those that were read. The second look at page 1 catches insertions elsewhere, which move
items up: an item that was not shown before, or a push without a date.

In any other order a push can appear anywhere, and a clean pass may have skipped an item while
another came and went. There, two passes in a row must agree in every item and date; they show the
list as it was between them. The same holds for a list of several pages without a count.

**The shortcut.** After an exact listing of K items, read from page 1 until a page ends with an
item that is known, unchanged, and older than the newest known date by a margin (the clocks of a
registry's own machines differ). The first date must not be older than the newest known date. Let
N be the number of names seen that were not known. If the count is K + N, nothing was deleted and
nothing new lies below; otherwise the same pass continues to the end. This is sound as long as
each push moves the item's date, and the list keeps the order that its last complete reading saw.

**What a filter leaves out** is in the list and its count, and is not recorded: only its number L
is. So the count to be expected is K + N + L + M, where M is how many left-out items have a date
newer than the newest known: each may be new. If one of them is an old item that was pushed again,
the count is smaller, and the pass continues. An item that is left out ends the head by its date.

**An answer from the past** ends its pass at once: a known item came with an earlier date than the
recorded one. Only what is newer than the list ever showed is kept of that pass, and the list is
read again (`indexer.crawl.second_answers.stale_answers`).

**Unclean passes** are repeated, a limited number of times. Every item seen was real. If no pass is
clean, the listing holds what was seen in any of them, the latest reading of each item, and it is
not exact.

**Counts that are off by a constant.** If two passes in a row have the same items and dates, and
the count differs from the number of items by the same amount, this is how the list counts: the
difference is remembered.

**Lists that are paged by name** do not shift: one pass proves what such a list holds and what it
lacks (`indexer.crawl.name_order`).

**Absence.** A known item that the listing lacks is proven to be removed only if the listing is
exact, covers the whole list, has a date for every item, counts as it used to, and is a single
page, paged by name, or confirmed by the second look. In every other case the caller asks for each
missing item.

**Limit.** A change of visibility removes an item from the middle of a list, or inserts one, and
moves no date. If one item disappears and an old one appears, both below the head or between two
requests of one pass, no rule above notices. The caller therefore asks for each missing repository;
the next full crawl corrects the rest.

`tests/exhaustive` checks these rules on small lists, with every history of up to three events.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Generic

from indexer.core.model import Gaps, ListMemory
from indexer.crawl.date_order import all_believed, believed
from indexer.crawl.names_witness import NamesWitness
from indexer.crawl.pagination import Page, PageRequest, Pass, RefusedPass, T
from indexer.crawl.second_answers import stale_answers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import datetime

    from indexer.crawl.pagination import Dated

__all__ = ["CLOCK_MARGIN", "Listing", "ListingReader", "Page", "PageRequest"]

CLOCK_MARGIN = timedelta(seconds=60)
"""How far the clocks of one registry's machines may differ (design, section 4, rule 5)."""


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """The result of reading a list.

    Attributes:
        items: by name; if the listing is not `whole`, only the head of the list.
        whole: every page was read.
        exact: proven to be the list as it was at one moment (together with what was known, if
            not whole).
        absence_proven: a known item that is not in `items` was removed. Otherwise the caller has
            to ask for each.
        newest_first: the dates of the whole list were seen to fall.
        reason: in words, why it was read as far as it was, and why it is exact or not.
        rejected: a sentence for each item that could not be decoded.
        offset: the count minus the number of items.
        opposite_order: the opposite order was asked for.
        names: all names of the list, if the registry was asked for them: a known item that is
            not among them was removed, and one that is among them exists.
        partial: the registry shows only a part of the list; `offset` counts what was not seen.
        bound: the least offset of a page that was refused; None if none was.
        extra_requests: requests that were needed only because the list is shown in part.
        missing: of a listing that is not `whole`, known items that seem to have been removed
            below the head: see `indexer.crawl.names_witness`.
        newest_left: the greatest date of the known items that are not `missing`.
        gone_back: items with an earlier date than the recorded one: if there are any, the listing
            is not believed. See `indexer.crawl.second_answers.stale_answers`.
        absent: names that were asked for one by one, and do not exist (404).
    """

    items: Mapping[str, T]
    whole: bool
    exact: bool
    absence_proven: bool
    newest_first: bool
    reason: str
    rejected: tuple[str, ...]
    offset: int
    opposite_order: bool
    names: frozenset[str] | None = None
    partial: bool = False
    bound: int | None = None
    extra_requests: int = 0
    missing: frozenset[str] = frozenset()
    newest_left: datetime | None = None
    gone_back: Mapping[str, T] = field(default_factory=dict)
    absent: tuple[str, ...] = ()

    def memory(
        self,
        before: ListMemory | None,
        identity: str,
        now: datetime,
        wants: Callable[[str], bool] | None = None,
        *,
        filters: str | None = None,
    ) -> ListMemory:
        """What to remember of this listing for the next reading of the same list.

        Args:
            before: what was remembered.
            identity: the account that read it.
            now: the time.
            wants: which names the filter admits; None: all.
            filters: the filter, as it is recorded.
        """
        carried = None if self.whole else before
        dates = all_believed([item.last_updated for item in self.items.values()], now)
        newest = [date for date in dates if date is not None]
        left = self.newest_left if self.missing else carried.newest if carried else None
        if left is not None:
            newest.append(left)
        ever = [before.latest] if before is not None and before.latest is not None else []
        same = before if before is not None and before.identity == identity else None
        # In a list that is not newest first, the newest may be among what was not read.
        latest = max(newest) if newest and self.newest_first else now
        gaps = before.gaps if before else Gaps(latest)
        return ListMemory(
            exact=self.exact,
            newest=max(newest, default=None),
            newest_first=carried.newest_first if carried else self.newest_first,
            identity=identity,
            full_at=carried.full_at if carried else now,
            offset=self.offset,
            opposite_order=self.opposite_order,
            holds_null=None in dates or bool(carried and carried.holds_null),
            filters=filters,
            partial=self.partial,
            bound=self.bound if self.whole or same is None else same.bound,
            gaps=None if self.exact else gaps,
            left_out=self._left_out(carried, now, wants),
            latest=max([*newest, *ever], default=None),
        )

    def _left_out(
        self, carried: ListMemory | None, now: datetime, wants: Callable[[str], bool] | None
    ) -> int | None:
        """How many items of the list the filter leaves out; None if that is not known."""
        if wants is None:
            return 0
        if carried is None:
            return sum(not wants(name) for name in self.items)
        if carried.left_out is None:
            return None
        return carried.left_out + len(newer_left_out(self.items, wants, carried.newest, now))


def newer_left_out(
    items: Mapping[str, T],
    wants: Callable[[str], bool],
    newest: datetime | None,
    now: datetime | None,
) -> list[str]:
    """The names that a filter leaves out, of items newer than any that was known."""
    dates = {name: believed(item.last_updated, now) for name, item in items.items()}
    return [
        name
        for name, date in dates.items()
        if date is not None and newest is not None and date > newest and not wants(name)
    ]


class ListingReader(Generic[T]):
    """Reads one list: fetch the page that `ask` names, `feed` it, until `ask` is None.

    Args:
        known: the items that are recorded for the list, by name (the K items of the shortcut).
        memory: what is remembered of the last listing; None before the first.
        identity: the account that reads; the memory of another account allows no shortcut.
        full: take no shortcut.
        passes: how many passes may be begun before the listing is called inexact.
        has_names: the registry can be asked for the names of all items.
        wants: which names the filter admits, of which alone items are `known`; None: all.
        now: our time; without it, dates in the far future are believed.
    """

    def __init__(
        self,
        known: Mapping[str, Dated],
        memory: ListMemory | None,
        *,
        identity: str,
        full: bool = False,
        passes: int = 3,
        has_names: bool = False,
        wants: Callable[[str], bool] | None = None,
        now: datetime | None = None,
    ) -> None:
        self._known = known
        self._wants = wants
        self._left_out = (memory.left_out or 0) if memory and wants else 0
        self._now = now
        self._came_in_order = bool(memory and memory.newest_first)
        self._newest = memory.newest if memory else None
        self._latest = memory.latest if memory else None
        self._offset = memory.offset if memory else 0
        self._obstacle = _obstacle(memory, identity, full=full, is_filtered=wants is not None)
        self._settled = stale_answers.settled(memory.doubts, now) if memory else None
        self._full = full
        self._is_partial = bool(memory and memory.partial)
        self._opposite_order = bool(memory and memory.opposite_order)
        self._may_turn_order = True
        self._passes_left = passes
        self._witness = NamesWitness(is_there=has_names)
        self._merged: dict[str, T] = {}
        self._previous: Pass[T] | None = None
        self._listing: Listing[T] | None = None
        self._begin()

    @property
    def ask(self) -> PageRequest | None:
        """The page to fetch next; None when the listing is finished."""
        return self._ask

    @property
    def asks_names(self) -> bool:
        """Whether all names are asked for (`name`) before the page that `ask` names."""
        return self._asks_names

    @property
    def listing(self) -> Listing[T]:
        """The result, once `ask` is None."""
        if self._listing is None:
            raise RuntimeError("the list is still being read: feed what `ask` asks for")
        return self._listing

    @property
    def seen(self) -> Mapping[str, T]:
        """Every item seen so far, in any pass; each of them exists."""
        return {**self._merged, **({} if self._pass.gone_back else self._pass.items)}

    @property
    def is_opposite_order(self) -> bool:
        """Whether the opposite order is asked for, because this list gives newest first for it."""
        return self._opposite_order

    def keep(self, items: Mapping[str, T]) -> None:
        """Add items of the list that were seen by other requests."""
        self._merged.update(items)

    def gone_back(self, items: Iterable[T]) -> dict[str, T]:
        """Those of these items that have an earlier date than the recorded one.

        None before the first finished reading, which leaves nowhere to remember a doubt.
        """
        if self._settled is None:
            return {}
        return stale_answers.gone_back(self._known, items, self._settled, self._now)

    def _newer(self) -> dict[str, T]:
        this = self._pass
        return stale_answers.newer(this.items.values(), self._latest, self._now, this.gone_back)

    @property
    def covered(self) -> int:
        """The number of items before the page that `ask` names; 0 for a first page."""
        this = self._pass
        return 0 if this.looking_again else this.covered

    def refused_pass(self, bound: int) -> RefusedPass[T] | None:
        """What was read when the page that `ask` named was refused because of its offset.

        Args:
            bound: the offset.

        Returns:
            None if the list was not seen to come newest first: then other sides cannot be
            combined with this one.
        """
        this = self._pass
        first = this.first
        if first is None or this.looking_again or not self._comes_in_order():
            return None
        return RefusedPass(first, dict(this.items), this.covered, bound, tuple(this.rejected))

    def feed(self, page: Page[T] | None) -> None:
        """Take the page that `ask` named; None if it was past the end of the list."""
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
            self._check_dates(page)
            self._go_on(page)

    def _check_dates(self, page: Page[T]) -> None:
        """Note where a date went back; the answer is then of the past, and not believed."""
        found = self.gone_back(page.items)
        if found:
            self._pass.gone_back.update(found)
            self._pass.note(stale_answers.fault(next(iter(found))))

    def name(self, names: Collection[str] | None) -> None:
        """Take all names, where `asks_names`; None if they cannot be had."""
        self._asks_names = False
        unseen = self._offset if self._is_partial else 0
        seen = [name for name in self._pass.items if self._is_wanted(name)]
        names = names if names is None else [name for name in names if self._is_wanted(name)]
        if self._witness.take(names, self._known, seen, short=self._short(), unseen=unseen):
            self._look_again()

    def _begin(self) -> None:
        self._passes_left -= 1
        self._asks_names = False
        self._witness.forget()
        self._pass: Pass[T] = Pass(self._now)
        self._ask: PageRequest | None = self._page(None)

    def _page(self, cursor: str | None) -> PageRequest:
        return PageRequest(cursor, self._opposite_order, proves_end=self._full)

    def _go_on(self, page: Page[T]) -> None:
        this = self._pass
        if self._may_turn_order and this.pages == 1 and page.next and this.order.is_oldest_first:
            self._opposite_order, self._may_turn_order = not self._opposite_order, False
            self._passes_left += 1  # the first pass only showed the order; it did not fail
            self._begin()
        elif this.fault and (self._passes_left > 0 or this.is_endless or this.gone_back):
            self._close()
        elif page.next is None:
            this.is_whole = True
            self._end(countable=this.offset(self._offset) is not None)
        else:
            self._ask = self._page(page.next)
            if self._reached_the_untouched(page):
                self._judge_the_count(page)

    def _reached_the_untouched(self, page: Page[T]) -> bool:
        """Whether the page ends with an item that is known, unchanged and older than recent pushes.

        Items without a date at its end are skipped, because some servers sort them last.
        """
        newest = self._newest
        if self._obstacle or newest is None or self._pass.fault or not self._comes_in_order():
            return False
        for item in reversed(page.items):
            known = self._known.get(item.name)
            is_unchanged = known is not None and known.last_updated == item.last_updated
            if not is_unchanged and self._is_wanted(item.name):
                return False
            if (date := believed(item.last_updated, self._now)) is not None:
                return date < newest - CLOCK_MARGIN
        return False

    def _judge_the_count(self, page: Page[T]) -> None:
        """End here if the count rules a deletion out; otherwise ask what was deleted, or read on.

        The newest known item, or a newer one, has to come first, unless it was deleted itself.
        """
        if page.count is None:
            self._obstacle = "the list does not count its items"
            return
        newest, head, short = self._newest, self._pass.order.newest_at_head, self._short()
        is_head = newest is not None and head is not None and head >= newest
        if is_head and short == 0:
            self._end(countable=True)
            return
        pages_left = -(-(page.count - self._pass.covered) // max(len(page.items), 1))
        self._asks_names = self._witness.is_worth_asking(short, pages_left)
        if is_head and not self._asks_names:
            self._obstacle = f"the count is {page.count} where {page.count + short} was expected"

    def _short(self) -> int:
        """By how many items the count is smaller than it would be if nothing had been removed."""
        items = self._pass.items
        new = sum(name not in self._known and self._is_wanted(name) for name in items)
        if self._wants is not None:
            new += len(newer_left_out(items, self._wants, self._newest, self._now))
        return len(self._known) + new + self._left_out + self._offset - (self._pass.count or 0)

    def _is_wanted(self, name: str) -> bool:
        return self._wants is None or self._wants(name)

    def _end(self, *, countable: bool) -> None:
        """After the last page of the pass: read page 1 again if that can prove the pass clean."""
        this = self._pass
        if countable and this.pages > 1 and self._comes_in_order() and not this.fault:
            self._look_again()
        else:
            self._close()

    def _look_again(self) -> None:
        self._pass.looking_again = True
        self._ask = self._page(None)

    def _comes_in_order(self) -> bool:
        """Whether the list comes newest first: its dates fell, and enough of them, or as before."""
        this = self._pass
        return this.is_newest_first and (this.order.is_convincing or self._came_in_order)

    def _close(self) -> None:
        """End the pass: with a listing, or by beginning another pass."""
        this = self._pass
        self._merged.update(self._newer() if this.gone_back else this.items)
        confirmed = self._previous is not None and this.agrees_with(self._previous)
        offset = this.offset(self._offset) if this.is_whole else self._offset
        if offset is None and confirmed:
            offset = this.surplus
        of_one_moment = this.pages == 1 or this.looking_again or this.is_by_name or confirmed
        exact = offset is not None and of_one_moment and this.fault is None
        if exact or self._passes_left == 0:
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
        missing = self._witness.missing if exact else frozenset()
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
            opposite_order=self._opposite_order,
            partial=partial,
            missing=missing,
            newest_left=self._newest_but(missing) if missing else None,
            gone_back=this.gone_back,
            absent=tuple(this.absent),
        )

    def _newest_but(self, missing: Collection[str]) -> datetime | None:
        known = (item.last_updated for name, item in self._known.items() if name not in missing)
        dates = (believed(date, self._now) for date in known)
        return max((date for date in dates if date is not None), default=None)

    def _reason(self, *, exact: bool) -> str:
        this = self._pass
        if self._is_partial and not this.is_whole and not this.fault:
            return f"{self._offset} of its items were not shown"
        if not exact:
            if this.fault:
                return this.fault
            if this.surplus:
                return f"the count says {this.count} where the pages hold {len(this.items)}"
            return "the list is not ordered by date, and no two passes over it agreed"
        if not this.is_whole:
            missing = len(self._witness.missing)
            why = f"the count lacks {missing}, and so do the names" if missing else "the count fits"
            return f"only the head was read: {why}, and nothing changed below it"
        return f"every page was read: {self._obstacle or 'the list has no more pages'}"


def _obstacle(
    memory: ListMemory | None, identity: str, *, full: bool, is_filtered: bool
) -> str | None:
    """Why no shortcut may be taken, in words; None if one may."""
    if memory is None:
        return "it is the first listing"
    # If nothing seems to be out of sight, items deleted meanwhile may stand in for unseen ones.
    may_be_partial = memory.partial and memory.offset > 0 and not is_filtered
    reasons = (
        (full, "a full crawl was asked for"),
        (not (memory.exact or may_be_partial), "the last listing was not exact"),
        (
            is_filtered and memory.left_out is None,
            "how much the filter leaves out was not counted",
        ),
        (
            memory.identity != identity,
            f"it was last read as {memory.identity}, now as {identity}",
        ),
        (not memory.newest_first, "the list was not seen to come newest first"),
    )
    return next((reason for holds, reason in reasons if holds), None)
