"""`indexer demo`: crawl a simulated Docker Hub twice, a day apart."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.context import CommandContext, command, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from indexer.cli.demo_database import DemoCrawl, DemoIndex

A_DAY = timedelta(days=1)

REPOSITORY, TAG = "acme/proxy", "1.2.4"
RELEASE_DIGEST = "da1670cb2449"
"""What it points to yesterday."""


@command
def demo(
    session: CommandContext,
    directory: Annotated[
        Path,
        typer.Option(
            metavar="DIR", help="Where to write demo.db.", show_default="current directory"
        ),
    ] = Path(),
) -> None:
    """Crawl a simulated Docker Hub twice, without a network.

    The crawls are a simulated day apart. The demo writes demo.db, an index for trying the other
    commands; it overwrites the demo.db of an earlier demo.

    Examples:
      indexer demo
      indexer demo --directory /tmp
    """
    from indexer.cli.demo_database import DemoIndex  # noqa: PLC0415 - help must not wait for it
    from indexer.hub_simulator import Clock, Hub, Simulator, a_day_of_pushes, populate  # noqa: PLC0415
    from indexer.hub_simulator.populate import COMMUNITY, TEAM  # noqa: PLC0415

    hub = Hub(clock=Clock(session.now() - A_DAY))
    populate(hub)
    with Simulator(hub) as simulator, DemoIndex(session, directory, simulator.url) as index:
        _say(session, f"A simulated Docker Hub runs at {simulator.url} until this command ends.")
        _say(session, f"It is crawled into {index.file}{index.replaced}.", "")
        _say(session, "Yesterday, the first crawl:")
        first = [index.crawl(name, back=A_DAY) for name in (TEAM, COMMUNITY)]
        _say(session, *_lines(first), "")
        _say(session, "A day passes: people release, retag, rebuild and delete.", "")
        a_day_of_pushes(hub)
        _say(session, "Today, the second crawl:")
        second = [index.crawl(name) for name in (TEAM, COMMUNITY)]
        _say(session, *_lines(second), "")
        _say(session, *_asked(index, session.now()), "")
        _say(session, *_costs(first, second), "")
        _say(session, *_next(index))


def _say(session: CommandContext, *lines: str) -> None:
    session.out.writelines(f"{line}\n" for line in lines)
    session.out.flush()


def _lines(crawls: "list[DemoCrawl]") -> "Iterator[str]":
    """Yield what each crawl did, and each change."""
    from indexer.render import crawl_report  # noqa: PLC0415 - help must not wait for it

    for done in crawls:
        crawl = done.crawl
        kinds = crawl_report.outcome(crawl)
        totals, cost = crawl_report.totals(crawl), crawl_report.cost(crawl)
        yield f"  {crawl.namespace}: {crawl.status}, {totals}; {cost}"
        yield f"    {kinds}"
        for change in done.changes:
            yield f"    {crawl_report.change_line(change, crawl.registry)}"
        yield from crawl_report.problems(crawl.errors)


def _costs(first: "list[DemoCrawl]", second: "list[DemoCrawl]") -> "Iterator[str]":
    """Yield the requests that the crawls took, beside those of polling tag by tag."""
    from indexer.core.humanize import number  # noqa: PLC0415 - help must not wait for it

    yield f"{'Requests':<36}{'first crawl':>12}{'second crawl':>14}"
    rows = (
        ("indexer", [sum(done.crawl.spent.requests for done in each) for each in (first, second)]),
        (
            "polling tag by tag",
            [sum(done.polled for done in each) for each in (first, second)],
        ),
    )
    for name, (one, two) in rows:
        yield f"  {name:<34}{number(one):>12}{number(two):>14}"


def _asked(index: "DemoIndex", now: "datetime") -> "Iterator[str]":
    """Yield what a history answers about the release that was pushed again."""
    from functools import partial  # noqa: PLC0415 - help must not wait for it

    from indexer.catalog.outdated import outdated_tags  # noqa: PLC0415 - the same
    from indexer.catalog.settled import settled_tag  # noqa: PLC0415 - the same
    from indexer.cli.demo_database import REGISTRY  # noqa: PLC0415 - the same
    from indexer.core.digest_text import parse_digest  # noqa: PLC0415 - the same
    from indexer.core.humanize import short_digest  # noqa: PLC0415 - the same

    catalog, place = index.catalog, (REGISTRY, REPOSITORY)
    yield f"The release {REPOSITORY}:{TAG} was pushed again. Its history answers:"
    yield f"  Which tags point to {RELEASE_DIGEST}, or ever did?"
    for found in catalog.find(parse_digest(RELEASE_DIGEST)).values():
        for each in found:
            until = f"{each.ended_at:%Y-%m-%d}" if each.ended_at else "now"
            yield f"    {each.repository}:{each.tag}, from {each.started_at:%Y-%m-%d} until {until}"
    yield "  Which digest did it keep for a week?"
    periods = list(catalog.history(*place, TAG))
    kept = settled_tag(place, TAG, periods, timedelta(days=7), now).found
    yield f"    {short_digest(kept.digest) if kept else 'none'}"
    yield "  What is newer?"
    look_up = partial(catalog.named_tags, *place)
    newer = outdated_tags(place, [TAG], catalog.tag_names(*place), look_up)
    yield from (f"    {each.sentence}" for each in newer.values())


def _next(index: "DemoIndex") -> "Iterator[str]":
    """Yield commands to try next."""
    yield "Try the other commands on this index:"
    yield f"  export INDEXER_DATABASE_URL={quoted(index.url)}"
    yield "  indexer query --changed-since 48h"
    yield "  indexer history acme/proxy:1.2.4"
    yield "  indexer find da1670cb2449"
    yield "  indexer settled acme/proxy:1.2.4 --for 7d"
    yield "  indexer outdated acme/proxy:1.2.4 acme/api:latest"
    yield "  indexer tags acme/base --as-of 12h"
    yield "  indexer repos tinkers --format csv"
    yield "  indexer status"
    yield "Then crawl the real Docker Hub into another index:"
    yield "  unset INDEXER_DATABASE_URL"
    yield "  indexer crawl ansible"
