"""Lists in pages: order, page numbers, `count`, `next`. Pure."""

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
    """A parameter is invalid: a page or page size that is not a number above 0, or a time."""


class Ask(NamedTuple):
    """Which page of a list is asked for, in which order."""

    page: int
    size: int
    ordering: str
    name: str

    @property
    def offset(self) -> int:
        """The number of items before the page."""
        return (self.page - 1) * self.size

    def names(self, name: str, quirks: ListQuirks) -> bool:
        """Whether an item of this name passes the filter `name=`, which matches parts of names."""
        if quirks.name_ignores_case:
            return self.name.lower() in name.lower()
        return self.name in name

    @classmethod
    def of(cls, request: Request, quirks: ListQuirks) -> Ask:
        """Read a request's parameters.

        Raises:
            BadPage: one of them is not a number.
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
    """By which field a list is ordered, and whether the greatest value comes first."""

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
"""As observed: names as documented, dates and pulls in the opposite order."""

TAG_ORDERINGS = {
    "last_updated": NEWEST,
    "-last_updated": OLDEST,
    "name": Sorting("name", descending=True),
    "-name": Sorting("name", descending=False),
}
"""As observed for dates: `-` means oldest first; for names it is assumed."""

Listed = hub_json.Item | Sketch
"""What is sorted: items, or sketches with the fields that an order needs."""


def in_order(items: Sequence[Listed], asked: Sorting, quirks: ListQuirks) -> list[Listed]:
    """Sort a list as asked for, unless a quirk says otherwise.

    Args:
        items: in the order in which they were made.
        asked: the order that the parameter asks for.
        quirks: may replace that order.
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
    """One page of an ordered list; None past its end. The first page exists even if it is empty."""
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
    """Read a number above 0.

    Raises:
        BadPage: it is not one.
    """
    if text is None:
        return default
    if not text.isdecimal() or int(text) < 1:
        raise BadPage(f"{text} is not a page")
    return int(text)
