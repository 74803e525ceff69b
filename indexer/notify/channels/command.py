"""Runs a program with a message as JSON on its standard input; no shell, with a time limit."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from typing import IO, TYPE_CHECKING

from indexer.core.errors import NotDelivered
from indexer.core.keyboard_interrupt import whole
from indexer.core.printable import shown
from indexer.notify.channels.cloudevent import envelope
from indexer.notify.ports import Channel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from indexer.notify.message import Message


class Command(Channel):
    """A program that is run once for each message; exit code 0 means that it took the message.

    Its standard error goes to ours; its standard output is discarded.

    Args:
        sink: its name, for the message's source.
        words: the program and its arguments.
        timeout: seconds after which the program and everything that it started are killed.
    """

    def __init__(self, sink: str, words: Sequence[str], *, timeout: float = 30.0) -> None:
        self._sink = sink
        self._words = list(words)
        self._timeout = timeout

    @property
    def lists(self) -> bool:
        """See `Channel`."""
        return True

    def send(self, message: Message, now: datetime) -> str:
        """See `Channel`."""
        del now
        name = shown(os.path.basename(self._words[0]), 60)  # noqa: PTH119 - it need not be a path
        with tempfile.TemporaryFile() as file:  # a pipe would block if the program does not read
            file.write(envelope(message, self._sink))
            file.seek(0)
            code = self._ended(file, name)
        if code:
            how = f"was killed by signal {-code}" if code < 0 else f"ended with {code}"
            raise NotDelivered(f"the command '{name}' {how}.")
        return f"'{name}' ended with 0"

    def _ended(self, message: IO[bytes], name: str) -> int:
        """Run the program; its exit code.

        Over its time limit it is killed, with all that it started; so it is when we are
        interrupted, at whatever moment: until it is known here, a stop waits.
        """
        process = None
        try:
            with whole():
                process = subprocess.Popen(  # noqa: S603 - the words are the configuration's
                    self._words,
                    stdin=message,
                    stdout=subprocess.DEVNULL,
                    start_new_session=True,
                )
            return process.wait(self._timeout)
        except OSError as error:
            why = error.strerror or "it cannot be started"
            raise NotDelivered(f"the command '{name}' cannot be run: {why}.") from None
        except subprocess.TimeoutExpired:
            raise NotDelivered(
                f"the command '{name}' did not end within {self._timeout:g} seconds and was killed."
            ) from None
        finally:
            if process is not None and process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
