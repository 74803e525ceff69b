"""How well the index knows each namespace, and what is late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from indexer.core import humanize
from indexer.core.printable import shown
from indexer.crawl import freshness
from indexer.crawl.schedule import late, named, written
from indexer.render import json_records
from indexer.render.crawl_report import cost, kinds, problems
from indexer.render.tables import Column, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from indexer.core.model import Crawl, CrawlsSoFar, NamespaceStatus, Watch
    from indexer.crawl.schedule import Timetable


@dataclass(frozen=True, slots=True)
class Standing:
    """One namespace of the index or of the configuration.

    Attributes:
        registry: where it is.
        namespace: its name.
        configured: the configuration names it.
        status: what the index knows; None: nothing, it was never crawled.
        late: what is late and since when, in words; empty without a schedule.
        failures: how many of its last crawls, in a row, did not get through.
        stale: how many tags are expected to have changed silently; None: nobody asked.
    """

    registry: str
    namespace: str
    configured: bool
    status: NamespaceStatus | None
    late: tuple[str, ...] = ()
    failures: int = 0
    stale: float | None = None

    @property
    def crawl(self) -> Crawl | None:
        """The last crawl."""
        return self.status.last_crawl if self.status else None


def standings(
    known: Iterable[NamespaceStatus],
    so_far: Iterable[CrawlsSoFar],
    timetables: Mapping[tuple[str, str], Timetable | None],
    now: datetime,
    watched: Mapping[tuple[str, str], Sequence[Watch]] | None = None,
) -> list[Standing]:
    """Join what is known with what is configured.

    Args:
        known: the namespaces of the index.
        so_far: what became of their crawls.
        timetables: of each namespace that is configured, by registry and name; None: nobody
            promised when it is crawled.
        now: against which lateness is measured.
        watched: what was counted of some repositories of each namespace; None: nobody asks.
    """
    statuses = {(status.registry, status.namespace): status for status in known}
    crawls = {(each.registry, each.namespace): each for each in so_far}
    return [
        Standing(
            *name,
            configured=name in timetables,
            status=statuses.get(name),
            late=tuple(_late(name, crawls.get(name), timetables.get(name), now)),
            failures=crawls[name].failures if name in crawls else 0,
            stale=_stale(statuses.get(name), (watched or {}).get(name, ()), now),
        )
        for name in sorted({*statuses, *timetables})
    ]


def _stale(status: NamespaceStatus | None, watched: Sequence[Watch], now: datetime) -> float | None:
    """How many tags of a namespace are expected to be stale, from some of its repositories."""
    if status is None or not watched:
        return None
    return freshness.stale(watched, now) * status.repositories / len(watched)


def _late(
    name: tuple[str, str], so_far: CrawlsSoFar | None, timetable: Timetable | None, now: datetime
) -> Iterator[str]:
    """What is later than its schedule and some grace allow, in words."""
    if timetable is None:
        return
    for each in late(timetable, "/".join(name), so_far, now):
        what = f"a {named(each.mode)} is due {written(each.text)}"
        if each.last is None:
            yield f"{what}, and {'none got through yet' if so_far else 'there was none'}"
        else:
            yield f"{what}, and the last was {humanize.age(each.last, now)}"


def record(standing: Standing, now: datetime) -> dict[str, Any]:
    """A namespace's standing as JSON: see docs/formats.md."""
    status, crawl = standing.status, standing.crawl
    return {
        "registry": standing.registry,
        "namespace": standing.namespace,
        "configured": standing.configured,
        "repositories": status.repositories if status else 0,
        "tags": status.tags if status else 0,
        "owed": status.owed if status else 0,
        "last_complete_at": humanize.iso(status.last_complete_at) if status else None,
        "last_full_at": humanize.iso(status.last_full_at) if status else None,
        "late": list(standing.late),
        "failures": standing.failures,
        "stale": None if standing.stale is None else round(standing.stale, 1),
        "last_crawl": _crawl(crawl, now) if crawl else None,
    }


