"""Sinks, the results of notifying them, and the queue of the workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from indexer.core.model import Time  # noqa: TC001 - msgspec reads annotations

if TYPE_CHECKING:
    from typing import Self

    from indexer.crawl.sharding import QueueStatus
    from indexer.notify.delivery import DeliveryOutcome
    from indexer.notify.ports import SinkState


class SinkTest(Struct, frozen=True):
    """The result of sending one test message to a sink.

    Attributes:
        type: the type of the message.
        taken: whether the sink accepted it.
        answer: what the sink answered, or why it failed.
    """

    type: str
    taken: bool
    answer: str


class SinkStatus(Struct, frozen=True):
    """The state of a sink. `backlog` is None if the sink is no longer configured.

    Attributes:
        waits_for: the policies in force that have not evaluated all that it has not been told yet.
    """

    sink: str
    configured: bool
    backlog: int | None
    cursor: int
    started_at: Time
    sent_at: Time | None
    sent: int
    failures: int
    retry_at: Time | None
    error: str | None
    waits_for: tuple[str, ...]

    @classmethod
    def of(cls, item: SinkState, backlog: int | None, waits_for: tuple[str, ...]) -> Self:
        """The record of a sink. `backlog` is how many changes it has not been told yet."""
        return cls(
            sink=item.name,
            configured=backlog is not None,
            backlog=backlog,
            cursor=item.cursor,
            started_at=item.started_at,
            sent_at=item.sent_at,
            sent=item.sent,
            failures=item.failures,
            retry_at=item.retry_at,
            error=item.error or None,
            waits_for=waits_for,
        )


class SinkOutcome(Struct, frozen=True):
    """The result of notifying one sink."""

    sink: str
    new: bool
    messages: int
    changes: int
    held: str | None
    error: str | None

    @classmethod
    def of(cls, item: DeliveryOutcome, *, new: bool) -> Self:
        """The record of a result. `new`: this was the first time for this sink."""
        return cls(
            item.sink, new, item.messages, item.changes, item.held or None, item.error or None
        )


class GivenUp(Struct, frozen=True):
    """How many jobs of a namespace were given up after the last try."""

    registry: str
    namespace: str
    jobs: int


class Queue(Struct, frozen=True):
    """The state of the workers' queue."""

    workers: int
    waiting: int
    doing: int
    again: int
    given_up: tuple[GivenUp, ...]
    daemons: int

    @classmethod
    def of(cls, item: QueueStatus) -> Self:
        """The record of a queue."""
        return cls(
            workers=item.workers,
            waiting=item.waiting,
            doing=item.doing,
            again=item.again,
            given_up=tuple(GivenUp(*each) for each in item.given_up),
            daemons=item.daemons,
        )
