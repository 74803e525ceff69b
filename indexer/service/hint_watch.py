"""Wakes the daemon when a hook has left a hint: in a thread that does nothing but wait."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.store.coordination.hint_signal import HintSignal

log = logging.getLogger("indexer.daemon")


class HintWatch:
    """Waits for hints until it is stopped.

    Args:
        signal: waits for a hint.
        wake: called for each time that one may have arrived. It raises nothing.
    """

    def __init__(self, signal: HintSignal, wake: Callable[[], None]) -> None:
        self._signal = signal
        self._wake = wake
        self._is_over = threading.Event()

    def start(self) -> None:
        """Wait in a daemon thread, which does not keep the process from ending."""
        threading.Thread(target=self.run, name="hints", daemon=True).start()

    def run(self) -> None:
        """Wait until it is stopped."""
        try:
            while not self._is_over.is_set():
                if self._signal.arrived() and not self._is_over.is_set():
                    self._wake()
        except Exception:
            log.exception("cannot wait for hooks: they are looked for every few seconds instead")
        finally:
            self._signal.close()

    def stop(self) -> None:
        """Wake nobody any more."""
        self._is_over.set()
