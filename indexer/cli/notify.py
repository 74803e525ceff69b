"""`indexer notify`: tell people what changed, and try whether they can be told."""

from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.context import CommandContext, command
from indexer.cli.options import TableOrJsonOption
from indexer.core.errors import UsageError
from indexer.render.formats import TableOrJson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.config.sinks import SinkSettings
    from indexer.store import Store

app = typer.Typer(
    help="Tell the configured sinks what changed, or try them.",
    no_args_is_help=True,
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
            "--from",
            metavar="WHEN",
            help="Where new sinks start, or the one that --sink names, be it again: '24h' ago, "
            "ISO 8601, 'crawl:ID' or 'change:ID'. Else they start now.",
            show_default=False,
        ),
    ] = None,
    sink: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only this sink.", show_default=False),
    ] = None,
    *,
    retry: Annotated[
        bool, typer.Option("--retry", help="Also sinks that failed a short while ago.")
    ] = False,
    form: TableOrJsonOption = TableOrJson.TABLE,
) -> None:
    """Tell every sink what it has not been told yet.

    What policies have not judged is judged first. A sink that is new starts now: it is told what
    changes from here on. Exit code 1 if a sink could not be told; it is told later, in order, and
    nothing is dropped.
    """
    from indexer.bootstrap.notification_sinks import addresses  # noqa: PLC0415 - help must not wait for it
    from indexer.cli.console_reporter import ConsoleReporter, judge_of  # noqa: PLC0415 - the same
    from indexer.render import notifications as render  # noqa: PLC0415 - the same
    from indexer.service.run_namespace import judge_and_notify  # noqa: PLC0415 - the same
    from indexer.service.sink_notifier import SinkNotifier  # noqa: PLC0415 - the same

    recipients = addresses(_chosen(session, sink))
    with session.index() as store:
        reporter = ConsoleReporter(session, store)
        notifier = SinkNotifier(
            recipients,
            store.outbox,
            session.clock,
            session.called,
            reporter,
            judges=session.settings.policies,
        )
        cursor = cursor_of(session, store, since) if since else None
        new = notifier.begin(cursor)
        if sink is not None and cursor is not None and not new:
            store.outbox.restart(sink, cursor, session.now())
        with judge_of(session, store, reporter) as judge:
            outcomes = judge_and_notify(judge.judge, lambda: notifier.tell(impatient=retry))
        render.write_outcomes(outcomes, new, form, session.out)
    if not reporter.is_told:
        raise typer.Exit(1)


@app.command("test")
@command
def trial(
    session: CommandContext,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Of a [[notify]].", show_default=False)
    ],
    *,
    form: TableOrJsonOption = TableOrJson.TABLE,
) -> None:
    """Send a sink one message of each kind, all invented, and say what comes back.

    Filters and quiet hours do not count, and its place in the log stays where it is.
    """
    from indexer.bootstrap.notification_sinks import addresses  # noqa: PLC0415 - help must not wait for it
    from indexer.notify import sample_messages  # noqa: PLC0415 - the same
    from indexer.render import notifications as render  # noqa: PLC0415 - the same

    (address,) = addresses(_chosen(session, name))
    messages, problems = sample_messages.messages(address.sink, session.called, session.now())
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
        str, typer.Argument(metavar="NAME", help="Of a sink that was told.", show_default=False)
    ],
) -> None:
    """Forget a sink that has left the configuration, and how far it was told.

    Nothing is kept for it any more. Sinks that no process used for a week keep nothing either.
    """
    if any(each.sink.name == name for each in session.settings.sinks):
        raise UsageError(f"the sink '{name}' is configured: take its [[notify]] out first.")
    with session.index() as store:
        known = [state.name for state in store.outbox.sinks()]
        if not store.outbox.forget(name):
            raise UsageError(no_such("sink", name, known))
    session.note(f"the sink '{name}' is forgotten.")


def no_such(what: str, name: str, known: "Sequence[str]") -> str:
    """What is said of a name that the index does not know."""
    from indexer.core.printable import shown  # noqa: PLC0415 - help must not wait for it

    there_are = ", ".join(f"'{shown(each)}'" for each in known)
    return f"the index knows no {what} '{shown(name)}'" + (
        f"; it knows {there_are}." if known else ", nor any other."
    )


def _chosen(session: CommandContext, name: str | None) -> "list[SinkSettings]":
    """The configured sinks, or the one that is named.

    Raises:
        UsageError: there is none.
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
    """The number of the last change before what is meant."""
    from indexer.cli import name_lookup  # noqa: PLC0415 - help must not wait for it
    from indexer.core.time_expression import parse_when  # noqa: PLC0415 - the same

    when = parse_when(text, session.now())
    if when.change is not None:
        name_lookup.check_change(store.outbox.last_change(), when.change)
        return when.change
    if when.crawl is not None:
        crawl = name_lookup.find_crawl(store.catalog, when.crawl)
        return store.outbox.last_before(crawl.started_at)
    assert when.time is not None
    return store.outbox.last_before(when.time)
