"""A paged list in memory that changes while it is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from indexer.core.model import ANONYMOUS, Tag
from indexer.crawl.listing import ListingReader, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from indexer.core.model import ListMemory
    from indexer.crawl.listing import Listing

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


@dataclass
class Shelf:
    """Items by name with their dates (minutes after START, or None), served by page number."""

    dates: dict[str, float | None]
    page_size: int = 2
    order: str = "newest"
    count_offset: int = 0
    counts: bool = True
    nulls_first: bool = False
    requests: int = 0
    before_request: Callable[[int], None] = lambda _number: None
    newest: float = field(init=False)

    def __post_init__(self) -> None:
        self.newest = max((d for d in self.dates.values() if d is not None), default=0)

    def push(self, name: str) -> None:
        self.newest += 10
        self.dates[name] = self.newest

    def delete(self, name: str) -> None:
        self.dates.pop(name, None)

    def names(self, *, opposite_order: bool = False) -> list[str]:
        if self.order == "name":
            return sorted(self.dates)
        nulls = sorted(n for n, d in self.dates.items() if d is None)
        dated = sorted(
            (n for n, d in self.dates.items() if d is not None),
            key=lambda n: (self.dates[n] or 0, n),
            reverse=(self.order == "newest") != opposite_order,
        )
        return nulls + dated if self.nulls_first else dated + nulls

    def page(self, cursor: str | None, *, opposite_order: bool) -> Page[Tag] | None:
        self.requests += 1
        self.before_request(self.requests)
        number = int(cursor or 1)
        names = self.names(opposite_order=opposite_order)
        here = names[(number - 1) * self.page_size : number * self.page_size]
        if not here and number > 1:
            return None
        more = number * self.page_size < len(names)
        return Page(
            items=tuple(self.item(name) for name in here),
            count=len(names) + self.count_offset if self.counts else None,
            next=str(number + 1) if more else None,
        )

    def item(self, name: str) -> Tag:
        date = self.dates[name]
        return Tag(name, None if date is None else at(date))

    def items(self) -> dict[str, Tag]:
        return {name: self.item(name) for name in self.dates}


def read(
    shelf: Shelf,
    known: Mapping[str, Tag] | None = None,
    memory: ListMemory | None = None,
    *,
    full: bool = False,
    tries: int = 3,
) -> Listing[Tag]:
    """Read a shelf to the end and count its requests from zero."""
    shelf.requests = 0
    reading: ListingReader[Tag] = ListingReader(
        known or {}, memory, identity=ANONYMOUS, full=full, passes=tries, now=START
    )
    while (ask := reading.ask) is not None:
        reading.feed(shelf.page(ask.cursor, opposite_order=ask.opposite_order))
    return reading.listing


def remembered(shelf: Shelf) -> tuple[dict[str, Tag], ListMemory]:
    """The items and the memory of an undisturbed first reading of the shelf."""
    listing = read(shelf)
    assert listing.exact
    return dict(listing.items), listing.memory(None, ANONYMOUS, START)
