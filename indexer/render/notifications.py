"""What became of messages, for people and programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from indexer.core import humanize
from indexer.core.errors import ConfigError, NotDelivered
from indexer.core.printable import shown
from indexer.render.formats import TableOrJson
from indexer.render.tables import Column, table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime
    from typing import TextIO

    from indexer.notify.delivery import DeliveryOutcome
    from indexer.notify.message import Message
    from indexer.notify.ports import Channel, SinkState


class SinkTest(NamedTuple):
    """What came back when a message was sent to try a sink."""

    type: str
    taken: bool
    answer: str


class SinkStatus(NamedTuple):
    """How a sink stands. `backlog` is None for one that is no longer configured."""

    state: SinkState
    backlog: int | None


def sink_test(notifier: Channel, notice: Message, now: datetime) -> SinkTest:
    """Send a message, and keep what comes back."""
    try:
        return SinkTest(notice.type, taken=True, answer=notifier.send(notice, now))
    except (NotDelivered, ConfigError) as error:
        return SinkTest(notice.type, taken=False, answer=str(error))


def write_sink_tests(trials: Sequence[SinkTest], form: TableOrJson, out: TextIO) -> None:
    """Write what came back."""
    if form is TableOrJson.JSON:
        out.write(json.dumps({"messages": [each._asdict() for each in trials]}, indent=2) + "\n")
        return
    columns: tuple[Column[SinkTest], ...] = (
        Column("MESSAGE", lambda t: t.type),
        Column("TAKEN", lambda t: "yes" if t.taken else "NO"),
        Column("WHAT CAME BACK", lambda t: shown(t.answer, 500)),
    )
    out.writelines(f"{line}\n" for line in table(trials, columns, None))


def write_outcomes(
    outcomes: Sequence[DeliveryOutcome], new: Collection[str], form: TableOrJson, out: TextIO
) -> None:
    """Write what became of each sink."""
    if form is TableOrJson.JSON:
        records = [_record(each, new) for each in outcomes]
        out.write(json.dumps({"sinks": records}, indent=2) + "\n")
        return
    out.writelines(f"{shown(each.sink)}: {_became(each, new)}\n" for each in outcomes)


def sink_status(item: SinkStatus) -> dict[str, Any]:
    """A sink as JSON: see docs/formats.md."""
    state = item.state
    return {
        "sink": state.name,
        "configured": item.backlog is not None,
        "backlog": item.backlog,
        "cursor": state.cursor,
        "started_at": humanize.iso(state.started_at),
        "sent_at": humanize.iso(state.sent_at),
        "sent": state.sent,
        "failures": state.failures,
        "retry_at": humanize.iso(state.retry_at),
        "error": state.error or None,
    }


def lines(statuses: Sequence[SinkStatus], now: datetime) -> Iterator[str]:
    """Yield a table of sinks, and what went wrong with each."""
    columns: tuple[Column[SinkStatus], ...] = (
        Column("SINK", lambda s: shown(s.state.name)),
        Column("BACKLOG", lambda s: humanize.number(s.backlog), right=True),
        Column("SENT", lambda s: humanize.number(s.state.sent), right=True),
        Column("LAST", lambda s: humanize.age(s.state.sent_at, now)),
        Column("STATE", _state),
    )
    yield from table(statuses, columns, None)
    for each in statuses:
        if each.state.error:
            tries = humanize.count(each.state.failures, "try", "tries")
            yield f"  ! {shown(each.state.name)}: {tries} failed: {shown(each.state.error, 500)}"


def _state(item: SinkStatus) -> str:
    if item.backlog is None:
        return "not configured"
    if item.state.retry_at is not None:
        return f"tried again {humanize.short_time(item.state.retry_at)} UTC"
    return "waiting" if item.backlog else "up to date"


def _record(outcome: DeliveryOutcome, new: Collection[str]) -> dict[str, Any]:
    return {
        "sink": outcome.sink,
        "new": outcome.sink in new,
        "messages": outcome.messages,
        "changes": outcome.changes,
        "held": outcome.held or None,
        "error": outcome.error or None,
    }


def _became(outcome: DeliveryOutcome, new: Collection[str]) -> str:
    told = (
        f"{humanize.count(outcome.messages, 'message')} "
        f"about {humanize.count(outcome.changes, 'change')}"
        if outcome.messages
        else "nothing to tell"
    )
    if outcome.error:
        return f"{told if outcome.messages else 'not told'}; {shown(outcome.error, 500)}"
    if outcome.held:
        before = f"{told}; " if outcome.messages else ""
        return f"{before}{shown(outcome.held, 500)}"
    return f"new, {told}" if outcome.sink in new else told
