"""Notices that crawls wait in the queue and no worker is running."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from indexer.core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.core.clock import Clock
    from indexer.crawl.sharding import QueueStatus

LOOK_SECONDS = 60.0
"""Seconds between two looks for workers: one that starts needs some to report."""

log = logging.getLogger("indexer.daemon")


class WatchedQueue:
    """Puts crawls into the workers' queue, and warns once while they wait for want of workers.

    Args:
        put: puts a namespace into the queue; False if it is waiting there already.
        status: the state of the queue; None: it cannot be read.
        clock: the time.
    """

    def __init__(
        self,
        put: Callable[[str, str], bool],
        status: Callable[[], QueueStatus | None],
        clock: Clock,
    ) -> None:
        self._put = put
        self._status = status
        self._clock = clock
        self._looked_at: float | None = None
        self._warned = False

    def __call__(self, registry: str, namespace: str) -> bool:
        """Put a namespace into the queue; False if it is waiting there already."""
        is_new = self._put(registry, namespace)
        if not is_new:
            self._look()
        return is_new

    def _look(self) -> None:
        now = self._clock.monotonic()
        if self._looked_at is None:
            self._looked_at = now  # it was put in at the look before: a worker may take it now
        if now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        try:
            status = self._status()
        except StoreError:
            return  # whoever uses the same database says so
        if status is None or status.workers:
            self._warned = False
        elif not self._warned:
            self._warned = True
            log.warning(
                "crawls wait in the queue, and no worker is running: start 'indexer worker' with "
                "this configuration, or set '[daemon] workers = false' and restart",
                extra={"event": "no workers"},
            )
