"""Images and files as arguments: what `check`, `outdated` and `watchlist` are given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.cli.context import CommandContext
    from indexer.pins.arguments import Found

KINDS = (
    "dockerfile, compose, kubernetes, github-actions, gitlab-ci, devcontainer, bake, terraform, "
    "quadlet, helm-values, docker-inspect, list"
)
"""The names in `indexer.pins.file_kinds`. Repeated so that help stays fast; a test compares."""

_SHORT = re.compile(r"[^@\s]+@(?:sha256:|sha512:)?[0-9a-f]{7,63}", re.ASCII)
"""An image with the first digits of its digest."""

STANDARD_INPUT = "-"

MOST_NAMED = 3
"""The most files that a note names."""


def _kind(text: str) -> str:
    if text not in KINDS.split(", "):
        raise typer.BadParameter(f"'{text}' is not one of {KINDS}")
    return text


TargetsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="IMAGE|FILE...",
        help="For example 'nginx:1.27@sha256:…' or 'nginx:1.27@4bcff63', 'pkg:docker/nginx@1.27', "
        "'Dockerfile' or '.gitlab-ci.yml'; '-' reads standard input.",
        show_default=False,
    ),
]
KindOption = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="KIND",
        help=f"Kind of the files: {KINDS}. Default: found from name and content.",
        parser=_kind,
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Value of an ARG or of another variable, as in 'vars.IMAGE=nginx:1'. May be repeated.",
    ),
]


def images(
    session: CommandContext, targets: list[str], values: list[str] | None, kind: str | None
) -> Found:
    """The images that the arguments are or name, and what was not understood of them.

    Raises:
        UsageError: a value is not NAME=VALUE, or a short digest fits none or several.
    """
    from indexer.pins import arguments  # noqa: PLC0415 - help must not wait for it

    if any(map(_SHORT.fullmatch, targets)):
        from indexer.cli.name_lookup import with_full_digest  # noqa: PLC0415 - the same

        with session.index() as store:
            targets = [
                with_full_digest(store.catalog, each) if _SHORT.fullmatch(each) else each
                for each in targets
            ]
    return arguments.images(targets, dict(_pair(value) for value in values or ()), kind, _content)


def tell(session: CommandContext, found: Found) -> None:
    """Write on standard error what was not understood, and which files name no image."""
    session.out.flush()  # the answer first
    for sentence in found.refused:
        session.complain(sentence)
    if found.without:
        session.note(f"no image is named in {_some(found.without)}.")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise UsageError("--set takes NAME=VALUE, as in '--set VERSION=1.27'.")
    return name, value


def _content(name: str, most: int) -> bytes | None:
    """Read at most so many bytes of a file or of standard input; None if there is no such file."""
    import sys  # noqa: PLC0415 - only for '-'
    from pathlib import Path  # noqa: PLC0415 - help must not wait for it

    from indexer.core.printable import shown  # noqa: PLC0415 - the same

    if name == STANDARD_INPUT:
        return sys.stdin.buffer.read(most)
    if not name:  # as "$IMAGE" is, where it is not set; its path would be the folder
        raise UsageError("'' is neither an image nor a file: name one.")
    path = Path(name)
    try:
        with path.open("rb") as stream:
            return stream.read(most)
    except IsADirectoryError:
        raise UsageError(f"{shown(name)} is a folder: name the files in it.") from None
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    except OSError as error:
        raise UsageError(f"{shown(name)} cannot be read: {error.strerror}.") from None


def _some(names: Sequence[str]) -> str:
    """Names for a sentence; of many only the first."""
    from indexer.core.printable import shown  # noqa: PLC0415 - help must not wait for it

    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(map(shown, names[:MOST_NAMED])) + more
