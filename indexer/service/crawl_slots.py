"""Limits how many namespaces of one registry are crawled at once, without letting long ones block.

Parallel crawls share the registry's rate limit, and take turns request by request. A crawl
that takes hours would keep its slot for hours, and enough of them would keep all
others out. So a crawl that has taken long gives up its slot and continues without one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexer.core.clock import Clock

LONG_SECONDS = 300.0
"""After so many seconds a crawl no longer holds a slot."""

MOST_PER_PLACE = 8
"""The most crawls for each slot: with a slot, and those that continue without one."""


class CrawlSlots:
    """The slots of one registry."""

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
        """Record that a crawl begins."""
        self._since[namespace] = self._clock.monotonic()

    def leave(self, namespace: str) -> None:
        """Record that a crawl has ended."""
        self._since.pop(namespace, None)
