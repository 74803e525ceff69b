"""The port for time. The real clock is made in `indexer.bootstrap`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


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
