"""`indexer stats`: what grows, and what is dead."""

from typing import TYPE_CHECKING, Annotated

import typer

from indexer.catalog.stats import NOT_PULLED_FOR
from indexer.cli.completion import complete_repository
from indexer.cli.context import CommandContext, command, default_registry
from indexer.cli.options import MaxAgeOption, TableOrJsonOption
from indexer.render.formats import TableOrJson

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.store.catalog.catalog import Catalog


@command
def stats(
    session: CommandContext,
    name: Annotated[
        str,
        typer.Argument(
            metavar="REPOSITORY|NAMESPACE",
            help="'ansible/awx', 'nginx', or all repositories of 'ansible'.",
            autocompletion=complete_repository,
            show_default=False,
        ),
    ],
    since: Annotated[
        str | None,
        typer.Option(
            metavar="WHEN",
            help="Only days from then on: '30d' (ago) or '2026-03-02'. Default: all.",
            show_default=False,
        ),
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Only days until then.", show_default=False)
    ] = None,
    not_pulled_since: Annotated[
        str,
        typer.Option(
            metavar="WHEN",
            help=f"List tags not pulled since then. Default: {NOT_PULLED_FOR}.",
            show_default=False,
        ),
    ] = NOT_PULLED_FOR,
    limit: Annotated[
        int,
        typer.Option(
            min=1,
            metavar="NUMBER",
            help="The most repositories, tags and digests listed. Default: 20.",
            show_default=False,
        ),
    ] = 20,
    *,
    max_age: MaxAgeOption = None,
    form: TableOrJsonOption = TableOrJson.TABLE,
) -> None:
    """Show pulls and stars by day, and which tags are not pulled.

    Also shows tags that share a digest. Pulls and stars are those that Docker Hub told each crawl.
    Of a namespace, a day has the sums of
    its repositories. A tag that was never pulled counts from its push.

    Examples:
      indexer stats ansible --since 30d
      indexer stats nginx --not-pulled-since 1y --limit 50
    """
    from indexer.catalog.stats import StatsQuestion, StatsScope  # noqa: PLC0415 - help must not wait for it
    from indexer.cli import name_lookup  # noqa: PLC0415 - the same
    from indexer.cli.answer_age import AnswerAge  # noqa: PLC0415 - the same
    from indexer.core.time_expression import When, check_window  # noqa: PLC0415 - the same
    from indexer.crawl.schedule.freshness import of_namespace, of_repositories  # noqa: PLC0415 - the same
    from indexer.render import freshness  # noqa: PLC0415 - the same
    from indexer.render import stats as render  # noqa: PLC0415 - the same
    from indexer.render.output import as_json  # noqa: PLC0415 - the same
    from indexer.render.records.stats import Stats  # noqa: PLC0415 - the same

    with session.question(max_age) as store:
        catalog = store.catalog
        start, end = _time(session, catalog, since), _time(session, catalog, until)
        check_window(When(start), When(end))
        asked = StatsQuestion(
            start,
            end,
            _time(session, catalog, not_pulled_since) or session.now(),
            limit,
        )
        scope = StatsScope(*name_lookup.find_scope(catalog, name))
        wanted = (
            of_repositories([(scope.registry, scope.repository)])
            if scope.registry and scope.repository
            else of_namespace(scope.registry, scope.namespace)
        )
        age = AnswerAge(session, catalog, max_age, wanted)
        if scope.registry and scope.repository:
            age.rests_on(catalog, [(scope.registry, scope.repository)])
        found = Stats.of(catalog.stats(scope, asked), scope, asked, freshness.record(age.freshness))
        registry = default_registry(catalog)
    if form is TableOrJson.JSON:
        session.out.write(f"{as_json(found, indent=2)}\n")
    else:
        session.out.writelines(f"{line}\n" for line in render.lines(found, session.width, registry))
    began = found.counted_since
    asked_from = [each.date().isoformat() for each in (asked.since, asked.until) if each]
    if began is not None and any(each < began for each in asked_from):
        session.note(f"counts begin on {began}: earlier ones are not known.")
    elif not found.days:
        session.note("no counts in this time: Docker Hub tells them to crawls of a namespace.")
    age.tell()


def _time(session: CommandContext, catalog: "Catalog", text: str | None) -> "datetime | None":
    """A time that was typed; None: none was, or the crawl that it names still runs."""
    from indexer.cli import name_lookup  # noqa: PLC0415 - help must not wait for it
    from indexer.core.time_expression import parse_when  # noqa: PLC0415 - the same

    return name_lookup.moment(catalog, parse_when(text, session.local_now())) if text else None
