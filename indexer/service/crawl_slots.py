"""How many namespaces of one registry are crawled at once, so that a huge one holds up nobody.

A few at a time share the registry's pace, and take turns at it request by request. But a crawl
that takes hours would keep its place for hours, and as many of them as there are places would keep
all others out. So a crawl that has taken long leaves its place to another and goes on beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexer.core.clock import Clock

LONG_SECONDS = 300.0
"""After so long a crawl no longer holds a place."""

MOST_PER_PLACE = 8
"""Crawls that run at once for each place: those that hold one and those that go on beside."""


class CrawlSlots:
    """The places of one registry."""

    def __init__(self, width: int, clock: Clock) -> None:
        self.width = width
        self._clock = clock
        self._since: dict[str, float] = {}

    def has_room(self) -> bool:
        """Whether one more crawl may begin."""
        now = self._clock.monotonic()
        holding = sum(now - since < LONG_SECONDS for since in self._since.values())
        return holding < self.width and len(self._since) < self.width * MOST_PER_PLACE

    def enter(self, namespace: str) -> None:
        """A crawl begins."""
        self._since[namespace] = self._clock.monotonic()

    def leave(self, namespace: str) -> None:
        """A crawl has ended."""
        self._since.pop(namespace, None)
