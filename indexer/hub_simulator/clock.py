"""The simulator's time: it stands still until it is told to move."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""Where a simulated clock starts: an arbitrary Monday morning, the same in every run."""


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
    """The real time, plus whatever it was advanced by: for processes that nobody moves by hand."""

    def __init__(self) -> None:
        super().__init__(datetime.now(UTC))
        self._offset = timedelta()

    def now(self) -> datetime:
        """The real time and the offset together."""
        return datetime.now(UTC) + self._offset

    def advance(self, seconds: float) -> datetime:
        """Run `seconds` ahead of the real time from now on."""
        with self._lock:
            self._offset += timedelta(seconds=seconds)
        return self.now()
