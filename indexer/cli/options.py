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
    """The options of every command; they may stand before or after its name."""

    config: Path | None = None
    verbose: bool = False
    quiet: bool = False
    log_format: LogFormat | None = None

    def over(self, earlier: Common) -> Common:
        """Fill in what is not set here from the options before the command's name."""
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
        help="Configuration file. Default: $INDEXER_CONFIG (empty: none), else ./indexer.toml if "
        "it exists.",
        show_default=False,
    ),
]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", "-v", help="Log each request on standard error.")
]
QuietOption = Annotated[
    bool,
    typer.Option("--quiet", "-q", help="Show answers and what is wrong, and nothing else."),
]
LogFormatOption = Annotated[
    LogFormat | None,
    typer.Option(
        "--log-format",
        metavar="text|json",
        help="Format of the messages on standard error.",
        show_default=False,
    ),
]

FormatOption = Annotated[
    Format,
    typer.Option("--format", metavar="table|json|jsonl|csv", help="Output format."),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
]
TableOrJsonOption = Annotated[
    TableOrJson, typer.Option("--format", metavar="table|json", help="Output format.")
]
AllOption = Annotated[
    bool,
    typer.Option("--all", help="Also show tags that tools create: signatures, attestations."),
]
MaxAgeOption = Annotated[
    str | None,
    typer.Option(
        "--max-age",
        metavar="TIME",
        help="Exit with 1 if the last complete crawl is longer ago: '90m', '24h', '7d'.",
        show_default=False,
    ),
]
NamespaceArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="NAMESPACE",
        help="'ansible' or 'docker.io/ansible'.",
        autocompletion=complete_namespace,
        show_default=False,
    ),
]
RepositoryArgument = Annotated[
    str,
    typer.Argument(
        metavar="REPOSITORY",
        help="'ansible/awx', or 'nginx' for 'library/nginx'.",
        autocompletion=complete_repository,
        show_default=False,
    ),
]