def _crawl(crawl: Crawl, now: datetime) -> dict[str, Any]:
    whole = json_records.crawl(crawl)
    del whole["registry"], whole["namespace"], whole["repositories"], whole["tags"]
    return {
        "id": crawl.id,
        **whole,
        "identity": crawl.identity or None,  # empty: it is not told to who asks
        "age_seconds": max(round((now - crawl.started_at).total_seconds()), 0),
        "rate_limit": json_records.rate_limit(crawl.rate_limit),
        "pulls": json_records.rate_limit(crawl.pulls),
    }


def lines(standings: Sequence[Standing], now: datetime, width: int | None) -> Iterator[str]:
    """Yield a table with a line for each namespace, then what a person should know of each."""
    columns: tuple[Column[Standing], ...] = (
        Column("NAMESPACE", _name, folds=True),
        Column("LAST CRAWL", lambda s: humanize.age(s.crawl.started_at if s.crawl else None, now)),
        Column("STATUS", lambda s: s.crawl.status.value if s.crawl else humanize.NOTHING),
        Column("REPOSITORIES", lambda s: _known(s, "repositories"), right=True),
        Column("TAGS", lambda s: _known(s, "tags"), right=True),
        Column("OWED", lambda s: _known(s, "owed"), right=True),
        Column("LATE", lambda s: "late" if s.late else humanize.NOTHING),
    )
    yield from table(standings, columns, width)
    for standing in standings:
        details = list(_details(standing, now))
        if details:
            yield ""
            yield f"{_name(standing)}:"
            yield from details


def _name(standing: Standing) -> str:
    return f"{standing.registry}/{shown(standing.namespace)}"


def _known(standing: Standing, what: Literal["repositories", "tags", "owed"]) -> str:
    return humanize.number(getattr(standing.status, what) if standing.status else None)


def _details(standing: Standing, now: datetime) -> Iterator[str]:
    status, crawl = standing.status, standing.crawl
    if status and crawl:
        changed = kinds(crawl) or ("a baseline" if crawl.baseline else "nothing changed")
        yield (
            f"  crawl {crawl.id} ({crawl.mode}, as {shown(crawl.identity)}), "
            f"{humanize.short_time(crawl.started_at)} UTC: {changed}; {cost(crawl)}"
        )
        if status.last_complete_at and status.last_complete_at < crawl.started_at:
            yield f"  the last complete crawl was {humanize.age(status.last_complete_at, now)}"
        yield from problems(crawl.errors)
        if status.owed:
            one = status.owed == 1
            yield (
                f"  {humanize.count(status.owed, 'repository')} moved and {'is' if one else 'are'} "
                "not read yet: the next crawl does that first"
            )
        if standing.stale is not None and round(standing.stale) > 0:
            yield (
                f"  about {humanize.count(round(standing.stale), 'tag')} may have changed without "
                "moving a date: a verifying crawl finds them"
            )
        yield from _limit(crawl, now)
    if standing.failures:
        yield (
            f"  {humanize.count(standing.failures, 'crawl')} in a row did not get through; the "
            "next is tried later each time, after an hour at the latest"
        )
        if status and status.last_complete_at is None and not status.repositories:
            name = shown(f"{status.registry}/{status.namespace}")
            yield f"  nothing was ever seen there: 'indexer forget {name}' takes a wrong name out"
    for sentence in standing.late:
        yield f"  late: {sentence}"


def _limit(crawl: Crawl, now: datetime) -> Iterator[str]:
    pulls = crawl.pulls
    if pulls is not None and pulls.remaining is not None:
        of = f" of {pulls.limit:,}" if pulls.limit is not None else ""
        yield f"  pulls: {pulls.remaining:,}{of} were left"
    limit = crawl.rate_limit
    if limit is None or limit.remaining is None:
        return
    of = f" of {limit.limit:,}" if limit.limit is not None else ""
    until = ""
    if limit.reset_at is not None:
        is_over = limit.reset_at <= now
        until = (
            ", and a new window has begun since"
            if is_over
            else (f" until {humanize.short_time(limit.reset_at)} UTC")
        )
    yield f"  rate limit: {limit.remaining:,}{of} requests were left{until}"
