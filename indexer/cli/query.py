"""`indexer query`: what changed since a time."""

from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.context import CommandContext, command, default_registry
from indexer.cli.option_bundles import Listing, Scope
from indexer.cli.options import AllOption, FormatOption, MaxAgeOption
from indexer.render.formats import Format

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.cli.answer_age import AnswerAge
    from indexer.core.catalog_entries import ChangeFilter
    from indexer.store.catalog.catalog import Catalog

KINDS = "repository_added, repository_removed, tag_added, tag_removed, tag_retagged"
"""The kinds of `indexer.core.model`. Repeated so that help stays fast; a test compares."""


def parse_kind(text: str) -> str:
    """Check a typed kind of change."""
    if text not in KINDS.split(", "):
        raise typer.BadParameter(f"'{text}' is not one of {KINDS}")
    return text


@command
def query(  # noqa: PLR0913 - each is an option of the command
    session: CommandContext,
    changed_since: Annotated[
        str,
        typer.Option(
            "--changed-since",
            "--since",
            metavar="WHEN",
            help="How long ago ('24h', '1d12h', 'yesterday'); a time in ISO 8601 (UTC by default); "
            "'crawl:ID' for that crawl and later ones; 'change:ID' for later changes.",
        ),
    ],
    until: Annotated[
        str | None,
        typer.Option(
            metavar="WHEN",
            help="Only changes before that time; up to 'crawl:ID' or 'change:ID', both included.",
            show_default=False,
        ),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND",
            help=f"Only this kind: {KINDS}. May be repeated.",
            parser=parse_kind,
            autocompletion=lambda: KINDS.split(", "),
        ),
    ] = None,
    pushed_by: Annotated[
        str | None,
        typer.Option(
            metavar="GLOB", help="Only what these pushed, as Docker Hub names them: 'ci-*'."
        ),
    ] = None,
    *,
    scope: Scope,
    listing: Listing,
    include_baseline: Annotated[
        bool, typer.Option("--include-baseline", help="Also show what the first crawl found.")
    ] = False,
    everything: AllOption = False,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Show only the N newest changes.")
    ] = None,
    reverse: Annotated[bool, typer.Option("--reverse", help="Show the newest first.")] = False,
    max_age: MaxAgeOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List what changed since a time, oldest first.

    Examples:
      indexer query --since 24h
      indexer query --since yesterday --kind tag_retagged -r 'ansible/*' --json
    """
    from indexer.cli import name_lookup  # noqa: PLC0415 - the same
    from indexer.cli.answer_age import AnswerAge  # noqa: PLC0415 - help must not wait for it
    from indexer.core.catalog_entries import ChangeFilter  # noqa: PLC0415 - the same
    from indexer.core.model import ChangeKind  # noqa: PLC0415 - the same
    from indexer.core.time_expression import When, check_window, parse_when  # noqa: PLC0415 - help must not wait for it
    from indexer.crawl.schedule.freshness import of_changes  # noqa: PLC0415 - the same
    from indexer.render import column_sets  # noqa: PLC0415 - the same

    when = parse_when(changed_since, session.local_now())
    end = parse_when(until, session.local_now()) if until else When()
    check_window(when, end)
    wanted = ChangeFilter(
        until=end.time,
        until_crawl=end.crawl,
        until_change=end.change,
        since=when.time,
        crawl=when.crawl,
        after=when.change,
        kinds=frozenset(map(ChangeKind, kind or ())),
        pushed_by=pushed_by,
        baseline=include_baseline,
        companions=everything,
        limit=None if listing.sort else limit,
    )
    with session.question(max_age) as store:
        wanted = _checked(store.catalog, wanted, scope)
        for change in (when.change, end.change):
            if change is not None:
                name_lookup.check_change(store.outbox.last_change(), change)
        age = AnswerAge(session, store.catalog, max_age, of_changes(wanted))
        age.leaves_out_hidden(store.catalog, of_changes(wanted))
        shape = column_sets.changes(default_registry(store.catalog))
        in_log = reverse and listing.sort is None  # then the database reverses them
        changes = store.catalog.changes(wanted, newest_first=in_log)
        arranged = listing._replace(reverse=reverse and not in_log, limit=limit)
        number = session.write(changes, shape, form, arranged)
    if not number:
        session.note(_no_changes(changed_since, when.time, age))
    if when.time is not None and not include_baseline:
        age.tell_beginning(when.time)
    age.tell(note=number > 0)


def _no_changes(typed: str, since: "datetime | None", age: "AnswerAge") -> str:
    """Say that nothing was found, and how far the index can know that."""
    if since is not None and age.lacks(since):
        return f"cannot tell whether anything changed since {typed} ({age.words})."
    where = " in what was read" if age.is_partial else ""
    return f"no changes since {typed}{where} ({age.words})."


def _checked(catalog: "Catalog", wanted: "ChangeFilter", scope: Scope) -> "ChangeFilter":
    """Replace typed names by those of the index.

    Raises:
        UsageError: the index does not know a name.
    """
    from dataclasses import replace  # noqa: PLC0415 - help must not wait for it

    from indexer.cli import name_lookup  # noqa: PLC0415 - the same

    for crawl in (wanted.crawl, wanted.until_crawl):
        if crawl is not None:
            name_lookup.find_crawl(catalog, crawl)
    return replace(wanted, **name_lookup.resolved(catalog, scope)._asdict())
