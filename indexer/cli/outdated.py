"""`indexer outdated`: newer versions of the images in use."""

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli import image_arguments
from indexer.cli.context import CommandContext, command
from indexer.cli.image_arguments import KindOption, SetOption, TargetsArgument
from indexer.cli.option_bundles import Listing
from indexer.cli.options import FormatOption, MaxAgeOption
from indexer.render.formats import Format

if TYPE_CHECKING:
    from indexer.cli.answer_age import AnswerAge
    from indexer.pins.outdated import OutdatedPin
    from indexer.store.catalog.catalog import Catalog


@command
def outdated(
    session: CommandContext,
    targets: TargetsArgument,
    kind: KindOption = None,
    values: SetOption = None,
    *,
    listing: Listing,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Exit with 1 also for images whose tag is not a version."),
    ] = False,
    max_age: MaxAgeOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List newer versions of the images in use.

    For each image the newest tag of the same shape, by patch, minor and major version: with the
    same prefix and suffix ('-alpine') and as many numbers, and no pre-release unless it is one.
    Where none is newer, another version of the distribution ('-alpine3.19') counts too.
    Exit code 1 if something is outdated, or the index does not know; 2 if a file is not understood
    (the others are answered anyway).

    Examples:
      indexer outdated compose.yaml
      indexer outdated nginx:1.27-alpine --json
    """
    from indexer.catalog.outdated import Currency  # noqa: PLC0415 - help must not wait for it
    from indexer.pins.outdated import outdated as find  # noqa: PLC0415 - the same
    from indexer.render.outdated import shape  # noqa: PLC0415 - the same

    given = image_arguments.images(session, targets, values, kind)
    found: list[OutdatedPin] = []
    age = None
    if given.pins:
        with session.index() as store:
            found = find(store.catalog, given.pins, session.program)
            age = _age(session, store.catalog, max_age, found)
    if found or form is not Format.TABLE:
        session.write(found, shape(), form, listing)
    image_arguments.tell(session, given)
    _tell(session, found)
    if given.refused:
        if age is not None:
            with suppress(typer.Exit):  # 2 goes before 1
                age.tell()
        raise typer.Exit(2)
    if age is not None:
        age.tell()
    fine = {Currency.CURRENT} if strict else {Currency.CURRENT, Currency.UNVERSIONED}
    if any(each.found.status not in fine for each in found):
        raise typer.Exit(1)


def _age(
    session: CommandContext, catalog: "Catalog", max_age: str | None, found: "list[OutdatedPin]"
) -> "AnswerAge":
    """How fresh the answers are: by the namespaces of the images that the index knows."""
    from indexer.cli.answer_age import AnswerAge  # noqa: PLC0415 - help must not wait for it
    from indexer.crawl.schedule.freshness import of_repositories  # noqa: PLC0415 - the same

    places = {
        (each.found.registry, each.found.repository)
        for each in found
        if each.found.registry and each.found.repository
    }
    return AnswerAge(session, catalog, max_age, of_repositories(places))


def _tell(session: CommandContext, found: "list[OutdatedPin]") -> None:
    """Write on standard error the reason of each image that was not compared."""
    from indexer.catalog.outdated import Currency  # noqa: PLC0415 - help must not wait for it
    from indexer.core.printable import shown  # noqa: PLC0415 - the same
    from indexer.render.pins import place  # noqa: PLC0415 - the same

    told: set[str] = set()
    for pin, answer in found:
        sentence = f"{f'{place(pin)}: ' if pin.file else ''}{shown(answer.sentence, 500)}"
        if sentence in told:
            continue
        told.add(sentence)
        if answer.status in {Currency.UNKNOWN, Currency.UNREADABLE}:
            session.complain(sentence)
        elif answer.status is Currency.UNVERSIONED:
            session.note(sentence)
