"""Results of notifications, for people and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core import humanize
from indexer.core.errors import ConfigError, NotDelivered
from indexer.core.printable import shown
from indexer.notify.delivery import waits_for
from indexer.render.formats import TableOrJson
from indexer.render.output import as_json
from indexer.render.records.notifications import SinkOutcome, SinkTest
from indexer.render.tables import Column, table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime
    from typing import TextIO

    from indexer.notify.delivery import DeliveryOutcome
    from indexer.notify.message import Message
    from indexer.notify.ports import Channel
    from indexer.render.records.notifications import SinkStatus


def sink_test(notifier: Channel, message: Message, now: datetime) -> SinkTest:
    """Send a message, and return the answer."""
    try:
        return SinkTest(message.type, taken=True, answer=notifier.send(message, now))
    except (NotDelivered, ConfigError) as error:
        return SinkTest(message.type, taken=False, answer=str(error))


def write_sink_tests(trials: Sequence[SinkTest], form: TableOrJson, out: TextIO) -> None:
    """Write the answers to the test messages."""
    if form is TableOrJson.JSON:
        out.write(as_json({"messages": trials}, indent=2) + "\n")
        return
    columns: tuple[Column[SinkTest], ...] = (
        Column("MESSAGE", lambda t: t.type),
        Column("SENT", lambda t: "yes" if t.taken else "NO"),
        Column("ANSWER", lambda t: shown(t.answer, 500)),
    )
    out.writelines(f"{row}\n" for row in table(trials, columns, None))


def write_outcomes(
    outcomes: Sequence[DeliveryOutcome], new: Collection[str], form: TableOrJson, out: TextIO
) -> None:
    """Write the result for each sink."""
    if form is TableOrJson.JSON:
        records = [SinkOutcome.of(each, new=each.sink in new) for each in outcomes]
        out.write(as_json({"sinks": records}, indent=2) + "\n")
        return
    out.writelines(f"{shown(each.sink)}: {_became(each, new)}\n" for each in outcomes)


def lines(
    statuses: Sequence[SinkStatus], now: datetime, judges: Collection[str], command: str
) -> Iterator[str]:
    """Yield a table of sinks, and for each its last error and which other policies it waits for.

    Args:
        statuses: of the sinks.
        now: the time.
        judges: the policies of this configuration: they are evaluated with the next crawl.
        command: how the program is called.
    """
    columns: tuple[Column[SinkStatus], ...] = (
        Column("SINK", lambda s: shown(s.sink)),
        Column("BACKLOG", lambda s: humanize.number(s.backlog), right=True),
        Column("SENT", lambda s: humanize.number(s.sent), right=True),
        Column("LAST", lambda s: humanize.age(s.sent_at, now)),
        Column("STATE", _state),
    )
    yield from table(statuses, columns, None)
    for each in statuses:
        if each.error:
            tries = humanize.count(each.failures, "try", "tries")
            yield f"  ! {shown(each.sink)}: {tries} failed: {shown(each.error, 500)}"
        if others := [name for name in each.waits_for if name not in judges]:
            yield f"  ! {shown(each.sink)}: {waits_for(others, command)}"


def _state(item: SinkStatus) -> str:
    if item.backlog is None:
        return "not configured"
    if item.retry_at is not None:
        return f"next try {humanize.short_time(item.retry_at)} UTC"
    return "waiting" if item.backlog or item.waits_for else "up to date"


def _became(outcome: DeliveryOutcome, new: Collection[str]) -> str:
    told = (
        f"{humanize.count(outcome.messages, 'message')} "
        f"about {humanize.count(outcome.changes, 'change')}"
        if outcome.messages
        else "nothing to send"
    )
    if outcome.error:
        return f"{told if outcome.messages else 'failed'}; {shown(outcome.error, 500)}"
    if outcome.held:
        before = f"{told}; " if outcome.messages else ""
        return f"{before}{shown(outcome.held, 500)}"
    return f"new, {told}" if outcome.sink in new else told
