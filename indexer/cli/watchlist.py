"""`indexer watchlist`: the entries of the configuration that cover the images in use."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli import image_arguments
from indexer.cli.context import CommandContext, command
from indexer.cli.image_arguments import KindOption, SetOption, TargetsArgument
from indexer.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.config import Settings
    from indexer.pins.watchlist import Configured, Watchlist


@command
def watchlist(
    session: CommandContext,
    targets: TargetsArgument,
    kind: KindOption = None,
    values: SetOption = None,
    *,
    namespaces: Annotated[
        bool,
        typer.Option(
            "--namespaces",
            help="Name whole namespaces of Docker Hub, other than 'library', not repositories.",
        ),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write to a new file instead of standard output.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Print the [[registry]] entries that cover the images in use.

    Append them to the configuration. What it covers already is left out. An entry that has the
    same namespace or registry must be edited: a comment says how. Exit code 1 if so, or if an
    image cannot be read; 2 if a file is not understood (the others are read anyway).

    Examples:
      indexer watchlist compose.yaml Dockerfile >> indexer.toml
      kubectl get pods -A -o yaml | indexer watchlist - -o watchlist.toml
    """
    from indexer.core.printable import shown  # noqa: PLC0415 - help must not wait for it
    from indexer.pins.watchlist import watchlist as find  # noqa: PLC0415 - the same
    from indexer.render.watchlist import toml  # noqa: PLC0415 - the same

    found = image_arguments.images(session, targets, values, kind)
    wanted = find(found.pins, list(_configured(session.settings)), whole=namespaces)
    text = toml(wanted)
    if output is None:
        session.out.write(text)
    elif text:
        _create(output, text)
    image_arguments.tell(session, found)
    unreadable = [pin for pin in found.pins if pin.reference is None]
    for pin in unreadable:
        place = f"{shown(pin.file)}:{pin.line or ''}: " if pin.file else ""
        session.complain(f"{place}{shown(pin.problem, 500)}")
    _tell(session, wanted)
    if found.refused:
        raise typer.Exit(2)
    if unreadable or wanted.additions:
        raise typer.Exit(1)


def _configured(settings: "Settings") -> "Iterator[Configured]":
    """The entries of the configuration; none if it names no registry."""
    from indexer.bootstrap.registry_connections import wanted_names  # noqa: PLC0415 - help must not wait for it
    from indexer.config import RegistrySettings  # noqa: PLC0415 - the same
    from indexer.pins.watchlist import Configured  # noqa: PLC0415 - the same

    for each in settings.registries:
        if each != RegistrySettings():
            yield Configured(each.name, each.host, each.namespaces, wanted_names(each))


def _create(file: Path, text: str) -> None:
    from indexer.core.printable import shown  # noqa: PLC0415 - help must not wait for it

    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError:
        raise UsageError(
            f"{shown(str(file))} exists: choose another file, or append to it with '>>'."
        ) from None
    except OSError as error:
        raise UsageError(f"{shown(str(file))} cannot be written: {error.strerror}.") from None


def _tell(session: CommandContext, found: "Watchlist") -> None:
    """Write on standard error what the configuration covers, and what a person has to do."""
    from indexer.core.humanize import count  # noqa: PLC0415 - help must not wait for it

    if found.covered:
        number = count(len(found.covered), "repository")
        session.note(f"the configuration covers {number} already: {', '.join(found.covered)}.")
    for each in found.additions:
        session.complain(
            f"the entry '{each.entry}' has a namespace or registry that no second entry may have: "
            "edit it as the comment says."
        )
