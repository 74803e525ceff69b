"""`indexer tags`: list the tags of a repository, now or at a past time."""

from functools import partial
from typing import Annotated

import typer

from indexer.cli.context import CommandContext, command
from indexer.cli.options import (
    AllOption,
    ColumnsOption,
    FormatOption,
    MaxAgeOption,
    RepositoryArgument,
)
from indexer.render.formats import Format


@command
def tags(
    session: CommandContext,
    repository: RepositoryArgument,
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="WHEN",
            help="Show the tags of that time: '24h' (ago), ISO 8601, or the end of 'crawl:ID'.",
            show_default=False,
        ),
    ] = None,
    *,
    everything: AllOption = False,
    columns: ColumnsOption = None,
    max_age: MaxAgeOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List the tags of a repository and their digests.

    Also shows which other tags have the same digest.
    """
    from indexer.cli import name_lookup  # noqa: PLC0415 - help must not wait for it
    from indexer.cli.answer_age import AnswerAge  # noqa: PLC0415 - help must not wait for it
    from indexer.core.humanize import count  # noqa: PLC0415 - the same
    from indexer.core.time_expression import parse_when  # noqa: PLC0415 - the same
    from indexer.crawl.schedule.freshness import of_repositories  # noqa: PLC0415 - the same
    from indexer.render import column_sets, tag_comparison  # noqa: PLC0415 - the same
    from indexer.render.chosen_columns import chosen  # noqa: PLC0415 - the same
    from indexer.render.output import write  # noqa: PLC0415 - the same

    when = parse_when(as_of, session.now()) if as_of else None
    with session.index() as store:
        place = name_lookup.find_repository(store.catalog, repository)
        age = AnswerAge(session, store.catalog, max_age, of_repositories([place]))
        time = name_lookup.moment(store.catalog, when) if when else None
        look = partial(store.catalog.tags, *place, time)
        companions = tag_comparison.CompanionFilter(lifted=everything)
        entries = tag_comparison.tags(look, companions)
        shape = chosen(column_sets.tags(), columns)
        number = write(entries, shape, form, session.out, session.width)
    if companions.hidden:
        session.note(f"{count(companions.hidden, 'tag')} of signatures and the like: use --all.")
    elif not number:
        then = f" as of {as_of}" if as_of else ""
        session.note(f"no tags in {place[1]}{then}; 'indexer history {place[1]}' lists old ones.")
    age.tell()
