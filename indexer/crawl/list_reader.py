"""Read one list from a source to its end, and ask for what it does not hold.

It joins the pure protocol of `indexer.crawl.listing` to a source. The functions may run in threads.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from indexer.core.errors import OffsetRefused, SourceError, SourceLost
from indexer.core.model import ANONYMOUS, Mode
from indexer.crawl.pagination import PageRequest
from indexer.crawl.partial_listing import Names, PartialReader, Single

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from indexer.core.model import ListMemory
    from indexer.crawl.list_sides import Order
    from indexer.crawl.listing import Listing, ListingReader
    from indexer.crawl.pagination import Cut, Item, Page

T = TypeVar("T", bound="Item")

MOST_QUESTIONS = 100
"""How many items of one inexact listing are asked for one by one, at the most.

More would be a request for each item of a list that cannot be read anyway.
"""


@dataclass(frozen=True, slots=True)
class Absences(Generic[T]):
    """What became of the items that a listing does not hold.

    Attributes:
        gone: the registry answers 404 for each of these itself.
        found: they exist, although they were not listed.
        problems: a sentence for each that could not be asked for; it is kept.
    """

    gone: tuple[str, ...] = ()
    found: Mapping[str, T] = dataclasses.field(default_factory=dict)
    problems: tuple[str, ...] = ()


class Sides(NamedTuple, Generic[T]):
    """From where else a list can be read that is shown in part.

    Attributes:
        orders: besides newest and oldest first.
        names: asks for all names; None: nobody can be asked.
        single: asks for one item; None: it is not there.
        most_singles: items that may be asked for so.
        now: the time.
        bound: the offset from which on pages were refused last time; None: it is not known.
    """

    orders: Sequence[Order]
    names: Callable[[], Collection[str] | None] | None
    single: Callable[[str], T | None]
    most_singles: int
    now: datetime
    bound: int | None = None


def read(
    reading: ListingReader[T],
    fetch: Callable[[PageRequest], Page[T] | None],
    sides: Sides[T] | None = None,
) -> Listing[T]:
    """Fetch what the reading asks for, until it is finished.

    Where a page is refused by its offset the list is read from every other side.

    Raises:
        SourceError: a page could not be had; `reading.seen` holds what came before.
    """
    while (ask := reading.ask) is not None:
        if sides and sides.bound and reading.covered >= sides.bound:
            cut = reading.cut(sides.bound)
            if cut is not None:
                return _read_in_part(cut, fetch, sides, flipped=reading.is_flipped)
        try:
            reading.feed(fetch(ask))
        except OffsetRefused as refused:
            cut = reading.cut(refused.offset)
            if cut is None or sides is None:
                raise
            return _read_in_part(cut, fetch, sides, flipped=reading.is_flipped)
    return reading.listing


def _read_in_part(
    cut: Cut[T],
    fetch: Callable[[PageRequest], Page[T] | None],
    sides: Sides[T],
    *,
    flipped: bool,
) -> Listing[T]:
    """Read a list from all its sides. What fails on the way ends it; what was read is kept."""
    parts = PartialReader(
        cut,
        orders=sides.orders,
        has_names=sides.names is not None,
        singles=sides.most_singles,
        now=sides.now,
    )
    while (question := parts.ask) is not None:
        if isinstance(question, Names):
            parts.name(sides.names() if sides.names else None)
        elif isinstance(question, Single):
            parts.answer(sides.single(question.name))
        else:
            try:
                page = fetch(PageRequest(flipped=flipped, window=question))
            except OffsetRefused:
                parts.refuse()
            else:
                parts.take(page)
    return dataclasses.replace(parts.listing, flipped=flipped)


def ask_for(missing: Sequence[str], fetch: Callable[[str], T | None]) -> Absences[T]:
    """Ask for each missing item itself: only a 404 is an absence.

    Raises:
        SourceLost: no further request makes sense; what was answered so far is dropped, and
            nothing is believed absent.
    """
    gone: list[str] = []
    found: dict[str, T] = {}
    problems: list[str] = []
    for name in missing:
        try:
            item = fetch(name)
        except SourceLost:
            raise
        except SourceError as error:
            problems.append(f"it is not known whether {name} was removed, so it is kept: {error}")
        else:
            if item is None:
                gone.append(name)
            else:
                found[name] = item
    return Absences(tuple(gone), found, tuple(problems))


def known_bound(memory: ListMemory | None, identity: str, mode: Mode) -> int | None:
    """The offset from which on a list was refused last time; None: it has to be found out.

    A full crawl finds it out anew, for it may have moved.
    """
    if memory is None or memory.identity != identity or mode is Mode.FULL:
        return None
    return memory.bound


def unread(what: str, listing: Listing[T], identity: str) -> str:
    """A sentence about a list that was not read whole, and the remedy."""
    if listing.partial and identity == ANONYMOUS:
        return (
            f"{what} is shown only in part without an account: {listing.reason}; any free account "
            "sees all: run 'docker login', or configure 'username' and 'password_env'"
        )
    if listing.partial:
        return f"{what} is shown only in part to {identity}: {listing.reason}"
    return f"{what} could not be read as of one moment: {listing.reason}"


def too_many(missing: Sequence[str], listing: Listing[T]) -> bool:
    """Whether to leave an inexact listing's missing items alone: see `MOST_QUESTIONS`."""
    return not listing.exact and len(missing) > MOST_QUESTIONS


def held_back(what: str, number: int, name: str) -> str:
    """The sentence about removals that wait for a person's word: see `removal_guard`."""
    return (
        f"{number} {what} are missing, too many to be removed at once: they are held back until "
        f"somebody has looked and says 'indexer accept {name}'"
    )
