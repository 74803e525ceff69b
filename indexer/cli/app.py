"""The Typer application with all commands."""

from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

import indexer
from indexer.cli.options import (
    Common,
    ConfigOption,
    LogFormatOption,
    QuietOption,
    VerboseOption,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

EPILOG = (
    "Exit codes: 0 done and complete; 1 something is incomplete or failed; 2 the command line, "
    "an input, the configuration or the database is wrong; 130 interrupted."
)

GROUPS = {
    "Collect": {
        "crawl": "Crawl namespaces and report what changed.",
        "daemon": "Crawl the configured namespaces on their schedules.",
        "worker": "Run the crawls that a daemon finds due.",
    },
    "Ask": {
        "query": "List what changed since a time, oldest first.",
        "repos": "List the repositories of a namespace, or of all.",
        "tags": "List the tags of a repository, or one tag of all repositories.",
        "history": "List every digest that a tag had, and in which period.",
        "find": "List the tags that point to a digest, or ever did.",
        "diff": "Show what two digests of a tag differ in.",
        "inspect": "Show an image as 'skopeo inspect' does.",
        "settled": "Print the newest digest that a tag kept for at least so long.",
        "outdated": "List newer versions of the images in use.",
        "stats": "Show pulls and stars by day, and which tags are not pulled.",
        "sql": "Query the index in SQL, read-only.",
        "export": "Write each reporting view to a file in a folder.",
        "watch": "Write changes as JSON lines when they are recorded.",
    },
    "Guard": {
        "check": "Check whether pinned tags still point to their digests.",
        "violations": "List violations of the policies, or acknowledge them.",
        "watchlist": "Print the [[registry]] entries that cover the images in use.",
    },
    "Share": {
        "serve": "Serve the index over HTTP: catalog, API, feeds and pages.",
        "notify": "Notify the configured sinks, or test them.",
    },
    "Look after": {
        "status": "Show the last crawl of each namespace, and what is overdue.",
        "due": "Show what is due, and why.",
        "accept": "Accept removals that were held back for review, or list them.",
        "forget": "Delete a namespace or a repository from the index.",
        "prune": "Delete old changes, history and unused manifests.",
        "config": "Check the configuration, and show what is in force.",
        "db": "Upgrade, check and copy the database.",
    },
    "Try": {
        "demo": "Crawl a simulated Docker Hub twice, without a network.",
    },
}
"""The commands by what they are for, in the order of a first day, and what help says of each.

The texts are those of the commands, repeated so that help need not load them; a test compares.
"""


class LazyCommand(TyperCommand):
    """A command, or a group of commands, whose module of `indexer.cli` is not loaded yet.

    The module has the name of the command; in it is an `app`, or a function of the same name.
    """

    def __init__(self, name: str, text: str) -> None:
        super().__init__(name, help=text, rich_markup_mode=None)

    def loaded(self) -> Any:
        """The command itself."""
        module = import_module(f"indexer.cli.{self.name}")
        app = getattr(module, "app", None)
        if app is None:
            app = typer.Typer(add_completion=False, rich_markup_mode=None)
            app.command(self.name)(getattr(module, str(self.name)))
        return get_command(app)


class Grouped(TyperGroup):
    """A group of commands that are loaded when they are chosen; its help shows them in `GROUPS`."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for texts in GROUPS.values():
            for name, text in texts.items():
                self.add_command(LazyCommand(name, text))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that was typed, loaded, and its arguments."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.loaded() if isinstance(command, LazyCommand) else command, rest

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - Typer calls it so
        """Write a section for each group; all have their texts in the same column."""
        widest = max(map(len, self.commands))
        for title, names in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl(self._rows(names, widest, formatter.width))

    def _rows(self, names: "Iterable[str]", widest: int, width: int) -> list[tuple[str, str]]:
        limit = width - widest - 6
        return [
            (name.ljust(widest), self.commands[name].get_short_help_str(limit)) for name in names
        ]


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


def with_every_command() -> Any:
    """The program with all commands loaded, for what describes them: generated pages and tests."""
    program: Any = get_command(app)
    program.commands = {name: command.loaded() for name, command in program.commands.items()}
    return program


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
