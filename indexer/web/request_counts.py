"""Counts requests by kind and measures their time, for `/metrics`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

AREAS = ("v2", "api", "feed", "metrics", "hooks", "static", "healthz", "readyz")
"""First parts of addresses that are counted apart; all others are pages."""

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Seconds: upper bounds of the histogram."""


class Requests:
    """Counts; only ever touched by the event loop's thread."""

    def __init__(self) -> None:
        self.answered: Counter[tuple[str, int]] = Counter()
        self.seconds: dict[str, float] = {}
        self.within: Counter[tuple[str, float]] = Counter()
        self.streams = 0

    def add(self, path: str, status: int, seconds: float) -> None:
        """Note an answer."""
        area = area_of(path)
        self.answered[area, status] += 1
        self.seconds[area] = self.seconds.get(area, 0.0) + seconds
        for bound in BOUNDS:
            if seconds <= bound:
                self.within[area, bound] += 1

    def totals(self) -> Iterator[tuple[str, int]]:
        """Answers of each area."""
        totals: Counter[str] = Counter()
        for (area, _), number in self.answered.items():
            totals[area] += number
        yield from sorted(totals.items())


def area_of(path: str) -> str:
    """The part of the site that a path belongs to: one of a few names."""
    first = path.strip("/").partition("/")[0]
    if first in {"feed.atom", "feed.json"}:
        return "feed"
    return first if first in AREAS else "pages"
