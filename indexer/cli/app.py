"""The Typer application with all commands."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

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

if TYPE_CHECKING:
    from collections.abc import Iterator

EPILOG = (
    "Exit codes: 0 done and complete; 1 something is incomplete or failed; 2 the command line, "
    "an input, the configuration or the database is wrong; 130 interrupted."
)

GROUPS = {
    "Collect": ("crawl", "daemon", "worker"),
    "Ask": (
        "query", "repos", "tags", "history", "find", "diff", "inspect", "settled", "outdated",
        "stats", "sql", "export", "watch",
    ),
    "Guard": ("check", "violations", "watchlist"),
    "Share": ("serve", "notify"),
    "Look after": ("status", "due", "accept", "forget", "prune", "config", "db"),
    "Try": ("demo",),
}  # fmt: skip
"""The commands by what they are for, in the order of a first day."""


class Grouped(TyperGroup):
    """A group of commands whose help shows them in `GROUPS`."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names in the order of the groups, for help and completion."""
        ordered = [name for names in GROUPS.values() for name in names]
        return sorted(super().list_commands(ctx), key=ordered.index)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write a section for each group; all have their texts in the same column."""
        widest = max(map(len, self.commands))
        for title, names in GROUPS.items():
            rows = list(self._rows(ctx, names, widest, formatter.width))
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def _rows(
        self, ctx: Any, names: tuple[str, ...], widest: int, width: int
    ) -> "Iterator[tuple[str, str]]":
        for name in names:
            command = self.get_command(ctx, name)
            if command is not None and not command.hidden:
                yield name.ljust(widest), command.get_short_help_str(width - widest - 6)


app = typer.Typer(
    name="indexer",
    cls=Grouped,
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

for _name, _run in (
    ("crawl", crawl.crawl),
    ("daemon", daemon.daemon),
    ("worker", worker.worker),
    ("query", query.query),
    ("repos", repos.repos),
    ("tags", tags.tags),
    ("history", history.history),
    ("find", find.find),
    ("diff", diff.diff),
    ("inspect", inspect.inspect),
    ("settled", settled.settled),
    ("outdated", outdated.outdated),
    ("stats", stats.stats),
    ("sql", sql.sql),
    ("export", export.export),
    ("watch", watch.watch),
    ("check", check.check),
    ("violations", violations.violations),
    ("watchlist", watchlist.watchlist),
    ("serve", serve.serve),
    ("status", status.status),
    ("due", due.due),
    ("accept", accept.accept),
    ("forget", forget.forget),
    ("prune", prune.prune),
    ("demo", demo.demo),
):
    app.command(_name)(_run)
app.add_typer(notify.app, name="notify")
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
