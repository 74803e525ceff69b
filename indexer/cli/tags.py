"""`indexer tags`: list the tags of a repository, now or at a past time, or of all repositories."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.completion import complete_namespace, complete_repository
from indexer.cli.context import CommandContext, command, default_registry
from indexer.cli.options import AllOption, ColumnsOption, FormatOption, MaxAgeOption
from indexer.core.errors import UsageError
from indexer.render.formats import Format

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from indexer.render.records.images import Tag
    from indexer.render.tag_choice import TagChoice
    from indexer.render.tag_comparison import CompanionFilter
    from indexer.store.catalog.catalog import Catalog

ORDERS = "name, version, pushed_at, size, last_pulled"
"""Those of `indexer.render.tag_choice`. Repeated so that help stays fast; a test compares."""


def _order(text: str) -> str:
    if text not in ORDERS.split(", "):
        raise typer.BadParameter(f"'{text}' is not one of {ORDERS}")
    return text


@command
def tags(  # noqa: PLR0913, PLR0917 - each is an option of the command
    session: CommandContext,
    repository: Annotated[
        str | None,
        typer.Argument(
            metavar="REPOSITORY",
            help="'ansible/awx', or 'nginx' for 'library/nginx'. Without it: all, with --tag.",
            autocompletion=complete_repository,
            show_default=False,
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="WHEN",
            help="Show the tags of that time: '24h' (ago), ISO 8601, or the end of 'crawl:ID'.",
            show_default=False,
        ),
    ] = None,
    tag: Annotated[
        str | None, typer.Option(metavar="GLOB", help="Only these tags: 'latest' or '1.2*'.")
    ] = None,
    registry: Annotated[
        str | None, typer.Option(metavar="REGISTRY", help="Only this registry.")
    ] = None,
    namespace: Annotated[
        str | None,
        typer.Option(
            metavar="NAMESPACE", help="Only this namespace.", autocompletion=complete_namespace
        ),
    ] = None,
    version: Annotated[
        str | None,
        typer.Option(metavar="RANGE", help="Only versions in this range: '>=1.2 <2', '^1.4'."),
    ] = None,
    pushed_since: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Only tags pushed since then.")
    ] = None,
    not_pulled_since: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="Only tags last pulled before that, as the Hub says."),
    ] = None,
    order: Annotated[
        str, typer.Option("--sort", metavar="FIELD", help=f"Sort by {ORDERS}.", parser=_order)
    ] = "name",
    *,
    reverse: Annotated[
        bool, typer.Option("--reverse", help="The greatest or newest first.")
    ] = False,
    everything: AllOption = False,
    columns: ColumnsOption = None,
    max_age: MaxAgeOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List the tags of a repository and their digests, or one tag of all repositories.

    Also shows which other tags of the repository have the same digest.

    Examples: 'indexer tags nginx --version ">=1.27" --sort version' and 'indexer tags --tag 1.27'.
    """
    from indexer.cli.answer_age import AnswerAge  # noqa: PLC0415 - help must not wait for it
    from indexer.crawl.schedule.freshness import of_repositories  # noqa: PLC0415 - the same
    from indexer.manifests.companion_tags import asks_for_companions  # noqa: PLC0415 - the same
    from indexer.render import column_sets, tag_comparison  # noqa: PLC0415 - the same
    from indexer.render.chosen_columns import chosen  # noqa: PLC0415 - the same
    from indexer.render.output import write  # noqa: PLC0415 - the same
    from indexer.render.tag_choice import TagOrder, in_order  # noqa: PLC0415 - the same

    choice = _choice(session, tag, version, pushed_since, not_pulled_since)
    with session.index() as store:
        catalog = store.catalog
        places = _places(catalog, repository, tag, (registry, namespace))
        wanted = of_repositories(places) if repository else None
        age = AnswerAge(session, catalog, max_age, wanted)
        time = _time(session, catalog, as_of, is_one=repository is not None)
        asks = tag is not None and asks_for_companions([tag])
        companions = tag_comparison.CompanionFilter(lifted=everything or asks)
        found = _tags(catalog, places, time, companions, choice)
        if order != TagOrder.NAME or reverse:
            found = iter(in_order(found, TagOrder(order), reverse=reverse))
        shape = column_sets.tags(None if repository else default_registry(catalog))
        number = write(found, chosen(shape, columns), form, session.out, session.width)
    _tell(session, number, companions.hidden, repository, as_of)
    age.tell()


