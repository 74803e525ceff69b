"""`indexer tags`: list the tags of a repository, now or at a past time, or of all repositories."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.completion import complete_repository
from indexer.cli.context import CommandContext, command, default_registry
from indexer.cli.option_bundles import Listing, Scope
from indexer.cli.options import AllOption, FormatOption, MaxAgeOption
from indexer.core.errors import UsageError
from indexer.render.formats import Format

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from indexer.core.catalog_entries import TagEntry
    from indexer.render.records.images import Tag
    from indexer.render.tag_choice import TagChoice
    from indexer.render.tag_comparison import CompanionFilter
    from indexer.store.catalog.catalog import Catalog
ANY_TAG = "*"


@command
def tags(  # noqa: PLR0913 - each is an option of the command
    session: CommandContext,
    place: Annotated[
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
    *,
    scope: Scope,
    listing: Listing,
    everything: AllOption = False,
    max_age: MaxAgeOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List the tags of a repository, or one tag of all repositories.

    Shows what each tag points to, and which other tags of the repository have the same digest. Tags
    come in the order of versions: '0.9.0', '0.10.0', 'latest'.

    Examples:
      indexer tags nginx --version '>=1.27' --reverse
      indexer tags --tag 1.27 --columns repository,tag,digest
    """
    from indexer.cli.answer_age import AnswerAge  # noqa: PLC0415 - help must not wait for it
    from indexer.core import version_order  # noqa: PLC0415 - the same
    from indexer.crawl.schedule.freshness import of_repositories  # noqa: PLC0415 - the same
    from indexer.manifests.companion_tags import asks_for_companions  # noqa: PLC0415 - the same
    from indexer.render import column_sets, tag_comparison  # noqa: PLC0415 - the same
    from indexer.render.arrangement import is_by_name  # noqa: PLC0415 - the same

    tag = scope.tag
    choice = _choice(session, tag, version, pushed_since, not_pulled_since)
    with session.question(max_age) as store:
        catalog = store.catalog
        places = _places(catalog, place, scope)
        wanted = of_repositories(places) if place else None
        age = AnswerAge(session, catalog, max_age, wanted)
        age.rests_on(catalog, places)
        time = _time(session, catalog, as_of, is_one=place is not None)
        asks = tag is not None and asks_for_companions([tag])
        companions = tag_comparison.CompanionFilter(lifted=everything or asks)
        listing = listing._replace(sort=listing.sort or "name")
        shape = column_sets.tags(None if place else default_registry(catalog))
        order = None
        if is_by_name(listing.sort):  # by names alone: so nothing but names is held in memory
            order = partial(sorted, key=version_order.order, reverse=listing.reverse)
            places = sorted(places, reverse=listing.reverse)
            listing = listing._replace(sort=None, reverse=False)
        found = _tags(catalog, places, time, companions, choice, order)
        number = session.write(found, shape, form, listing)
    _tell(session, number, companions.hidden, place, as_of)
    age.tell()


def _places(
    catalog: "Catalog",
    repository: str | None,
    scope: Scope,
) -> list[tuple[str, str]]:
    """The repositories whose tags are listed.

    Raises:
        UsageError: the index does not know the repository, registry or namespace, or neither a
            repository nor a tag is named.
    """
    from indexer.cli import name_lookup  # noqa: PLC0415 - help must not wait for it

    if repository is not None:
        if scope.registry or scope.namespace or scope.repository:
            raise UsageError(
                "--registry, --namespace and --repository select from all repositories: leave out "
                "REPOSITORY, or them."
            )
        return [name_lookup.find_repository(catalog, repository)]
    if scope.tag is None and scope.repository is None:
        raise UsageError(
            "name a repository, or use --tag or --repository to list the tags of several."
        )
    tag = scope.tag or ANY_TAG
    scope = name_lookup.resolved(catalog, scope._replace(tag=None))
    places = catalog.with_tag(tag, scope.registry, scope.namespace)
    return [place for place in places if scope.holds(*place)]


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
        time = parse_when(text, session.local_now()).time if text else None
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
    return name_lookup.moment(catalog, parse_when(as_of, session.local_now()))


def _tags(
    catalog: "Catalog",
    places: list[tuple[str, str]],
    time: "datetime | None",
    companions: "CompanionFilter",
    choice: "TagChoice",
    order: "Callable[[list[str]], list[str]] | None",
) -> "Iterator[Tag]":
    """The tags of repositories, those of each in an order by name; None: in any."""
    from indexer.render import tag_comparison  # noqa: PLC0415 - help must not wait for it

    for place in places:

        def look(names: list[str], place: tuple[str, str] = place) -> "Iterator[TagEntry]":
            wanted = choice.names(names)
            return catalog.tags(*place, time, order(wanted) if order else wanted)

        digests = catalog.tag_digests(*place, time)
        yield from filter(choice.fits, tag_comparison.tags(digests, look, companions))


def _tell(
    session: CommandContext, number: int, hidden: int, repository: str | None, as_of: str | None
) -> None:
    from indexer.core.humanize import count  # noqa: PLC0415 - help must not wait for it

    if hidden and repository:
        session.note(f"{count(hidden, 'tag')} of signatures and similar tags: use --all.")
    elif not number:
        then = f" as of {as_of}" if as_of else ""
        hint = f"; 'indexer history {repository}' lists old ones" if repository else ""
        session.note(f"no such tags{then}{hint}.")
