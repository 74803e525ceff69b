"""Read one list from a source to its end.

Connects the state machine of `indexer.crawl.listing` to a source. The functions are safe to call
from threads.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from indexer.core.errors import OffsetRefused, SourceError, SourceLost
from indexer.core.model import ANONYMOUS, Mode
from indexer.crawl.pagination import PageRequest
from indexer.crawl.partial.missing_items import Names, Single
from indexer.crawl.partial.partial_listing import PartialReader

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from indexer.core.model import ListMemory
    from indexer.crawl.list_sides import Order
    from indexer.crawl.listing import Listing, ListingReader
    from indexer.crawl.pagination import Item, Page, RefusedPass
    from indexer.crawl.partial.missing_items import Question

T = TypeVar("T", bound="Item")


class Sides(NamedTuple, Generic[T]):
    """Other ways to read a list that is shown only in part.

    Attributes:
        orders: the orders that the list has besides newest and oldest first.
        names: asks for the names of all items; None if the registry cannot be asked.
        single: asks for one item; it returns None if there is no such item.
        most_singles: the most items that may be asked for one by one.
        now: the time.
        bound: the offset from which pages were refused last time; None if not known.
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
    """Fetch the pages that the reading asks for, until it is finished.

    If a page is refused because of its offset, the list is read from every other side.

    Args:
        reading: says which page to fetch next.
        fetch: fetches one page; None if it is past the end.
        sides: other ways to read the list; None if there are none.

    Raises:
        SourceError: a page could not be fetched; `reading.seen` holds what came before.
    """
    while (ask := reading.ask) is not None:
        if reading.asks_names:
            reading.name(sides.names() if sides and sides.names else None)
            continue
        if sides and sides.bound and reading.covered >= sides.bound:
            refused = reading.refused_pass(sides.bound)
            if refused is not None:
                return _read_in_part(reading, refused, fetch, sides)
        try:
            reading.feed(fetch(ask))
        except OffsetRefused as error:
            refused = reading.refused_pass(error.offset)
            if refused is None or sides is None:
                raise
            return _read_in_part(reading, refused, fetch, sides)
    return reading.listing


def _read_in_part(
    reading: ListingReader[T],
    refused: RefusedPass[T],
    fetch: Callable[[PageRequest], Page[T] | None],
    sides: Sides[T],
) -> Listing[T]:
    """Read a list from all its sides.

    Raises:
        SourceError: a page could not be fetched; `reading.seen` holds what came before.
    """
    parts = PartialReader(
        refused,
        orders=sides.orders,
        has_names=sides.names is not None,
        singles=sides.most_singles,
        now=sides.now,
    )
    try:
        while (question := parts.ask) is not None:
            _answer(parts, question, fetch, sides, opposite_order=reading.is_opposite_order)
    except SourceError:
        reading.keep(parts.items)
        raise
    return dataclasses.replace(
        parts.listing,
        opposite_order=reading.is_opposite_order,
        gone_back=reading.gone_back(parts.items.values()),
    )


def _answer(
    parts: PartialReader[T],
    question: Question,
    fetch: Callable[[PageRequest], Page[T] | None],
    sides: Sides[T],
    *,
    opposite_order: bool,
) -> None:
    """Answer one question of a `PartialReader`."""
    if isinstance(question, Names):
        parts.name(sides.names() if sides.names else None)
    elif isinstance(question, Single):
        try:
            item = sides.single(question.name)
        except SourceLost:
            raise
        except SourceError:
            parts.fail()
        else:
            parts.answer(item)
    else:
        try:
            page = fetch(PageRequest(opposite_order=opposite_order, window=question))
        except OffsetRefused:
            parts.refuse()
        else:
            parts.take(page)


def known_bound(memory: ListMemory | None, identity: str, mode: Mode) -> int | None:
    """The offset from which pages of this list were refused last time; None if not known.

    A full crawl ignores it and observes it anew, because the registry may have changed it.
    """
    if memory is None or memory.identity != identity or mode is Mode.FULL:
        return None
    return memory.bound


def unread(what: str, listing: Listing[T], identity: str) -> str:
    """The sentence about a list that could not be read completely, with the remedy."""
    if listing.partial and identity == ANONYMOUS:
        return (
            f"{what} is shown only in part without an account: {listing.reason}; any free account "
            "sees all: run 'docker login', or configure 'username' and 'password_env'"
        )
    if listing.partial:
        return f"{what} is shown only in part to {identity}: {listing.reason}"
    return f"{what} could not be read as of one moment: {listing.reason}"
