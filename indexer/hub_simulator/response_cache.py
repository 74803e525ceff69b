"""Caches the bodies of answers, and lists in their order."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from indexer.hub_simulator.pagination import Listed

CACHE_BYTES = 128 * 1024 * 1024
"""The most bytes of cached bodies; the least recently used are dropped."""

KEPT_ORDERS = 16
"""How many ordered lists are cached."""


class ResponseCache:
    """Bodies by what they answer, and ordered lists; bounded. Safe to use from threads.

    A key contains the revision of its list, so that outdated entries are never found.

    Args:
        limit: the most bytes of all bodies; 0 caches none.
    """

    def __init__(self, limit: int = CACHE_BYTES) -> None:
        self._limit = limit
        self._bytes = 0
        self._bodies: OrderedDict[Hashable, bytes] = OrderedDict()
        self._orders: OrderedDict[Hashable, Sequence[Listed]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """The bytes of all cached bodies."""
        return self._bytes

    def order(self, key: Hashable, make: Callable[[], Sequence[Listed]]) -> Sequence[Listed]:
        """The list under this key; made if it is not cached."""
        with self._lock:
            found = self._orders.get(key)
            if found is None:
                found = self._orders[key] = make()
                if len(self._orders) > KEPT_ORDERS:
                    self._orders.popitem(last=False)
            return found

    def find(self, key: Hashable) -> bytes | None:
        """The body under this key; None if it is not cached."""
        with self._lock:
            body = self._bodies.get(key)
            if body is not None:
                self._bodies.move_to_end(key)
            return body

    def keep(self, key: Hashable, body: bytes) -> None:
        """Cache a body, and drop those that were not used for the longest time."""
        with self._lock:
            self._bytes += len(body) - len(self._bodies.pop(key, b""))
            self._bodies[key] = body
            while self._bytes > self._limit:
                self._bytes -= len(self._bodies.popitem(last=False)[1])
