"""`indexer due`: what is crawled next, and why."""

from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.context import CommandContext, command
from indexer.cli.option_bundles import Listing
from indexer.cli.options import FormatOption, NamespaceArgument
from indexer.render.formats import Format

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.cli.name_lookup import Named
    from indexer.render.records.crawls import PlannedCrawl, PlannedVerify
    from indexer.store.catalog.catalog import Catalog

MOST_LOOKS = 20
"""Repositories that are shown of a namespace."""


@command
def due(
    session: CommandContext,
    namespace: NamespaceArgument = None,
    *,
    limit: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Show only the first N; of the repositories of a namespace 20.",
            show_default=False,
        ),
    ] = None,
    listing: Listing,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show what is due, and why.

    Without NAMESPACE: when each namespace is crawled next. With NAMESPACE: its repositories in the
    order in which 'crawl --verify' reads them. Those with a newer date come first, then those not
    read for longest or, with a 'verify_budget', those expected to have the most stale tags.

    Examples:
      indexer due
      indexer due ansible --limit 5
      indexer due --sort at
    """
    from indexer.cli.answer_age import AnswerAge  # noqa: PLC0415 - help must not wait for it
    from indexer.cli.name_lookup import find  # noqa: PLC0415 - the same
    from indexer.crawl.schedule.freshness import of_namespace  # noqa: PLC0415 - the same
    from indexer.render import crawl_schedule  # noqa: PLC0415 - the same

    with session.index() as store:
        catalog = store.catalog
        place = find(catalog, namespace) if namespace is not None else None
        wanted = of_namespace(place.registry, place.namespace) if place else None
        age = AnswerAge(session, catalog, None, wanted, may_be_empty=True)
        if place is None:
            turns = crawl_schedule.crawls(session.now())
            listing = listing._replace(limit=limit)
            number = session.write(_crawls(session, catalog), turns, form, listing)
        else:
            listing = listing._replace(limit=limit or MOST_LOOKS)
            looks = _looks(session, catalog, place)
            number = session.write(looks, crawl_schedule.verifies(), form, listing)
    if not number:
        nothing = "no namespace is configured." if namespace is None else "no repositories."
        session.note(f"nothing is due: {nothing}")
    age.tell(note=False)


def _crawls(session: CommandContext, catalog: "Catalog") -> "Iterator[PlannedCrawl]":
    from indexer.config.timetables import timetable_of  # noqa: PLC0415 - help must not wait for it
    from indexer.core.printable import shown  # noqa: PLC0415 - the same
    from indexer.crawl.schedule.next_crawl import next_crawl  # noqa: PLC0415 - the same
    from indexer.render.records.crawls import PlannedCrawl  # noqa: PLC0415 - the same

    crawl_history = {(each.registry, each.namespace): each for each in catalog.crawl_history()}
    for registry, name in session.settings.namespaces():
        timetable = timetable_of(session.settings.schedule_of(registry.host, name))
        full_name = f"{registry.host}/{shown(name)}"
        what = next_crawl(
            timetable, full_name, crawl_history.get((registry.host, name)), session.now()
        )
        yield PlannedCrawl.of(registry.host, name, what)


def _looks(
    session: CommandContext, catalog: "Catalog", place: "Named"
) -> "Iterator[PlannedVerify]":
    """Yield what a verify crawl would open."""
    from indexer.core.model import Mode  # noqa: PLC0415 - the same
    from indexer.crawl import due_repositories as deciding  # noqa: PLC0415 - help must not wait for it
    from indexer.render.records.crawls import PlannedVerify  # noqa: PLC0415 - the same

    outlook = catalog.outlook(place.registry, place.namespace)
    budget = session.settings.schedule_of(place.registry, place.namespace).verify_budget
    found = deciding.repositories(
        outlook.repositories,
        Mode.VERIFY,
        budget=deciding.VerifyBudget(budget, outlook.change_rates, session.now())
        if budget
        else None,
        since=0 if budget else outlook.verifying_since,
    )
    for at, item in enumerate(found, 1):
        yield PlannedVerify.of(at, place.registry, item)
