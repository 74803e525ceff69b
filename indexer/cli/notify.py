"""`indexer notify`: notify the configured sinks, test them, forget old ones."""

from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.context import CommandContext, command
from indexer.cli.options import DryRunOption, TableOrJsonOption
from indexer.core.errors import UsageError
from indexer.render.formats import TableOrJson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.config.sinks import SinkSettings
    from indexer.notify.delivery import Recipient
    from indexer.store import Store

app = typer.Typer(
    name="notify",
    help="Notify the configured sinks, or test them.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.command("run")
@command
def run(
    session: CommandContext,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            "--from",
            metavar="WHEN",
            help="Where new sinks start; with --sink, restart that one here: '24h' (ago), "
            "ISO 8601, 'crawl:ID' or 'change:ID'. Default: now.",
            show_default=False,
        ),
    ] = None,
    sink: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only this sink.", show_default=False),
    ] = None,
    *,
    retry: Annotated[
        bool, typer.Option("--retry", help="Also try sinks that failed recently.")
    ] = False,
    form: TableOrJsonOption = TableOrJson.TABLE,
) -> None:
    """Send each sink the changes that it has not received yet.

    The policies are evaluated first. A new sink starts now and receives later changes. If a sink
    fails or has to wait, as in quiet hours, the exit code is 1, and its messages are sent later, in
    order; none is dropped.

    Examples:
      indexer notify run
      indexer notify run --sink chat --since 24h
    """
    from indexer.cli.console_reporter import ConsoleReporter, judge_of  # noqa: PLC0415 - the same
    from indexer.notify.links import Links  # noqa: PLC0415 - the same
    from indexer.render import notifications as render  # noqa: PLC0415 - the same
    from indexer.service.run_namespace import judge_and_notify  # noqa: PLC0415 - the same
    from indexer.service.sink_notifier import SinkNotifier  # noqa: PLC0415 - the same

    recipients = _recipients(session, sink)
    with session.index() as store:
        reporter = ConsoleReporter(session, store)
        notifier = SinkNotifier(
            recipients,
            store.outbox,
            session.clock,
            Links(session.program, session.settings.serve.url),
            reporter,
            judges=session.settings.policies,
        )
        cursor = cursor_of(session, store, since) if since else None
        new = notifier.begin(cursor)
        if sink is not None and cursor is not None and not new:
            store.outbox.restart(sink, cursor, session.now())
        with judge_of(session, store, reporter) as judge:
            outcomes = judge_and_notify(judge.judge, lambda: notifier.tell(impatient=retry))
        is_fine = reporter.is_told and not any(outcome.held for outcome in outcomes)
        if form is TableOrJson.JSON or not (is_fine and session.common.quiet):
            render.write_outcomes(outcomes, new, form, session.out)
    if not is_fine:
        raise typer.Exit(1)


@app.command("test")
@command
def trial(
    session: CommandContext,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Name of a configured sink.", show_default=False)
    ],
    *,
    form: TableOrJsonOption = TableOrJson.TABLE,
) -> None:
    """Send a sink one invented message of each kind, and show its answers.

    Ignores filters and quiet hours. The sink's cursor does not move.

    Examples:
      indexer notify test chat
      indexer notify test chat --json
    """
    from indexer.notify import sample_messages  # noqa: PLC0415 - the same
    from indexer.notify.links import Links  # noqa: PLC0415 - the same
    from indexer.render import notifications as render  # noqa: PLC0415 - the same

    (address,) = _recipients(session, name)
    links = Links(session.program, session.settings.serve.url)
    messages, problems = sample_messages.messages(address.sink, links, session.now())
    for problem in problems:
        session.complain(problem)
    trials = [render.sink_test(address.notifier, message, session.now()) for message in messages]
    render.write_sink_tests(trials, form, session.out)
    if problems or not all(trial.taken for trial in trials):
        raise typer.Exit(1)


@app.command("forget")
@command
def forget(
    session: CommandContext,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="Name of a sink that was notified before.", show_default=False
        ),
    ],
    *,
    dry_run: DryRunOption = False,
) -> None:
    """Forget a sink that is no longer configured, and its cursor.

    'prune' no longer keeps changes for it. (After a week without use it does not anyway.)

    Examples:
      indexer notify forget chat
      indexer notify forget old-webhook
    """
    if any(each.sink.name == name for each in session.settings.sinks):
        raise UsageError(f"the sink '{name}' is configured: remove its [[notify]] first.")
    with session.index() as store:
        known = [state.name for state in store.outbox.sinks()]
        if name not in known or not (dry_run or store.outbox.forget(name)):
            raise UsageError(no_such("sink", name, known))
    if dry_run:
        session.note(f"would forget the sink '{name}'.")
        return
    session.note(f"forgot the sink '{name}'.")


def no_such(what: str, name: str, known: "Sequence[str]") -> str:
    """The error message for a name that the index does not know."""
    from indexer.core.printable import shown  # noqa: PLC0415 - help must not wait for it

    there_are = ", ".join(f"'{shown(each)}'" for each in known)
    return f"the index knows no {what} '{shown(name)}'" + (
        f"; it knows {there_are}." if known else "; it knows none."
    )


def _recipients(session: CommandContext, name: str | None) -> "list[Recipient]":
    """The sinks of `_chosen` with their channels: what is sent goes to whom the file names."""
    from indexer.bootstrap.found_configuration import announce  # noqa: PLC0415 - help must not wait for it
    from indexer.bootstrap.notification_sinks import addresses  # noqa: PLC0415 - the same

    chosen = _chosen(session, name)
    announce(session.settings)
    return addresses(chosen)


def _chosen(session: CommandContext, name: str | None) -> "list[SinkSettings]":
    """The configured sinks, or only the one that was typed.

    Raises:
        UsageError: none is configured, or not that one.
    """
    configured = list(session.settings.sinks)
    if not configured:
        where = session.settings.file or "indexer.toml"
        raise UsageError(f"no sink is configured: add a [[notify]] to {where}.")
    if name is None:
        return configured
    chosen = [each for each in configured if each.sink.name == name]
    if not chosen:
        names = ", ".join(f"'{each.sink.name}'" for each in configured)
        raise UsageError(f"there is no sink '{name}'; configured are {names}.")
    return chosen


def cursor_of(session: CommandContext, store: "Store", text: str) -> int:
    """The number of the last change before a WHEN."""
    from indexer.cli import name_lookup  # noqa: PLC0415 - help must not wait for it
    from indexer.core.time_expression import parse_when  # noqa: PLC0415 - the same

    when = parse_when(text, session.local_now())
    if when.change is not None:
        name_lookup.check_change(store.outbox.last_change(), when.change)
        return when.change
    if when.crawl is not None:
        crawl = name_lookup.find_crawl(store.catalog, when.crawl)
        return store.outbox.last_before(crawl.started_at)
    assert when.time is not None
    return store.outbox.last_before(when.time)
