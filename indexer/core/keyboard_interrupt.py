"""Delays Ctrl-C while a section runs that must not be interrupted.

Python raises `KeyboardInterrupt` wherever the main thread happens to be. Raised between a
database's BEGIN and the line that returns the connection, it would leave the write lock taken, and
the crawl could not even record that it was interrupted.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

INTERRUPTED = 130
"""128 + SIGINT: the exit code that shells expect."""


@dataclass
class _State:
    depth: int = 0
    """How many nested uninterruptible sections the main thread is in."""
    asked: bool = False
    """A stop was requested while in such a section."""


_state = _State()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    if _state.depth and not _state.asked:  # a second Ctrl-C interrupts at once
        _state.asked = True
        return
    raise KeyboardInterrupt


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the block, except inside its `whole` sections."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [signal.SIGTERM]
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not under nohup
        numbers.append(signal.SIGINT)
    before = {number: signal.signal(number, _interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def whole() -> Iterator[None]:
    """Delay Ctrl-C and SIGTERM until the block has ended; a second one interrupts it.

    Raises:
        KeyboardInterrupt: at the end of the block, if a stop was requested meanwhile.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread only
        return
    _state.depth += 1
    try:
        yield
    finally:
        _state.depth -= 1
        if _state.asked and not _state.depth:
            _state.asked = False
            raise KeyboardInterrupt
