"""Options that come together: how a list is arranged, and where an answer is written.

A command asks for a bundle by a parameter of its type; `indexer.cli.context.command` gives the
command the options. What it has under the same name itself is its own.
"""

from __future__ import annotations

import inspect
from fnmatch import fnmatchcase
from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import Annotated, Any, NamedTuple, get_type_hints

import typer

from indexer.cli.completion import complete_namespace, complete_repository, complete_tag

WHOLE_REGISTRY = "*"
"""As in `indexer.core.model`, which help must not wait for; a test compares."""


class Listing(NamedTuple):
    """Which columns of a list are shown, and in which order its rows come."""

    sort: Annotated[
        str | None,
        typer.Option(
            metavar="FIELD",
            help="Sort by 'name' or by a field of the JSON output; what has no value comes last.",
            show_default=False,
        ),
    ] = None
    reverse: Annotated[bool, typer.Option("--reverse", help="Reverse the order.")] = False
    limit: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Show only the first N.", show_default=False),
    ] = None
    columns: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,...",
            help="Only these fields, in this order, by their names in JSON: "
            "'repository,tag,digest'.",
            show_default=False,
        ),
    ] = None


RegistryOption = Annotated[
    str | None,
    typer.Option("--registry", metavar="REGISTRY", help="Only this registry.", show_default=False),
]
NamespaceOption = Annotated[
    str | None,
    typer.Option(
        "--namespace",
        "-n",
        metavar="NAMESPACE",
        help="Only this namespace.",
        autocompletion=complete_namespace,
        show_default=False,
    ),
]
RepositoryOption = Annotated[
    str | None,
    typer.Option(
        "--repository",
        "-r",
        metavar="GLOB",
        help="Only these repositories: 'ansible/awx' or '*-operator'.",
        autocompletion=complete_repository,
        show_default=False,
    ),
]
TagOption = Annotated[
    str | None,
    typer.Option(
        "--tag",
        "-t",
        metavar="GLOB",
        help="Only these tags: 'latest' or '1.2*'.",
        autocompletion=complete_tag,
        show_default=False,
    ),
]


class Scope(NamedTuple):
    """Of which images something is asked."""

    registry: RegistryOption = None
    namespace: NamespaceOption = None
    repository: RepositoryOption = None
    tag: TagOption = None

    def holds(self, registry: str, repository: str, tag: str | None = None) -> bool:
        """Whether it holds an image, once `name_lookup.resolved` has found its names."""
        namespace = None if self.namespace == WHOLE_REGISTRY else self.namespace
        return (
            self.registry in {None, registry}
            and (namespace is None or repository.startswith(f"{namespace}/"))
            and (self.repository is None or fnmatchcase(repository, self.repository))
            and (self.tag is None or (tag is not None and fnmatchcase(tag, self.tag)))
        )


class Output(NamedTuple):
    """How and where an answer is written; of every command with `--format`."""

    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write to this file; '-' is standard output.",
            show_default=False,
        ),
    ] = None
    wide: Annotated[
        bool,
        typer.Option("--wide", help="Shorten and leave out nothing, however narrow the terminal."),
    ] = False


class Zone(NamedTuple):
    """In which zone days, and times without an offset, are read; of every command with a WHEN."""

    timezone: Annotated[
        str | None,
        typer.Option(
            metavar="ZONE",
            help="Zone of times without an offset, and of 'today': 'Europe/Berlin'. Default: UTC.",
            show_default=False,
        ),
    ] = None


BUNDLES = (Listing, Scope)
"""What a command asks for by a parameter."""


def options_of(bundle: type[NamedTuple]) -> dict[str, inspect.Parameter]:
    """The options of a bundle, as parameters of a command."""
    hints = get_type_hints(bundle, include_extras=True)
    defaults: dict[str, Any] = bundle._field_defaults
    return {
        name: inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=defaults[name], annotation=hints[name]
        )
        for name in bundle._fields
    }
