"""Lists in pages: order, numbers, `count`, `next`. Pure: what is asked and held decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from indexer.hub_simulator import hub_json
from indexer.hub_simulator.quirks import DEFAULT_PAGE_SIZE
from indexer.hub_simulator.state import Sketch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.hub_simulator.http import Request
    from indexer.hub_simulator.quirks import ListQuirks


class BadPage(ValueError):
    """A parameter cannot be read: `page` or `page_size` is no number above 0, a time is none."""


class Ask(NamedTuple):
    """Which part of a list is wanted, in which order."""

    page: int
    size: int
    ordering: str
    name: str

    @property
    def offset(self) -> int:
        """How many items stand before the page."""
        return (self.page - 1) * self.size

    def names(self, name: str, quirks: ListQuirks) -> bool:
        """Whether an item of this name passes the filter: a part of the name is enough."""
        if quirks.name_ignores_case:
            return self.name.lower() in name.lower()
        return self.name in name

    @classmethod
    def of(cls, request: Request, quirks: ListQuirks) -> Ask:
        """Read a request's parameters.

        Raises:
            BadPage: they are no numbers.
        """
        params = request.params
        size = number(params.get("page_size"), DEFAULT_PAGE_SIZE)
        return cls(
            page=number(params.get("page"), 1),
            size=quirks.page_size or min(size, quirks.max_page_size),
            ordering=params.get("ordering", ""),
            name=params.get("name", ""),
        )


class Sorting(NamedTuple):
    """By which field, and whether the greatest comes first."""

    field: str
    descending: bool


NEWEST = Sorting("last_updated", descending=True)
OLDEST = Sorting("last_updated", descending=False)

REPOSITORY_ORDERINGS = {
    "name": Sorting("name", descending=False),
    "-name": Sorting("name", descending=True),
    "last_updated": NEWEST,
    "-last_updated": OLDEST,
    "pull_count": Sorting("pull_count", descending=True),
    "-pull_count": Sorting("pull_count", descending=False),
}
"""As observed: names as documented, dates and pulls the other way round."""

TAG_ORDERINGS = {
    "last_updated": NEWEST,
    "-last_updated": OLDEST,
    "name": Sorting("name", descending=True),
    "-name": Sorting("name", descending=False),
}
"""As observed of the dates: `-` means oldest first; of names assumed."""

Listed = hub_json.Item | Sketch
"""What is put in order: items, or as much of them as an order needs."""


def in_order(items: Sequence[Listed], asked: Sorting, quirks: ListQuirks) -> list[Listed]:
    """A list in the order that was asked for, as far as the quirks let it be.

    Args:
        items: in the order in which they were made.
        asked: what the parameter means.
        quirks: what the Hub makes of it.
    """
    if quirks.order == "made":
        return list(items)
    sorting = {
        "asked": asked,
        "reversed": asked._replace(descending=not asked.descending),
        "newest": NEWEST,
        "oldest": OLDEST,
        "name": Sorting("name", descending=False),
    }[quirks.order]
    listed = sorted(items, key=lambda item: item.name)
    with_value = [item for item in listed if getattr(item, sorting.field) is not None]
    without = [item for item in listed if getattr(item, sorting.field) is None]
    with_value.sort(key=lambda item: getattr(item, sorting.field), reverse=sorting.descending)
    return [*without, *with_value] if quirks.nulls == "first" else [*with_value, *without]


def page_of(
    items: Sequence[Listed],
    ask: Ask,
    request: Request,
    quirks: ListQuirks,
) -> hub_json.Page | None:
    """One page of an ordered list; None past its end. The first page is there even when empty."""
    start = ask.offset
    if start >= len(items) and ask.page > 1:
        return None
    offset = quirks.count_offset if isinstance(quirks.count_offset, int) else quirks.count_offset()
    has_next = start + ask.size < len(items)
    following = _url(request, quirks.next_base or request.base, ask.page + 1)
    return hub_json.Page(
        count=len(items) + offset,
        next=following if has_next else None,
        previous=_url(request, request.base, ask.page - 1) if ask.page > 1 else None,
        results=tuple(map(_whole, items[start : start + ask.size])),
    )


def _whole(item: Listed) -> hub_json.Item:
    """An item as it is sent."""
    return item.bulk.made(item).tag if isinstance(item, Sketch) else item


def _url(request: Request, base: str, page: int) -> str:
    return f"{base}{request.path}?{urlencode({**request.params, 'page': page})}"


def number(text: str | None, default: int) -> int:
    """A number above 0.

    Raises:
        BadPage: it is none.
    """
    if text is None:
        return default
    if not text.isdecimal() or int(text) < 1:
        raise BadPage(f"{text} is no page")
    return int(text)
