"""When to look at each namespace again, and which are due and wait for a slot. Pure.

So a tick of the daemon costs what is due, not what is configured. Each namespace has one entry at
most; it replaces the one before. A replaced entry stays in its heap, and is skipped there.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    Place = tuple[str, str]
    Order = tuple[bool, datetime]

T = TypeVar("T")


class Agenda:
    """The entries of namespaces, each by its registry and name. For one thread at a time."""

    def __init__(self) -> None:
        self._entries: dict[Place, tuple[Any, Place]] = {}
        self._soon: set[Place] = set()
        self._later: list[tuple[datetime, Place]] = []
        self._paused: list[tuple[float, Place]] = []
        self._due: dict[str, list[tuple[Order, Place]]] = {}

    def look_soon(self, place: Place) -> None:
        """Look at a namespace the next time."""
        self._entries.pop(place, None)
        self._soon.add(place)

    def look_later(self, place: Place, moment: datetime) -> None:
        """Look at a namespace at a moment: before that, only what changes can make it due."""
        self._enter(self._later, place, moment)

    def pause(self, place: Place, until: float) -> None:
        """Look at a namespace at a time of the monotonic clock."""
        self._enter(self._paused, place, until)

    def is_due(self, place: Place, order: Order) -> None:
        """Let a namespace wait for a slot of its registry, in this order."""
        self._enter(self._due.setdefault(place[0], []), place, order)

    def remove(self, place: Place) -> None:
        """Keep no entry of a namespace."""
        self._entries.pop(place, None)
        self._soon.discard(place)

    def to_look_at(self, now: datetime, monotonic: float) -> set[Place]:
        """The namespaces to look at now. They keep no entry."""
        found, self._soon = self._soon, set()
        found |= {place for _, place in self._taken(self._later, now)}
        found |= {place for _, place in self._taken(self._paused, monotonic)}
        return found

    @property
    def waiting(self) -> list[str]:
        """The registries with namespaces that wait for a slot."""
        return [registry for registry in self._due if self.first(registry)]

    def first(self, registry: str) -> Place | None:
        """The first namespace of a registry that waits for a slot; it goes on waiting."""
        heap = self._due.get(registry, [])
        while heap and self._entries.get(heap[0][1]) is not heap[0]:
            heapq.heappop(heap)
        return heap[0][1] if heap else None

    def _enter(self, heap: list[tuple[T, Place]], place: Place, key: T) -> None:
        self._soon.discard(place)
        if self._entries.get(place) != (key, place):
            entry = self._entries[place] = (key, place)
            heapq.heappush(heap, entry)

    def _taken(self, heap: list[tuple[T, Place]], until: Any) -> Iterator[tuple[T, Place]]:
        while heap and heap[0][0] <= until:
            entry = heapq.heappop(heap)
            if self._entries.get(entry[1]) is entry:
                del self._entries[entry[1]]
                yield entry
