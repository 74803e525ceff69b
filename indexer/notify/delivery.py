"""Sends changes to sinks, at least once, in order; no sink delays another.

The way of the data:

    outbox.judged    -> how far the policies in force have judged: no sink passes that
    outbox.events    -> the changes after a sink's cursor
    sink.wants       -> those that it wants                             (indexer.notify.sink)
    message_groups   -> which get a message each, which a summary       (indexer.notify.batching)
    composer.message -> title, text, data                               (indexer.notify.composer)
    outbox.store     -> the message is stored: if it is sent again, it is the same
    channel.send     -> the message is sent
    outbox.sent      -> the cursor is moved
    outbox.hidden    -> what became hidden, by crawl, with a cursor of its own

A sink that fails is retried after a pause that doubles each time, and keeps its cursor: what
happened meanwhile is sent as a summary once it works again, and nothing is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from indexer.core.errors import ConfigError, NotDelivered
from indexer.core.humanize import count
from indexer.core.printable import shown
from indexer.core.thread_pool import in_threads
from indexer.notify.batching import Gathered, message_groups
from indexer.notify.composer import Composer
from indexer.notify.hidden_message import HIDDEN, hidden_message
from indexer.notify.message import BegunMessage

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from indexer.core.clock import Clock
    from indexer.notify.links import Links
    from indexer.notify.message import Message
    from indexer.notify.ports import Channel, Outbox, SinkState
    from indexer.notify.sink import Sink

FIRST_PAUSE = timedelta(minutes=1)
"""The pause after the first failure; it doubles with each further one."""

LONGEST_PAUSE = timedelta(hours=1)

MOST_PATIENCE = timedelta(days=1)
"""The longest pause, whatever a receiver asks for."""

MOST_THREADS = 6
"""Sinks that are served at the same time; each needs two connections to the database."""

_MOST_BACKLOG = 100_000
"""The most changes of one sink that are read to count its backlog."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A sink, and the channel for its messages."""

    sink: Sink
    notifier: Channel


@dataclass(slots=True)
class DeliveryOutcome:
    """The result of delivering to one sink.

    Attributes:
        sink: its name.
        messages: how many were delivered.
        changes: how many changes they cover.
        held: why nothing more is sent now, in words; empty if everything was sent.
        has_failed: it is held until its next try, because the last one failed.
        error: what went wrong.
        problems: with its templates.
    """

    sink: str
    messages: int = 0
    changes: int = 0
    held: str = ""
    has_failed: bool = False
    error: str = ""
    problems: list[str] = field(default_factory=list)


def register(
    outbox: Outbox, sinks: Sequence[Sink], now: datetime, cursor: int | None = None
) -> list[str]:
    """Give new sinks a cursor, at the end of the log or at `cursor`; mark all of them as used.

    Returns:
        The names of the new ones.
    """
    known = {state.name for state in outbox.sinks()}
    start = outbox.last_change() if cursor is None else cursor
    new = [sink.name for sink in sinks if sink.name not in known]
    for name in new:
        outbox.start(name, start, now)
    outbox.used([sink.name for sink in sinks], now)
    return new


def deliver(
    outbox: Outbox,
    addresses: Sequence[Recipient],
    clock: Clock,
    links: Links,
    *,
    impatient: bool = False,
    judges: Collection[str] = (),
) -> list[DeliveryOutcome]:
    """Send every sink what it has not been sent yet, as far as every policy in force has judged.

    Args:
        outbox: what there is to send, and each sink's cursor; the sinks must be registered.
        addresses: the sinks and their channels.
        clock: the time.
        links: what links and commands in messages begin with.
        impatient: retry sinks that failed a short while ago, too.
        judges: the policies that this process evaluates: what they have not judged yet is judged
            the next time, so it is not reported as waiting for another process.

    Returns:
        The outcome for each, in the order of `addresses`.
    """
    judged = outbox.judged(clock.now())
    others = [name for name in judged.waits_for if name not in judges]

    def work(address: Recipient) -> DeliveryOutcome:
        delivery = _Delivery(outbox, address, clock, links)
        with outbox.alone(address.sink.name) as is_alone:
            if not is_alone:
                return DeliveryOutcome(address.sink.name, held="another process is sending to it")
            outcome = delivery.run(judged.until, impatient=impatient)
        if others and not (outcome.held or outcome.error):
            outcome.held = waits_for(others, links.command)
        return outcome

    outcomes: dict[str, DeliveryOutcome] = {}
    width = min(len(addresses), MOST_THREADS)
    for address, outcome in in_threads(addresses, work, width):
        if isinstance(outcome, BaseException):
            raise outcome
        outcomes[address.sink.name] = outcome
    return [outcomes[address.sink.name] for address in addresses]


def sink_backlog(outbox: Outbox, sink: Sink, state: SinkState) -> int:
    """How many changes, and repositories that became hidden, are still to be sent to a sink."""
    last = outbox.last_change()
    until = min(last, state.cursor + _MOST_BACKLOG)
    events = outbox.events(state.cursor, until, sink.kinds)
    hidden = outbox.hidden(state.hidden_cursor, min(last, state.hidden_cursor + _MOST_BACKLOG))
    waiting = sum(1 for item in events if sink.wants(item)) + sum(
        sink.wants_hidden(found.registry, each) for found in hidden for each in found.repositories
    )
    return waiting or int(state.begun is not None)  # its changes may be pruned or forgotten


