"""`indexer check`: compare pinned images with the index."""

from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli import image_arguments
from indexer.cli.context import CommandContext, command
from indexer.cli.image_arguments import KindOption, SetOption, TargetsArgument
from indexer.cli.option_bundles import Listing
from indexer.cli.options import MaxAgeOption

if TYPE_CHECKING:
    from indexer.cli.answer_age import AnswerAge
    from indexer.pins.arguments import Found
    from indexer.pins.pin import CheckedPin
    from indexer.store.catalog.catalog import Catalog


class CheckFormat(StrEnum):
    """How verdicts are written."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    SARIF = "sarif"


@command
def check(  # noqa: PLR0913 - each is an option of the command
    session: CommandContext,
    targets: TargetsArgument,
    kind: KindOption = None,
    values: SetOption = None,
    *,
    listing: Listing,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Exit with 1 also for images that are not pinned."),
    ] = False,
    live: Annotated[
        bool,
        typer.Option(
            "--live",
            help="Also ask the registries themselves, a HEAD for each image, and say where they "
            "and the index differ.",
        ),
    ] = False,
    min_age: Annotated[
        str | None,
        typer.Option(
            metavar="DURATION",
            help="Fail digests that are younger, such as '7d', and name what to use instead.",
            show_default=False,
        ),
    ] = None,
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
    only, and asks no registry without --live. Exit code 1 if a tag was retagged or removed, or
    never had the digest, if that is younger than --min-age, or if the index does not know; 2 if a
    file is not understood (the others are checked anyway).

    Examples:
      indexer check compose.yaml Dockerfile
      indexer check nginx:1.27@4bcff63 --live --min-age 7d
    """
    from indexer.config.value_readers import duration  # noqa: PLC0415 - help must not wait for it
    from indexer.pins.check import check as judge  # noqa: PLC0415 - the same
    from indexer.pins.min_age import MinAge, after_live  # noqa: PLC0415 - the same

    wanted = MinAge(duration(min_age, "--min-age"), session.now()) if min_age else None
    found = image_arguments.images(session, targets, values, kind)
    verdicts: list[CheckedPin] = []
    age = None
    if found.pins:
        with session.index() as store:
            verdicts = list(judge(store.catalog, found.pins, wanted))
            age = _age(session, store.catalog, max_age, verdicts)
        if live:
            compared = _compared(session, verdicts)
            verdicts = list(map(after_live, verdicts, compared)) if wanted else compared
    if verdicts or form is not CheckFormat.TABLE:
        _write(session, verdicts, (found.refused, form, listing), age)
    _tell(session, verdicts, found)
    if found.refused:
        with suppress(typer.Exit):  # 2 goes before 1
            _tell_age(age)
        raise typer.Exit(2)
    _tell_age(age)
    unclear = any(not verdict.verdict.is_answer for verdict in verdicts)
    if (strict and unclear) or any(verdict.verdict.is_failure for verdict in verdicts):
        raise typer.Exit(1)


def _tell(session: CommandContext, verdicts: "list[CheckedPin]", found: "Found") -> None:
    """Write on standard error what was not understood, and what is not certain."""
    from indexer.core.humanize import count  # noqa: PLC0415 - help must not wait for it
    from indexer.pins.pin import Verdict  # noqa: PLC0415 - the same

    image_arguments.tell(session, found)
    unclear = sum(not verdict.verdict.is_answer for verdict in verdicts)
    if unclear:
        unpinned = sum(verdict.verdict is Verdict.UNPINNED for verdict in verdicts)
        session.note(
            f"not pinned: {unpinned:,} of {count(len(verdicts), 'image')}; unknown or unreadable: "
            f"{unclear - unpinned:,}."
        )


def _age(
    session: CommandContext, catalog: "Catalog", max_age: str | None, found: "list[CheckedPin]"
) -> "AnswerAge":
    """How fresh the verdicts are: by the namespaces of the images that the index knows."""
    from indexer.cli.answer_age import AnswerAge  # noqa: PLC0415 - help must not wait for it
    from indexer.crawl.schedule.freshness import of_repositories  # noqa: PLC0415 - the same

    places = {
        (each.registry, name)
        for each in found
        if each.registry and each.pin.reference
        for name in each.pin.reference.names
    }
    return AnswerAge(session, catalog, max_age, of_repositories(places))


def _compared(session: CommandContext, verdicts: "list[CheckedPin]") -> "list[CheckedPin]":
    """The verdicts after the registries were asked."""
    from indexer.bootstrap.index_and_sources import Sources  # noqa: PLC0415 - help must not wait for it
    from indexer.bootstrap.live_registries import LiveRegistries  # noqa: PLC0415 - the same
    from indexer.core.humanize import count  # noqa: PLC0415 - the same
    from indexer.pins.live import compare  # noqa: PLC0415 - the same

    sources = Sources(session.settings, session.clock)
    try:
        ask = LiveRegistries(session.settings, sources).head
        found = compare(verdicts, ask, session.settings.http.concurrency)
    finally:
        sources.close()
    differing = sum(each.live not in {None, each.now} for each in found)
    if differing:
        session.note(
            f"the registry and the index differ on {count(differing, 'image')}: crawl again."
        )
    return found


def _tell_age(age: "AnswerAge | None") -> None:
    if age is not None:
        age.tell()


def _write(
    session: CommandContext,
    verdicts: "list[CheckedPin]",
    how: "tuple[list[str], CheckFormat, Listing]",
    age: "AnswerAge | None",
) -> None:
    """Write the verdicts; `how`: what was not understood, the format and the order."""
    refused, form, listing = how
    if form is CheckFormat.SARIF:
        import json  # noqa: PLC0415 - help must not wait for it

        from indexer.render import sarif  # noqa: PLC0415 - the same

        log = sarif.log(verdicts, age.freshness if age else None, refused)
        session.out.write(json.dumps(log, indent=2) + "\n")
        return
    from indexer.render import pins  # noqa: PLC0415 - help must not wait for it
    from indexer.render.formats import Format  # noqa: PLC0415 - the same

    session.write(verdicts, pins.shape(), Format(form.value), listing)