def _places(
    catalog: "Catalog",
    repository: str | None,
    tag: str | None,
    scope: tuple[str | None, str | None],
) -> list[tuple[str, str]]:
    """The repositories whose tags are listed.

    Raises:
        UsageError: the index does not know the repository, registry or namespace, or neither a
            repository nor a tag is named.
    """
    from indexer.cli import name_lookup  # noqa: PLC0415 - help must not wait for it

    registry, namespace = scope
    if repository is not None:
        if registry or namespace:
            raise UsageError("--registry and --namespace are for --tag without a REPOSITORY.")
        return [name_lookup.find_repository(catalog, repository)]
    if tag is None:
        raise UsageError("whose tags? Name a repository, or a tag with --tag to find it in all.")
    if registry is not None:
        registry = name_lookup.find_registry(catalog, registry)
    if namespace is not None:
        place = name_lookup.find_namespace(catalog, namespace)
        registry, namespace = registry or place.registry, place.namespace
    return catalog.with_tag(tag, registry, namespace)


def _choice(
    session: CommandContext,
    tag: str | None,
    version: str | None,
    pushed_since: str | None,
    not_pulled_since: str | None,
) -> "TagChoice":
    """Which tags are shown.

    Raises:
        UsageError: the range or a time cannot be read.
    """
    from indexer.core.printable import shown  # noqa: PLC0415 - help must not wait for it
    from indexer.core.time_expression import parse_when  # noqa: PLC0415 - the same
    from indexer.core.version_range import Range  # noqa: PLC0415 - the same
    from indexer.render.tag_choice import TagChoice  # noqa: PLC0415 - the same

    def time_of(text: str | None, option: str) -> "datetime | None":
        time = parse_when(text, session.now()).time if text else None
        if text and time is None:
            raise UsageError(f"{option}: expected a time, such as '90d' or '2026-03-02'.")
        return time

    try:
        versions = Range.parse(version) if version else None
    except ValueError:
        raise UsageError(
            f"--version: cannot read '{shown(version or '', 60)}': write a range, as '>=1.2 <2'."
        ) from None
    return TagChoice(
        tag,
        versions,
        time_of(pushed_since, "--pushed-since"),
        time_of(not_pulled_since, "--not-pulled-since"),
    )


def _time(
    session: CommandContext, catalog: "Catalog", as_of: str | None, *, is_one: bool
) -> "datetime | None":
    """The time as of which tags are listed; None: now.

    Raises:
        UsageError: it cannot be read, or is given for more than one repository.
    """
    from indexer.cli import name_lookup  # noqa: PLC0415 - help must not wait for it
    from indexer.core.time_expression import parse_when  # noqa: PLC0415 - the same

    if as_of is None:
        return None
    if not is_one:
        raise UsageError("--as-of needs a REPOSITORY: each is known since another time.")
    return name_lookup.moment(catalog, parse_when(as_of, session.now()))


def _tags(
    catalog: "Catalog",
    places: list[tuple[str, str]],
    time: "datetime | None",
    companions: "CompanionFilter",
    choice: "TagChoice",
) -> "Iterator[Tag]":
    from indexer.render import tag_comparison  # noqa: PLC0415 - help must not wait for it

    for place in places:
        look = partial(catalog.tags, *place, time)
        yield from filter(choice.fits, tag_comparison.tags(look, companions))


def _tell(
    session: CommandContext, number: int, hidden: int, repository: str | None, as_of: str | None
) -> None:
    from indexer.core.humanize import count  # noqa: PLC0415 - help must not wait for it

    if hidden and repository:
        session.note(f"{count(hidden, 'tag')} of signatures and the like: use --all.")
    elif not number:
        then = f" as of {as_of}" if as_of else ""
        hint = f"; 'indexer history {repository}' lists old ones" if repository else ""
        session.note(f"no such tags{then}{hint}.")
