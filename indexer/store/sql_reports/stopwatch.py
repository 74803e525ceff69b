"""The time limit of a statement."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from indexer.core.errors import Limited

if TYPE_CHECKING:
    from collections.abc import Iterator


class Stopwatch:
    """Counts the time in which the database works, not the time in which the caller reads rows.

    Args:
        seconds: the limit.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._left = seconds
        self._since: float | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count inside the block.

        Raises:
            Limited: no time was left at its beginning.
        """
        if self._left <= 0:
            raise self.limited()
        self._since = time.monotonic()
        try:
            yield
        finally:
            self._left -= time.monotonic() - self._since
            self._since = None

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return self.left <= 0

    @property
    def left(self) -> float:
        """Seconds."""
        passed = 0.0 if self._since is None else time.monotonic() - self._since
        return self._left - passed

    def limited(self) -> Limited:
        """The error for a limit that was reached."""
        return Limited(
            f"the question took longer than {self._seconds:g} seconds and was stopped: ask for "
            "less, or allow more with --timeout."
        )