def pause(failures: int, wait: float) -> timedelta:
    """The pause after a failure.

    Args:
        failures: in a row, this one included.
        wait: seconds that the receiver asks for.
    """
    own: timedelta = FIRST_PAUSE * 2 ** min(failures - 1, 10)
    return min(max(min(own, LONGEST_PAUSE), timedelta(seconds=wait)), MOST_PATIENCE)


def waits_for(policies: Sequence[str], command: str) -> str:
    """Why not everything is sent: policies that this process does not evaluate; and the remedy."""
    names = ", ".join(f"'{shown(name)}'" for name in policies)
    which, them = ("the policy", "it") if len(policies) == 1 else ("the policies", "them")
    return (
        f"it waits for a process that evaluates {which} {names}: if none is configured with "
        f"{them} any more, run '{command} violations --forget NAME'"
    )


class _Delivery:
    """Delivery to one sink, while this process holds its lock."""

    def __init__(self, outbox: Outbox, address: Recipient, clock: Clock, links: Links) -> None:
        self._outbox = outbox
        self._sink = address.sink
        self._notifier = address.notifier
        self._clock = clock
        self._links = links
        self._composer = Composer(address.sink, links)
        self._outcome = DeliveryOutcome(address.sink.name)

    def run(self, until: int, *, impatient: bool) -> DeliveryOutcome:
        """Send one batch after the other."""
        now = self._clock.now()
        state = self._outbox.start(self._sink.name, until, now)
        if (reason := self._reason_to_wait(state, now, impatient=impatient)) is not None:
            is_behind = state.begun or min(state.cursor, state.hidden_cursor) < until
            if is_behind and sink_backlog(self._outbox, self._sink, state):
                self._outcome.held = reason
                self._outcome.has_failed = self._sink.quiet.until(now) is None
            return self._outcome
        if self._finish_begun(state):
            state = self._outbox.start(self._sink.name, until, now)
            while state.cursor < until and not self._outcome.error:
                self._send_batch(state, until)
                state = self._outbox.start(self._sink.name, until, now)
            if not self._outcome.error:
                self._send_hidden(state, until)
        self._outcome.problems = self._composer.problems
        return self._outcome

    def _finish_begun(self, state: SinkState) -> bool:
        """Send the message again that an earlier try has begun; False: it failed again.

        If the sink has other templates now, it is composed again instead.
        """
        begun = state.begun
        if begun is None:
            return True
        if begun.templates != self._composer.templates:
            self._outbox.store(self._sink.name, None)
            return True
        return self._send(begun.message, state.failures)

    def _reason_to_wait(self, state: SinkState, now: datetime, *, impatient: bool) -> str | None:
        if (quiet := self._sink.quiet.until(now)) is not None:
            return f"it is quiet until {quiet:%Y-%m-%d %H:%M} UTC"
        wait = state.retry_at - now if state.retry_at is not None else timedelta(0)
        # A longer wait than the longest pause was noted by a wrong clock.
        if timedelta(0) < wait <= MOST_PATIENCE and not impatient:
            return (
                f"it failed {count(state.failures, 'time')} and is tried again at "
                f"{now + wait:%Y-%m-%d %H:%M:%S} UTC: {state.error.removesuffix('.')}"
            )
        return None

    def _send_batch(self, state: SinkState, until: int) -> None:
        """Send the rest of a batch that was begun, or a new batch with all that there is."""
        name = self._sink.name
        is_begun = state.batch_until > state.cursor
        end = state.batch_until if is_begun else until
        gathered = Gathered()
        for item in self._outbox.events(state.cursor, end, self._sink.kinds):
            if self._sink.wants(item):
                gathered.add(item)
        if gathered.listed and not is_begun:
            self._outbox.open_batch(name, end)
        failures = state.failures
        for group in message_groups(gathered, burst=self._sink.burst, lists=self._notifier.lists):
            if not self._begin(self._composer.message(group), failures):
                return
            failures = 0
        self._outbox.passed(name, end)

    def _send_hidden(self, state: SinkState, until: int) -> None:
        """Send what became hidden: one message for each crawl that found some."""
        name = self._sink.name
        failures = state.failures
        for found in self._outbox.hidden(state.hidden_cursor, until):
            wanted = [
                each for each in found.repositories if self._sink.wants_hidden(found.registry, each)
            ]
            if wanted:
                message = hidden_message(
                    found._replace(repositories=tuple(wanted)), name, self._links
                )
                if not self._begin(message, failures):
                    return
                failures = 0
        if state.hidden_cursor < until:
            self._outbox.passed_hidden(name, until)

    def _begin(self, message: Message, failures: int) -> bool:
        """Store a new message, and send it; False: it failed."""
        self._outbox.store(self._sink.name, BegunMessage(message, self._composer.templates))
        return self._send(message, failures)

    def _send(self, message: Message, failures: int) -> bool:
        """Send a stored message, and record that; False: it failed."""
        try:
            self._notifier.send(message, self._clock.now())
        except (NotDelivered, ConfigError) as error:
            self._fail(failures + 1, error)
            return False
        record = self._outbox.told_hidden if message.type == HIDDEN else self._outbox.sent
        record(self._sink.name, message.last, self._clock.now())
        self._outcome.messages += 1
        self._outcome.changes += message.changes
        return True

    def _fail(self, failures: int, error: NotDelivered | ConfigError) -> None:
        wait = error.wait if isinstance(error, NotDelivered) else 0.0
        retry_at = self._clock.now() + pause(failures, wait)
        self._outbox.failed(self._sink.name, str(error), retry_at)
        self._outcome.error = str(error)
