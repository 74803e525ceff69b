"""The options that more than one command has."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from indexer.cli.completion import complete_namespace, complete_repository
from indexer.render.formats import Format, TableOrJson


class LogFormat(StrEnum):
    """How messages are written on standard error."""

    TEXT = "text"
    JSON = "json"


class Common(NamedTuple):
    """What every command can be told, before its name or after it."""

    config: Path | None = None
    verbose: bool = False
    quiet: bool = False
    log_format: LogFormat | None = None

    def over(self, earlier: Common) -> Common:
        """These, and what was said before the command's name where these say nothing."""
        return Common(
            self.config or earlier.config,
            self.verbose or earlier.verbose,
            self.quiet or earlier.quiet,
            self.log_format or earlier.log_format,
        )


ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="The configuration; else $INDEXER_CONFIG, else ./indexer.toml if it is there.",
        show_default=False,
    ),
]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", "-v", help="Log each request on standard error.")
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, only results.")]
LogFormatOption = Annotated[
    LogFormat | None,
    typer.Option(
        "--log-format", metavar="text|json", help="Messages on standard error.", show_default=False
    ),
]

FormatOption = Annotated[
    Format,
    typer.Option("--format", metavar="table|json|jsonl|csv", help="How to write the result."),
]
TableOrJsonOption = Annotated[
    TableOrJson, typer.Option("--format", metavar="table|json", help="How to write the result.")
]
AllOption = Annotated[
    bool,
    typer.Option("--all", help="Also tags that tools keep for themselves: signatures and such."),
]
NamespaceArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="NAMESPACE",
        help="As 'ansible' or 'docker.io/ansible'.",
        autocompletion=complete_namespace,
        show_default=False,
    ),
]
RepositoryArgument = Annotated[
    str,
    typer.Argument(
        metavar="REPOSITORY",
        help="As 'ansible/awx', or 'nginx' for 'library/nginx'.",
        autocompletion=complete_repository,
        show_default=False,
    ),
]
