"""`indexer status`: the last crawl of each namespace, and what is overdue."""

from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.context import CommandContext, command
from indexer.cli.option_bundles import Listing
from indexer.cli.options import MaxAgeOption, TableOrJsonOption
from indexer.render.formats import TableOrJson

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.crawl.sharding import QueueStatus
    from indexer.render.records.notifications import SinkStatus
    from indexer.store import Store

SAMPLE = 2_000
"""Sample of repositories from which the number of stale tags is estimated."""


@command
def status(
    session: CommandContext,
    *,
    check: Annotated[
        bool,
        typer.Option("--check", help="Exit with 1 if a namespace is overdue."),
    ] = False,
    listing: Listing,
    max_age: MaxAgeOption = None,
    form: TableOrJsonOption = TableOrJson.TABLE,
) -> None:
    """Show the last crawl of each namespace, and what is overdue.

    Also shows what could not be read and why, pending repositories, the rest of the rate limit, how
    many tags are expected to be stale, the messages that each sink waits for, and the job queue.

    Examples:
      indexer status
      indexer status --check --max-age 24h --json
      indexer status --sort pending --reverse --limit 10
    """
    from indexer.cli.answer_age import AnswerAge  # noqa: PLC0415 - help must not wait for it
    from indexer.config.timetables import timetables_of  # noqa: PLC0415 - help must not wait for it
    from indexer.render import freshness  # noqa: PLC0415 - help must not wait for it
    from indexer.render import job_queue as render_queue  # noqa: PLC0415 - the same
    from indexer.render import status as render  # noqa: PLC0415 - the same
    from indexer.render.arrangement import arranged  # noqa: PLC0415 - the same
    from indexer.render.chosen_columns import chosen  # noqa: PLC0415 - the same
    from indexer.render.output import as_json  # noqa: PLC0415 - the same

    now = session.now()
    with session.index() as store:
        age = AnswerAge(session, store.catalog, max_age, may_be_empty=True)
        rows = render.namespace_rows(
            store.catalog.namespaces(),
            store.catalog.crawl_history(),
            timetables_of(session.settings),
            now,
            store.catalog.watched(SAMPLE),
        )
        is_overdue = any(row.overdue for row in rows)
        whole = render.column_set(now)
        rows = list(
            arranged(rows, whole, listing.sort, reverse=listing.reverse, limit=listing.limit)
        )
        shape = chosen(whole, listing.columns)
        sinks = _sinks(session, store)
    queue_status = _backlog(session)
    if form is TableOrJson.JSON:
        from indexer.render.records.notifications import Queue  # noqa: PLC0415 - the same

        records = [shape.record(row) for row in rows]
        queue = Queue.of(queue_status) if queue_status else None
        answer = {
            "namespaces": records,
            "sinks": sinks,
            "queue": queue,
            "freshness": freshness.record(age.freshness),
        }
        session.out.write(as_json(answer, indent=2) + "\n")
    elif not (check and session.common.quiet and not is_overdue):
        columns = shape.columns if listing.columns else ()
        texts = render.lines(rows, now, session.width, columns)
        session.out.writelines(f"{text}\n" for text in texts)
        if not rows:
            session.note(f"nothing was crawled yet: run '{session.program} crawl NAMESPACE' first.")
        _print_sinks(session, sinks, now)
        if queue_status:
            session.out.writelines(f"{text}\n" for text in ("", *render_queue.lines(queue_status)))
    age.tell(note=False)
    if check and is_overdue:
        raise typer.Exit(1)


def _print_sinks(session: CommandContext, sinks: "list[SinkStatus]", now: "datetime") -> None:
    if sinks:
        from indexer.policies.policy import THE_HUBS  # noqa: PLC0415 - few have a sink
        from indexer.render import notifications as render_sinks  # noqa: PLC0415 - the same

        ours = {THE_HUBS, *(policy.name for policy in session.settings.policies)}
        shown = render_sinks.lines(sinks, now, ours, session.program)
        session.out.writelines(f"{text}\n" for text in ("", *shown))


def _sinks(session: CommandContext, store: "Store") -> "list[SinkStatus]":
    """Each sink with a cursor, and how many messages it still has to receive."""
    states = store.outbox.sinks()
    if not states:
        return []
    from indexer.notify.delivery import sink_backlog  # noqa: PLC0415 - few have a sink
    from indexer.render.records.notifications import SinkStatus  # noqa: PLC0415 - the same

    configured = {each.sink.name: each.sink for each in session.settings.sinks}
    judged, last = store.outbox.judged(session.now()), store.outbox.last_change()
    return [
        SinkStatus.of(state, None, ())
        if state.name not in configured
        else SinkStatus.of(
            state,
            sink_backlog(store.outbox, configured[state.name], state),
            judged.waits_for if state.cursor < last else (),
        )
        for state in states
    ]


def _backlog(session: CommandContext) -> "QueueStatus | None":
    """The state of the job queue; None if there are no workers."""
    if not session.settings.daemon.workers:
        return None
    from indexer.service.queue_status import queue_status  # noqa: PLC0415 - help must not wait for it

    return queue_status(session.settings.database.url)
