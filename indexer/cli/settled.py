"""`indexer settled`: the newest digest that a tag kept for long enough."""

from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.completion import complete_image
from indexer.cli.context import CommandContext, command
from indexer.cli.options import MaxAgeOption, TableOrJsonOption
from indexer.core.errors import NotInIndex, UsageError
from indexer.render.formats import TableOrJson

if TYPE_CHECKING:
    from datetime import timedelta

    from indexer.catalog.settled import SettledTag
    from indexer.core.reference import Reference
    from indexer.store.catalog.catalog import Catalog


@command
def settled(
    session: CommandContext,
    image: Annotated[
        str,
        typer.Argument(
            metavar="IMAGE:TAG",
            help="'nginx:1.27', 'registry.example.com/team/app:2'. Without a tag: latest.",
            autocompletion=complete_image,
            show_default=False,
        ),
    ],
    least: Annotated[
        str,
        typer.Option(
            "--for", metavar="DURATION", help="How long: '24h', '7d', '2w'.", show_default=False
        ),
    ],
    *,
    pin: Annotated[
        bool, typer.Option("--pin", help="Print the image with the digest: 'nginx:1.27@sha256:…'.")
    ] = False,
    max_age: MaxAgeOption = None,
    form: TableOrJsonOption = TableOrJson.TABLE,
) -> None:
    """Print the newest digest that a tag kept for at least so long.

    What is newer may still turn out to be bad. The age counts from when a crawl first saw the tag
    with this digest, or from its push; the message says which. Exit code 1 if there is none, or if
    the index does not know the image.

    Examples:
      indexer settled nginx:1.27 --for 7d
      indexer settled nginx:1.27 --for 2w --pin -q | xargs docker pull
    """
    from indexer.cli.answer_age import AnswerAge  # noqa: PLC0415 - help must not wait for it
    from indexer.config.value_readers import duration  # noqa: PLC0415 - the same
    from indexer.core.reference import parse_reference  # noqa: PLC0415 - the same
    from indexer.crawl.schedule.freshness import of_repositories  # noqa: PLC0415 - the same

    wanted = duration(least, "--for")
    reference = parse_reference(image)
    if reference.digest:
        raise UsageError("settled finds the digest of a tag: leave out '@' and the digest.")
    with session.question(max_age) as store:
        found = _ask(session, store.catalog, reference, wanted)
        place = found.registry, found.repository
        age = AnswerAge(session, store.catalog, max_age, of_repositories([place]))
    if form is TableOrJson.JSON:
        from indexer.render import freshness  # noqa: PLC0415 - only for JSON
        from indexer.render.output import as_json  # noqa: PLC0415 - the same
        from indexer.render.records.settled import Settled  # noqa: PLC0415 - the same

        answer = Settled.of(found, wanted, freshness.record(age.freshness))
        session.out.write(f"{as_json(answer, indent=2)}\n")
    elif found.found:
        session.out.write(f"{_pinned(found, image, reference) if pin else found.found.digest}\n")
    tell = session.note if found.found else session.complain
    tell(found.sentence)
    age.tell()
    if found.found is None:
        raise typer.Exit(1)


def _ask(
    session: CommandContext, catalog: "Catalog", reference: "Reference", wanted: "timedelta"
) -> "SettledTag":
    """Answer from the index.

    Raises:
        NotInIndex: it does not know the image.
    """
    from indexer.catalog.settled import UNNAMED, settled_tag  # noqa: PLC0415 - help must not wait for it
    from indexer.pins.check import locate  # noqa: PLC0415 - the same

    place, tag = locate(catalog, reference), reference.tag or UNNAMED
    periods = list(catalog.history(*place, tag))
    if not periods:
        raise NotInIndex(f"the history of {place[1]}:{tag} was pruned.")
    unwatched = catalog.unwatched(*place, [tag]).get(tag)
    unseen = catalog.unseen(*place, [tag])
    return settled_tag(
        place, tag, periods, wanted, session.now(), unwatched_since=unwatched, unseen=unseen
    )


def _pinned(found: "SettledTag", typed: str, reference: "Reference") -> str:
    """The image to pin, spelled as it was typed if docker understands that."""
    from dataclasses import replace  # noqa: PLC0415 - help must not wait for it

    from indexer.core.reference import DOCKER_HUB  # noqa: PLC0415 - the same

    digest = found.found.digest if found.found else None
    short = replace(reference, repository=reference.repository.removeprefix("library/"))
    is_plain = typed in {str(reference), str(short)}
    if is_plain and (reference.registry or found.registry == DOCKER_HUB):
        tag = "" if reference.tag else f":{found.tag}"
        return f"{typed}{tag}@{digest}"
    return f"{found.registry}/{found.repository}:{found.tag}@{digest}"
