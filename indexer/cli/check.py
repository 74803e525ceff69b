"""`indexer check`: compare pinned images with the index."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.context import CommandContext, command
from indexer.cli.options import MaxAgeOption
from indexer.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.cli.answer_age import AnswerAge
    from indexer.pins.pin import CheckedPin, Pin
    from indexer.store.catalog.catalog import Catalog


class CheckFormat(StrEnum):
    """How verdicts are written."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    SARIF = "sarif"


KINDS = (
    "dockerfile, compose, kubernetes, github-actions, gitlab-ci, devcontainer, quadlet, "
    "helm-values, list"
)
"""The names in `indexer.pins.file_kinds`. Repeated so that help stays fast; a test compares."""

STANDARD_INPUT = "-"


def _kind(text: str) -> str:
    if text not in KINDS.split(", "):
        raise typer.BadParameter(f"'{text}' is not one of {KINDS}")
    return text


@command
def check(
    session: CommandContext,
    targets: Annotated[
        list[str],
        typer.Argument(
            metavar="IMAGE|FILE...",
            help="For example 'nginx:1.27@sha256:…', 'pkg:docker/nginx@1.27', 'Dockerfile' or "
            "'compose.yaml'; '-' reads standard input.",
            show_default=False,
        ),
    ],
    kind: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="KIND",
            help=f"Kind of the files: {KINDS}. Default: found from name and content.",
            parser=_kind,
        ),
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Value of an ARG or of a compose variable. May be repeated.",
        ),
    ] = None,
    *,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Exit with 1 also for images that are unpinned, unknown or unreadable."
        ),
    ] = False,
    max_age: MaxAgeOption = None,
    form: Annotated[
        CheckFormat,
        typer.Option(
            "--format", metavar="table|json|jsonl|csv|sarif", help="How to write the result."
        ),
    ] = CheckFormat.TABLE,
) -> None:
    """Check whether pinned tags still point to their digests.

    For each image: does the tag still point to the digest, and if not, since when. Reads the index
    only, never a registry. Exit code 1 if a tag was retagged or removed, or never had the digest.
    """
    from indexer.pins.check import check as judge  # noqa: PLC0415 - help must not wait for it
    from indexer.pins.pin import Verdict  # noqa: PLC0415 - the same

    given = dict(_pair(value) for value in values or ())
    pins = list(_pins(targets, given, kind))
    with session.index() as store:
        verdicts = list(judge(store.catalog, pins))
        age = _age(session, store.catalog, max_age, verdicts)
    _write(session, verdicts, form, age)
    drifted = sum(verdict.verdict.is_drift for verdict in verdicts)
    unclear = sum(not verdict.verdict.is_answer for verdict in verdicts)
    if not verdicts:
        session.note("no images found.")
    elif unclear:
        unpinned = sum(verdict.verdict is Verdict.UNPINNED for verdict in verdicts)
        session.note(
            f"{unpinned} of {len(verdicts)} images are not pinned; "
            f"{unclear - unpinned} are unknown or unreadable."
        )
    age.tell()
    if drifted or (strict and unclear):
        raise typer.Exit(1)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise UsageError("--set takes NAME=VALUE, as in '--set VERSION=1.27'.")
    return name, value


def _pins(targets: "Sequence[str]", given: dict[str, str], kind: str | None) -> "Iterator[Pin]":
    """Yield the images of each target: of the file with that name if it exists, else the image."""
    import sys  # noqa: PLC0415 - only for '-'
    from pathlib import Path  # noqa: PLC0415 - help must not wait for it

    from indexer.core.printable import shown  # noqa: PLC0415 - the same
    from indexer.core.reference import parse_reference  # noqa: PLC0415 - the same
    from indexer.pins import file_kinds  # noqa: PLC0415 - the same
    from indexer.pins.pin import Pin  # noqa: PLC0415 - the same

    for target in targets:
        if target == STANDARD_INPUT:
            content = sys.stdin.buffer.read(file_kinds.MOST_BYTES + 1)
            yield from file_kinds.images(content, target, given, kind)
            continue
        path = Path(target)
        if path.is_dir():
            raise UsageError(f"{shown(target)} is a folder: name the files in it.")
        if path.is_file() or (kind is not None and not path.exists()):
            with path.open("rb") as stream:
                content = stream.read(file_kinds.MOST_BYTES + 1)
            yield from file_kinds.images(content, target, given, kind)
        else:
            try:
                yield Pin(target, reference=parse_reference(target))
            except UsageError as error:
                raise UsageError(f"there is no file '{shown(target)}', and {error}") from None


def _age(
    session: CommandContext, catalog: "Catalog", max_age: str | None, found: "list[CheckedPin]"
) -> "AnswerAge":
    """How fresh the verdicts are: by the namespaces of the images that the index knows."""
    from indexer.cli.answer_age import AnswerAge, of_repositories  # noqa: PLC0415 - help must not wait for it

    places = {
        (each.registry, name)
        for each in found
        if each.registry and each.pin.reference
        for name in each.pin.reference.names
    }
    return AnswerAge(session, catalog, max_age, of_repositories(places))


def _write(
    session: CommandContext, verdicts: "list[CheckedPin]", form: CheckFormat, age: "AnswerAge"
) -> None:
    if form is CheckFormat.SARIF:
        import json  # noqa: PLC0415 - help must not wait for it

        from indexer.render import sarif  # noqa: PLC0415 - the same

        session.out.write(json.dumps(sarif.log(verdicts, age.freshness), indent=2) + "\n")
        return
    from indexer.render import pins  # noqa: PLC0415 - help must not wait for it
    from indexer.render.formats import Format  # noqa: PLC0415 - the same
    from indexer.render.output import write  # noqa: PLC0415 - the same

    write(verdicts, pins.shape(), Format(form.value), session.out, session.width)
