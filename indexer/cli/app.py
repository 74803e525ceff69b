"""The Typer application with all commands."""

from typing import Annotated

import typer

import indexer
from indexer.cli import (
    accept,
    check,
    config,
    crawl,
    daemon,
    db,
    demo,
    diff,
    due,
    export,
    find,
    forget,
    history,
    inspect,
    notify,
    outdated,
    prune,
    query,
    repos,
    serve,
    settled,
    sql,
    stats,
    status,
    tags,
    violations,
    watch,
    watchlist,
    worker,
)
from indexer.cli.options import (
    Common,
    ConfigOption,
    LogFormatOption,
    QuietOption,
    VerboseOption,
)

EPILOG = (
    "Exit codes: 0 done and complete; 1 something is incomplete or failed; 2 the command line, "
    "an input, the configuration or the database is wrong; 130 interrupted."
)

app = typer.Typer(
    name="indexer",
    help=(
        "List what exists in Docker Hub namespaces, what each tag points to, and what changed.\n\n"
        "Start with 'indexer crawl ansible' and 'indexer repos', or try 'indexer demo'."
    ),
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode=None,  # help without rich starts faster
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("crawl")(crawl.crawl)
app.command("query")(query.query)
app.command("repos")(repos.repos)
app.command("tags")(tags.tags)
app.command("history")(history.history)
app.command("find")(find.find)
app.command("diff")(diff.diff)
app.command("settled")(settled.settled)
app.command("outdated")(outdated.outdated)
app.command("stats")(stats.stats)
app.command("inspect")(inspect.inspect)
app.command("sql")(sql.sql)
app.command("export")(export.export)
app.command("check")(check.check)
app.command("watchlist")(watchlist.watchlist)
app.command("violations")(violations.violations)
app.command("status")(status.status)
app.command("serve")(serve.serve)
app.command("watch")(watch.watch)
app.add_typer(notify.app, name="notify")
app.command("accept")(accept.accept)
app.command("worker")(worker.worker)
app.command("due")(due.due)
app.command("daemon")(daemon.daemon)
app.command("forget")(forget.forget)
app.command("prune")(prune.prune)
app.command("demo")(demo.demo)
app.add_typer(config.app, name="config")
app.add_typer(db.app, name="db")


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - Typer calls it so
    if wanted:
        typer.echo(f"indexer {indexer.__version__}")
        raise typer.Exit


@app.callback()
def common(
    ctx: typer.Context,
    config: ConfigOption = None,
    *,
    verbose: VerboseOption = False,
    quiet: QuietOption = False,
    log_format: LogFormatOption = None,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Keep the options that stand before the command's name."""
    ctx.obj = Common(config, verbose, quiet, log_format)
