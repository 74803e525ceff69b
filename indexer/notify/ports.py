"""What telling people asks of the world: a notifier that sends, and an outbox that remembers.

Every sink has a cursor of its own on the change log, whose numbers grow in the order of commits. It
never passes what the policies in force have judged, so that a violation is known before its change
is told.

Delivery is at least once: a message is sent, and then recorded as sent. Before the first message
of a batch is sent, the batch's end is recorded, so that after a death between sending and
recording the same messages with the same ids are sent again, whatever has happened since.
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
    from indexer.notify.message import Message


class Channel(Protocol):
    """Sends messages to one place. Safe to call from threads; each call is bounded in time."""

    @property
    def lists(self) -> bool:
        """Whether a program reads it, which wants the changes themselves in a summary."""

    def send(self, message: Message, now: datetime) -> str:
        """Send one message.

        Returns:
            What came back, in words.

        Raises:
            NotDelivered: it was not taken, or nobody knows.
            ConfigError: it cannot be sent as it is configured.
        """


class Judged(NamedTuple):
    """How much of the change log may be told.

    Attributes:
        until: the last change that every policy in force has judged.
        waits_for: the policies that have not judged the rest, by name.
    """

    until: int
    waits_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SinkState:
    """How far a sink has come.

    Attributes:
        name: as in the configuration.
        cursor: the last change that was dealt with here.
        hidden_cursor: the last number up to which it was told what became hidden.
        batch_after: where the batch began that is being sent;
        batch_until: where it ends. Both equal the cursor where there is none.
        started_at: when the sink was first seen.
        sent_at: when a message was last taken.
        sent: messages taken in all.
        failures: tries in a row that failed.
        retry_at: not before this is it tried again.
        error: what went wrong last; empty while all is well.
    """

    name: str
    cursor: int
    batch_after: int
    batch_until: int
    started_at: datetime
    hidden_cursor: int = 0
    sent_at: datetime | None = None
    sent: int = 0
    failures: int = 0
    retry_at: datetime | None = None
    error: str = ""


class Outbox(Protocol):
    """What is told to whom. Safe to call from threads. All may raise `StoreError`."""

    def last_change(self) -> int:
        """The number of the last change; 0 if there is none."""

    def judged(self, now: datetime) -> Judged:
        """How far the policies in force have judged: all there is if there are none."""

    def last_before(self, moment: datetime) -> int:
        """The number of the last change that was observed before a time; 0 if none was."""

    def events(
        self, after: int, until: int, kinds: frozenset[ChangeKind] = frozenset()
    ) -> Iterator[Event]:
        """Changes after a number up to another, oldest first, baselines left out; they stream."""

    def hidden(self, after: int, until: int) -> Sequence[HiddenRepositories]:
        """What became hidden after one number of the log up to another, by crawl, oldest first."""

    def told_hidden(self, sink: str, cursor: int, now: datetime) -> None:
        """Record that a message was taken, which tells what became hidden up to `cursor`."""

    def passed_hidden(self, sink: str, cursor: int) -> None:
        """Record that nothing that became hidden is left to be told up to `cursor`."""

    def sinks(self) -> Sequence[SinkState]:
        """Every sink that was ever seen, by name."""

    def start(self, sink: str, cursor: int, now: datetime) -> SinkState:
        """A sink's state; one that was never seen begins after `cursor`."""

    def used(self, sinks: Sequence[str], now: datetime) -> None:
        """Note that sinks are used, so that what they have still to be told is not pruned."""

    def forget(self, sink: str) -> bool:
        """Take a sink's cursor away, so that nobody waits for it; False: there was none."""

    def restart(self, sink: str, cursor: int, now: datetime) -> SinkState:
        """Set a sink's cursor, be it back: what is after it is told again."""

    def alone(self, sink: str) -> AbstractContextManager[bool]:
        """Hold a sink against every other process; False: somebody else has it."""

    def open_batch(self, sink: str, until: int) -> None:
        """Record that the changes after the cursor up to `until` are being sent."""

    def sent(self, sink: str, cursor: int, now: datetime) -> None:
        """Record that a message was taken, which tells the changes up to `cursor`."""

    def passed(self, sink: str, cursor: int) -> None:
        """Record that nothing is left to be told up to `cursor`."""

    def failed(self, sink: str, error: str, retry_at: datetime) -> None:
        """Record that a message was not taken."""
