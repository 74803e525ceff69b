"""Which `name=` filters find the missing items of a list with the fewest pages. Pure.

All names are known (a registry's `tags/list` gives them in one answer), so it can be computed which
items a filter finds. Missing names with a common prefix (`8u242-jdk`, `8u242-jre`) are read
together: of all ways to divide the tree of prefixes, the one with the fewest requests is chosen.

A filtered list is ordered too. The items that were read from the two ends of the whole list are at
the two ends of the filtered list, so only the pages between them are requested.
"""

from __future__ import annotations

import math
from itertools import groupby, takewhile
from typing import TYPE_CHECKING, NamedTuple

from indexer.crawl.list_sides import Order, Side, Window

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

LEAST_SHARE = 0.5
"""A filter is used only if this share of the names it was chosen for is still missing then."""


class NameFilter(NamedTuple):
    """A filter, the pages to ask for, and the missing names that they hold."""

    text: str
    windows: tuple[Window, ...]
    missing: frozenset[str]


class Read(NamedTuple):
    """Names that were read from the two ends of the whole list; the others lie between them."""

    newest: Collection[str]
    oldest: Collection[str]


def plan_filters(
    names: Sequence[str],
    missing: Collection[str],
    read: Read,
    *,
    page_size: int,
    reach: int,
    spent: Collection[str] = (),
) -> list[NameFilter]:
    """Choose the filters that find the missing items, the most productive first.

    Items that are as cheap to ask for one by one are left out.

    Args:
        names: all names of the list.
        missing: the names to find.
        read: the names that were read from the two ends of the list.
        page_size: items of a page.
        reach: how many items of one side can be read before pages are refused.
        spent: texts that were used already.
    """
    tree = _Tree(names, missing, read, page_size, reach, frozenset(spent))
    chosen = tree.filters()
    return sorted(chosen, key=lambda each: (-len(each.missing), each.text))


class _Tree:
    """The prefixes of the missing names, and how many requests a filter for each costs."""

    def __init__(
        self,
        names: Sequence[str],
        missing: Collection[str],
        read: Read,
        page_size: int,
        reach: int,
        spent: frozenset[str],
    ) -> None:
        self._names = names
        self._missing = frozenset(missing)
        self._newest, self._oldest = frozenset(read.newest), frozenset(read.oldest)
        self._page_size = page_size
        self._reach = reach
        self._spent = spent

    def filters(self) -> list[NameFilter]:
        """The filters that cost the fewest requests, without names for which no filter pays."""
        return self._cheapest(sorted(self._missing))[1]

    def _cheapest(self, names: Sequence[str]) -> tuple[float, list[NameFilter]]:
        """The requests that names with a common prefix cost, and the filters for them.

        Args:
            names: sorted, so that names with a common prefix stand together.
        """
        if len(names) < 2:  # noqa: PLR2004 - one name is asked for by itself
            return len(names), []
        shared = _beginning(names[0], names[-1])
        own = self._filter(shared)
        least = len(names) / self._page_size
        cost = len(own.windows) * len(names) / len(own.missing) if own else math.inf
        if own and cost <= math.ceil(least):
            return cost, [own]
        groups = [list(each) for _, each in groupby(names, lambda name: name[: len(shared) + 1])]
        below = [self._cheapest(each) for each in groups]
        if own and cost <= sum(each for each, _ in below):
            return cost, [own]
        return sum(each for each, _ in below), [one for _, some in below for one in some]

    def _filter(self, text: str) -> NameFilter | None:
        """The filter for a text; None if it was used, or if one of its pages would be refused."""
        if not text or text in self._spent:
            return None
        finds = [name for name in self._names if text in name]
        newest = sum(name in self._newest for name in finds)
        oldest = sum(name in self._oldest for name in finds)
        windows = self._windows(
            Side(Order.NEWEST, text), newest, len(finds) - oldest
        ) or self._windows(Side(Order.OLDEST, text), oldest, len(finds) - newest)
        return NameFilter(text, windows, self._missing.intersection(finds)) if windows else None

    def _windows(self, side: Side, start: int, end: int) -> tuple[Window, ...]:
        """The pages with the items `start` to `end` of a side; empty if one would be refused."""
        first, last = start // self._page_size + 1, -(-end // self._page_size)
        if (last - 1) * self._page_size >= self._reach:
            return ()
        return tuple(Window(side, page, self._page_size) for page in range(first, last + 1))


def _beginning(one: str, other: str) -> str:
    """The common prefix of two names."""
    pairs = zip(one, other, strict=False)
    return "".join(mine for mine, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
