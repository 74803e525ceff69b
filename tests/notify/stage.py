"""A clock that tests own, and notifiers that keep, refuse and hang."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from indexer.core.clock import Clock
from indexer.core.errors import NotDelivered
from indexer.notify.ports import Channel
from tests.store.scribe import START

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from indexer.notify.message import Message


@dataclass
class FakeClock(Clock):
    """Time passes only where a test says so."""

    time: datetime = START + timedelta(days=1)

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    def wait(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def passes(self, **spans: float) -> None:
        self.time += timedelta(**spans)


@dataclass
class Keeps(Channel):
    """Keeps what it is sent; `fails` is the sentence that it fails with, while there is one."""

    lists: bool = True
    fails: str = ""
    wait: float = 0.0
    messages: list[Message] = field(default_factory=list)
    before: Callable[[Message], None] = lambda _message: None

    def send(self, message: Message, now: datetime) -> str:
        del now
        self.before(message)
        if self.fails:
            raise NotDelivered(self.fails, self.wait)
        self.messages.append(message)
        return "kept"

    @property
    def titles(self) -> list[str]:
        return [message.title for message in self.messages]
