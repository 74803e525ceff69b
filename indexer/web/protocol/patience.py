"""Time limits of a connection, for clients that send or read too slowly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

    from uvicorn.protocols.http.h11_impl import RequestResponseCycle

HEAD_SECONDS = 15.0
"""How long the head of a request may take to arrive."""

LEAST_READ_BYTES = 16 * 1_024
"""What a client must read of an answer in each `STUCK_SECONDS`."""

STUCK_SECONDS = 20.0


class Patient(H11Protocol):
    """HTTP/1.1 with time limits, so that no client holds a connection for ever.

    The head of a request must arrive within `HEAD_SECONDS`, and an answer must be read at
    `LEAST_READ_BYTES` in each `STUCK_SECONDS`. A connection that is only closed would stay open
    until its client has read the rest.
    """

    _deadline: asyncio.TimerHandle | None = None
    _reading: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as there
        """See asyncio."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """See asyncio."""
        super().data_received(data)
        if self._is_answering():
            self._stop_waiting()
        elif self._deadline is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio."""
        self._stop_waiting()
        self._stop_watching()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """See asyncio: more waits to be read than the system keeps."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """See asyncio."""
        super().resume_writing()
        self._stop_watching()

    def _watch(self) -> None:
        unread = self.transport.get_write_buffer_size()
        self._reading = self.loop.call_later(STUCK_SECONDS, self._check_reading, unread)

    def _check_reading(self, unread: int) -> None:
        self._reading = None
        if unread - self.transport.get_write_buffer_size() < LEAST_READ_BYTES:
            self.transport.abort()
        else:
            self._watch()

    def _stop_watching(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # uvicorn says it is never None
        return cycle is not None and not cycle.response_complete

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if not self._is_answering() and not self.transport.is_closing():
            self.transport.close()
