"""The port for time. The real clock is made in `indexer.bootstrap`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

CLOCKS_DIFFER = timedelta(minutes=5)
"""How much the clocks of machines that share an index may differ."""


def is_believed(stored: datetime, now: datetime) -> bool:
    """Whether a stored time of something past may be right.

    A time that is still to come was stored by a wrong clock, or is read by one: nothing is derived
    from it, and what depends on it is due.
    """
    return stored <= now + CLOCKS_DIFFER


class Clock(Protocol):
    """Reads the time and waits. All waiting goes through it, so tests need not sleep."""

    def now(self) -> datetime:
        """The wall clock: aware, UTC."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start that never run backwards."""

    def wait(self, seconds: float) -> None:
        """Let `seconds` pass.

        Raises:
            KeyboardInterrupt: the program was asked to stop meanwhile.
        """
