"""The simulator's time, which moves only when told to."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""The start of a simulated clock: an arbitrary Monday morning, the same in every run."""


class Clock:
    """A clock that tests move. Safe to use from threads."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The simulated time: aware, UTC."""
        return self._now

    def advance(self, seconds: float) -> datetime:
        """Let `seconds` pass (backwards if negative) and return the new time."""
        with self._lock:
            self._now += timedelta(seconds=seconds)
            return self._now


class WallClock(Clock):
    """The real time plus an offset, for simulators that run in a process of their own."""

    def __init__(self) -> None:
        super().__init__(datetime.now(UTC))
        self._offset = timedelta()

    def now(self) -> datetime:
        """The real time plus the offset."""
        return datetime.now(UTC) + self._offset

    def advance(self, seconds: float) -> datetime:
        """Add `seconds` to the offset, and return the new time."""
        with self._lock:
            self._offset += timedelta(seconds=seconds)
        return self.now()
