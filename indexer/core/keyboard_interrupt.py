"""Ctrl-C that does not break what must be whole.

Python raises `KeyboardInterrupt` wherever the main thread happens to be. Between a database's
BEGIN and the line that would give the connection back it leaves the writer's lock with nobody,
and the crawl could not even write down any more that it was interrupted.
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
    """How many parts that must be whole the main thread is in."""
    asked: bool = False
    """Somebody asked to stop meanwhile."""


_state = _State()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    if _state.depth and not _state.asked:  # who asks twice does not want to wait
        _state.asked = True
        return
    raise KeyboardInterrupt


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end what is inside, but for its `whole` parts."""
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
    """Let what is inside come to its end before it is interrupted; only who asks twice breaks it.

    Raises:
        KeyboardInterrupt: at the end, if somebody asked to stop meanwhile.
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
