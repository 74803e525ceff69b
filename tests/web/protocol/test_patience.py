"""Clients that read too slowly lose their connection, and no other client waits for them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from indexer.web.protocol.patience import HEAD_SECONDS, LEAST_READ_BYTES, STUCK_SECONDS, Patient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Timers:
    """The part of an event loop that calls later: the test says when."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.waiting: dict[float, Callable[[], None]] = {}

    def call_later(self, seconds: float, function: Callable[..., None], *args: object) -> Any:
        self.waiting[seconds] = lambda: function(*args)
        timer = self.loop.call_later(3_600, function)
        cancel = timer.cancel

        class Timer:
            def cancel(_) -> None:  # noqa: N805 - the outer one is meant by self
                self.waiting.pop(seconds, None)
                cancel()

        return Timer()

    def ring(self, seconds: float) -> None:
        """What waits for this long is called."""
        self.waiting.pop(seconds)()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loop, name)


class Unread(asyncio.Transport):
    """A connection with an answer that waits to be read."""

    def __init__(self) -> None:
        super().__init__()
        self.unread = 1_000_000
        self.is_aborted = False

    def get_write_buffer_size(self) -> int:
        return self.unread

    def close(self) -> None:
        """Nothing waits for it."""

    def abort(self) -> None:
        self.is_aborted = True

    def is_closing(self) -> bool:
        return self.is_aborted


@pytest.fixture
def connection() -> Iterator[tuple[Patient, Unread, Timers]]:
    loop = asyncio.new_event_loop()
    timers = Timers(loop)

    async def nothing(_scope: object, _receive: object, _send: object) -> None: ...

    config = uvicorn.Config(nothing, log_config=None)
    config.load()
    state = ServerState()
    protocol = Patient(config, state, {}, timers)  # type: ignore[arg-type] # the part that it uses
    transport = Unread()
    protocol.connection_made(transport)
    yield protocol, transport, timers
    loop.close()


def test_who_reads_nothing_loses_the_connection(
    connection: tuple[Patient, Unread, Timers],
) -> None:
    protocol, transport, timers = connection
    assert set(timers.waiting) == {HEAD_SECONDS}
    protocol.pause_writing()
    transport.unread -= LEAST_READ_BYTES - 1
    timers.ring(STUCK_SECONDS)
    assert transport.is_aborted


def test_who_reads_slowly_keeps_it(connection: tuple[Patient, Unread, Timers]) -> None:
    protocol, transport, timers = connection
    protocol.pause_writing()
    for _ in range(30):
        transport.unread -= LEAST_READ_BYTES
        timers.ring(STUCK_SECONDS)
    assert not transport.is_aborted
    protocol.resume_writing()
    assert STUCK_SECONDS not in timers.waiting


def test_a_lost_connection_is_not_watched(connection: tuple[Patient, Unread, Timers]) -> None:
    protocol, _, timers = connection
    protocol.pause_writing()
    protocol.connection_lost(None)
    assert timers.waiting == {}
