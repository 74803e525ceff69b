"""The ports of notifying: a channel that sends, and an outbox that knows what to send.

Every sink has its own cursor in the change log, whose ids grow in the order of commits. The cursor
never passes what the policies in force have judged, so that a violation is known before its change
is sent.

Delivery is at least once: a message is stored, sent, then recorded as sent. So if it is sent a
second time, because the receiver failed or the process died before it was recorded, it is the same
message with the same id, whatever has changed since: also if its changes were pruned or forgotten.
The end of a batch is recorded too, so that what happens meanwhile gets messages of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from indexer.core.model import ChangeKind
    from indexer.notify.event import Event, HiddenRepositories
    from indexer.notify.message import BegunMessage, Message


class Channel(Protocol):
    """Sends messages to one place. Safe to call from threads; each call is bounded in time."""

    @property
    def lists(self) -> bool:
        """Whether a program reads the messages: then a summary holds its changes in full."""

    def send(self, message: Message, now: datetime) -> str:
        """Send one message.

        Returns:
            What the receiver answered, in words.

        Raises:
            NotDelivered: it was not delivered, or it is unknown whether it was.
            ConfigError: it cannot be sent with this configuration.
        """


class Judged(NamedTuple):
    """How much of the change log may be sent.

    Attributes:
        until: the last change that every policy in force has judged.
        waits_for: the names of the policies that have not judged the rest.
    """

    until: int
    waits_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SinkState:
    """The progress of a sink.

    Attributes:
        name: as in the configuration.
        cursor: the last change that was sent or skipped.
        hidden_cursor: the same for what became hidden: a number of the change log's sequence.
        batch_until: where the batch ends that is being sent; the cursor if none is being sent.
        started_at: when the sink was first used.
        sent_at: when a message was last delivered.
        sent: messages delivered in all.
        failures: tries in a row that failed.
        retry_at: it is not retried before this time.
        error: what went wrong last; empty after a success.
        begun: the message that was stored and not yet recorded as sent.
    """

    name: str
    cursor: int
    batch_until: int
    started_at: datetime
    hidden_cursor: int = 0
    sent_at: datetime | None = None
    sent: int = 0
    failures: int = 0
    retry_at: datetime | None = None
    error: str = ""
    begun: BegunMessage | None = None


class Outbox(Protocol):
    """What is to be sent to which sink. Safe to call from threads. All may raise `StoreError`."""

    def last_change(self) -> int:
        """The number of the last change; 0 if there is none."""

    def judged(self, now: datetime) -> Judged:
        """How far the policies in force have judged; without any: to the end of the log."""

    def last_before(self, moment: datetime) -> int:
        """The number of the last change that was observed before a time; 0 if none was."""

    def events(
        self, after: int, until: int, kinds: frozenset[ChangeKind] = frozenset()
    ) -> Iterator[Event]:
        """Stream the changes after a number up to another, oldest first, baselines left out."""

    def hidden(self, after: int, until: int) -> Sequence[HiddenRepositories]:
        """What became hidden after one number of the log up to another, by crawl, oldest first."""

    def told_hidden(self, sink: str, cursor: int, now: datetime) -> None:
        """Record that a message was delivered that covers what became hidden up to `cursor`."""

    def passed_hidden(self, sink: str, cursor: int) -> None:
        """Record that what became hidden up to `cursor` needs no message to this sink."""

    def sinks(self) -> Sequence[SinkState]:
        """Every sink that was ever used, by name."""

    def start(self, sink: str, cursor: int, now: datetime) -> SinkState:
        """A sink's state; a new one begins after `cursor`."""

    def used(self, sinks: Sequence[str], now: datetime) -> None:
        """Record that sinks are in use, so that what is still to be sent to them is not pruned."""

    def forget(self, sink: str) -> bool:
        """Delete a sink's cursor, so that nothing waits for it; False: there was none."""

    def restart(self, sink: str, cursor: int, now: datetime) -> SinkState:
        """Set a sink's cursor, also backwards: what follows is sent again, as new messages."""

    def alone(self, sink: str) -> AbstractContextManager[bool]:
        """Lock a sink against every other process; False: another process holds it."""

    def open_batch(self, sink: str, until: int) -> None:
        """Record that the changes after the cursor up to `until` are being sent."""

    def store(self, sink: str, begun: BegunMessage | None) -> None:
        """Store a message before it is sent, until it is recorded as sent; None: drop it."""

    def sent(self, sink: str, cursor: int, now: datetime) -> None:
        """Record that a message was delivered that covers the changes up to `cursor`."""

    def passed(self, sink: str, cursor: int) -> None:
        """Record that the changes up to `cursor` need no message to this sink."""

    def failed(self, sink: str, error: str, retry_at: datetime) -> None:
        """Record that a message could not be delivered."""
