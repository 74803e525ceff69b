"""Wakes clients that wait for changes, with one query a second for all of them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from indexer.core.errors import IndexerError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = logging.getLogger("indexer.web")


class Watcher:
    """Knows the number of the last change, at most `every` seconds late.

    Args:
        every: seconds between two questions, while anybody waits.
    """

    def __init__(self, every: float = 1.0) -> None:
        self._every = every
        self._woken = asyncio.Condition()
        self._closing = False
        self._waiting = 0
        self.last = 0

    @property
    def is_closing(self) -> bool:
        """Whether the server is stopping, so that waiting clients must be released."""
        return self._closing

    async def close(self) -> None:
        """Wake all waiting clients because the server stops."""
        async with self._woken:
            self._closing = True
            self._woken.notify_all()

    async def run(self, ask: Callable[[], Awaitable[int]]) -> None:
        """Query the number of the last change until the server stops; retry after errors."""
        while not self._closing:
            if self._waiting:
                with contextlib.suppress(IndexerError):
                    await self._look(await ask())
            await asyncio.sleep(self._every)

    async def _look(self, last: int) -> None:
        if last != self.last:
            async with self._woken:
                self.last = last
                self._woken.notify_all()

    async def beyond(self, number: int, seconds: float) -> bool:
        """Wait for a change after `number`.

        Returns:
            Whether there may be one; False: the time is over, or the server ends.
        """
        self._waiting += 1
        try:
            async with asyncio.timeout(seconds), self._woken:
                await self._woken.wait_for(lambda: self._closing or self.last > number)
        except TimeoutError:
            return False
        finally:
            self._waiting -= 1
        return not self._closing
