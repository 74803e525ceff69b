"""Signals as messages: they are read from a socket, so that no handler interrupts the program."""

from __future__ import annotations

import contextlib
import signal
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

STOPPING = frozenset({signal.SIGTERM, signal.SIGINT})
RELOADING = frozenset({signal.SIGHUP})


class SignalInbox:
    """The signals that have arrived; read it in the main thread."""

    def __init__(self, pipe: socket.socket) -> None:
        self._pipe = pipe

    def wait(self) -> frozenset[int]:
        """Wait for signals, and return the numbers of those that arrived."""
        return frozenset(self._pipe.recv(1_024))


@contextlib.contextmanager
def signal_inbox() -> Iterator[SignalInbox]:
    """Receive SIGTERM, SIGINT and SIGHUP as messages, inside the block."""
    ours, theirs = socket.socketpair()
    theirs.settimeout(0)  # set_wakeup_fd needs a non-blocking socket
    wanted = STOPPING | RELOADING
    before = {number: signal.signal(number, lambda *_: None) for number in wanted}
    descriptor = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    try:
        yield SignalInbox(ours)
    finally:
        signal.set_wakeup_fd(descriptor)
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        ours.close()
        theirs.close()
