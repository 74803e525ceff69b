"""Sends an answer: whole, in part, late, or not at all."""

from __future__ import annotations

import select
import socket
import struct
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexer.hub_simulator.http import Answer

PATIENCE_SECONDS = 30.0
"""Seconds after which a stall ends by itself, so that no test hangs."""

BEFORE = -1.0
"""The place of a pause before anything is sent."""

ABORT = struct.pack("ii", 1, 0)
"""SO_LINGER for a close that resets the connection instead of ending it."""


@dataclass(frozen=True, slots=True)
class ResponseDelivery:
    """How an answer is sent.

    Attributes:
        answer: the answer.
        keep: the share of the body that is sent before the connection is closed; None: all of it.
        abort: end the connection with a reset. Without `keep` nothing is sent.
        pauses: where to pause, as shares of the body sent before; `BEFORE` is before the head.
        seconds: how long a pause lasts unless it is released.
    """

    answer: Answer
    keep: float | None = None
    abort: bool = False
    pauses: tuple[float, ...] = ()
    seconds: float = PATIENCE_SECONDS

    def sent(self, *, head_only: bool) -> int:
        """How many bytes of the body are sent."""
        if head_only or (self.abort and self.keep is None):
            return 0
        whole = len(self.answer.body)
        return whole if self.keep is None else int(whole * self.keep)


class Gate:
    """Where deliveries pause until a test releases them. Safe to use from threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: set[socket.socket] = set()
        self._is_open = False

    @property
    def waiting(self) -> int:
        """How many deliveries are paused now."""
        with self._changed:
            return len(self._waiting)

    def wait_for(self, number: int, seconds: float = PATIENCE_SECONDS) -> bool:
        """Wait until at least `number` deliveries are paused; False if that takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._waiting) >= number, seconds)

    def wait_for_none(self, seconds: float = PATIENCE_SECONDS) -> bool:
        """Wait until no delivery is paused; False if that takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting, seconds)

    def release(self, *, for_ever: bool = False) -> None:
        """Release all paused deliveries; `for_ever`: later ones too."""
        with self._changed:
            self._is_open = self._is_open or for_ever
            for bell in self._waiting:
                bell.send(b"!")

    def pause(self, client: socket.socket, seconds: float) -> bool:
        """Pause a delivery.

        Returns:
            Whether it was released; False if the client left or sent something, or time was up.
        """
        bell, handle = socket.socketpair()
        with bell, handle:
            with self._changed:
                if self._is_open:
                    return True
                self._waiting.add(bell)
                self._changed.notify_all()
            ready, _, _ = select.select([handle, client], [], [], seconds)
            with self._changed:
                self._waiting.discard(bell)
                self._changed.notify_all()
            return handle in ready


def deliver(
    delivery: ResponseDelivery, client: socket.socket, gate: Gate, *, head_only: bool
) -> bool:
    """Send an answer as its delivery says.

    Args:
        delivery: the answer, and how it is sent.
        client: the connection.
        gate: where it pauses.
        head_only: send no body, as for `HEAD`.

    Returns:
        Whether the connection can be used again.

    Raises:
        OSError: the client has closed the connection.
    """
    breaks = delivery.abort or delivery.keep is not None
    length = delivery.sent(head_only=head_only)
    head, body = delivery.answer.head(closes=False), delivery.answer.body[:length]
    pauses = list(delivery.pauses)
    released = False
    if pauses and pauses[0] == BEFORE:
        pauses.pop(0)
        released = gate.pause(client, delivery.seconds)
    if not (delivery.abort and delivery.keep is None):
        position = 0
        for share in pauses:
            until = int(length * share)
            client.sendall(head + body[position:until])
            head, position = b"", until
            released = released or gate.pause(client, delivery.seconds)
        client.sendall(head + body[position:])
    if delivery.abort:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
    return not breaks
