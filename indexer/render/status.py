"""The state of each namespace: its last crawl, problems, and what is overdue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from indexer.core import humanize
from indexer.core.clock import is_believed
from indexer.core.model import ANONYMOUS, Mode
from indexer.core.printable import shown
from indexer.crawl.schedule.next_crawl import named, overdue, written
from indexer.crawl.selection import verify_selection
from indexer.render.column_sets import ColumnSet
from indexer.render.crawl_report import cost, outcome, problems
from indexer.render.records import fields_of
from indexer.render.records.crawls import Gaps, LastCrawl, Namespace, Unfinished
from indexer.render.tables import Column, Cut, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from indexer.core.catalog_entries import CrawlHistory, NamespaceStatus, UnfinishedCycle
    from indexer.core.model import ChangeRate, Crawl
    from indexer.crawl.schedule.next_crawl import Timetable


@dataclass(frozen=True, slots=True)
class NamespaceRow:
    """One namespace of the index or of the configuration.

    Attributes:
        registry: its registry.
        namespace: its name.
        configured: whether the configuration names it.
        status: what the index knows; None if it was never crawled.
        overdue: what is overdue and since when, in words; empty without a schedule.
        failures: how many of its last crawls failed in a row.
        stale: how many tags are expected to have changed unnoticed; None if not estimated.
    """

    registry: str
    namespace: str
    configured: bool
    status: NamespaceStatus | None
    overdue: tuple[str, ...] = ()
    failures: int = 0
    stale: float | None = None

    @property
    def crawl(self) -> Crawl | None:
        """The last crawl."""
        return self.status.last_crawl if self.status else None


def namespace_rows(
    known: Iterable[NamespaceStatus],
    crawl_history: Iterable[CrawlHistory],
    timetables: Mapping[tuple[str, str], Timetable | None],
    now: datetime,
    watched: Mapping[tuple[str, str], Sequence[ChangeRate]] | None = None,
) -> list[NamespaceRow]:
    """Join the namespaces of the index with those of the configuration.

    Args:
        known: the namespaces of the index.
        crawl_history: the history of their crawls.
        timetables: of each configured namespace, by registry and name; None: it has no schedule.
        now: the current time.
        watched: change rates of a sample of each namespace's repositories; None: do not estimate
            `stale`.
    """
    statuses = {(status.registry, status.namespace): status for status in known}
    crawls = {(each.registry, each.namespace): each for each in crawl_history}
    return [
        NamespaceRow(
            *name,
            configured=name in timetables,
            status=statuses.get(name),
            overdue=tuple(_late(name, crawls.get(name), timetables.get(name), now)),
            failures=crawls[name].failures if name in crawls else 0,
            stale=_stale(statuses.get(name), (watched or {}).get(name, ()), now),
        )
        for name in sorted({*statuses, *timetables})
    ]


def _stale(
    status: NamespaceStatus | None, watched: Sequence[ChangeRate], now: datetime
) -> float | None:
    """How many tags of a namespace are expected to be stale, extrapolated from a sample."""
    if status is None or not watched:
        return None
    return verify_selection.stale(watched, now) * status.repositories / len(watched)


def _late(
    name: tuple[str, str],
    crawl_history: CrawlHistory | None,
    timetable: Timetable | None,
    now: datetime,
) -> Iterator[str]:
    """Yield what is overdue (schedule plus grace), in words."""
    if timetable is None:
        return
    for each in overdue(timetable, "/".join(name), crawl_history, now):
        what = f"a {named(each.mode)} is due {written(each.text)}"
        if each.last is None:
            yield f"{what}; {'none succeeded yet' if crawl_history else 'there was none yet'}"
        elif not is_believed(each.last, now):
            yield f"{what}; the last began in the future, by a wrong clock"
        else:
            yield f"{what}; the last was {humanize.age(each.last, now)}"


def record(row: NamespaceRow, now: datetime) -> Namespace:
    """What JSON shows of a namespace."""
    status, crawl = row.status, row.crawl
    return Namespace(
        registry=row.registry,
        namespace=row.namespace,
        configured=row.configured,
        repositories=status.repositories if status else 0,
        tags=status.tags if status else 0,
        pending=status.pending if status else 0,
        hidden=status.hidden if status else 0,
        unwatched=status.unwatched if status else 0,
        gaps=Gaps(*status.gaps) if status and status.gaps else None,
        unfinished=tuple(map(Unfinished.of, status.unfinished)) if status else (),
        last_complete_at=status.last_complete_at if status else None,
        last_full_at=status.last_full_at if status else None,
        overdue=row.overdue,
        failures=row.failures,
        stale=None if row.stale is None else round(row.stale, 1),
        last_crawl=LastCrawl.of(crawl, now) if crawl else None,
    )


def column_set(now: datetime) -> ColumnSet[NamespaceRow]:
    """Namespaces, and their last crawls."""

    def known(what: Literal["repositories", "tags", "pending"], rank: int) -> Column[NamespaceRow]:
        return Column(
            what.upper(), lambda row: _known(row, what), right=True, rank=rank, field=what
        )

    columns: tuple[Column[NamespaceRow], ...] = (
        Column("NAMESPACE", _name, cut=Cut.MIDDLE),
        Column(
            "LAST CRAWL",
            lambda s: humanize.age(s.crawl.started_at if s.crawl else None, now),
            rank=1,
        ),
        Column("STATUS", lambda s: s.crawl.status.value if s.crawl else humanize.NOTHING, rank=1),
        known("repositories", 3),
        known("tags", 4),
        known("pending", 2),
        Column("OVERDUE", lambda s: "overdue" if s.overdue else humanize.NOTHING, rank=2),
    )
    return ColumnSet(fields_of(Namespace), lambda row: record(row, now), columns)


def lines(
    namespace_rows: Sequence[NamespaceRow],
    now: datetime,
    width: int | None,
    columns: Sequence[Column[NamespaceRow]] = (),
) -> Iterator[str]:
    """Yield a table with a line for each namespace, then details of each.

    Args:
        namespace_rows: the namespaces.
        now: the time.
        width: of the terminal; None: there is none.
        columns: only these, and no details; none: the usual ones.
    """
    yield from table(namespace_rows, columns or column_set(now).columns, width)
    for row in () if columns else namespace_rows:
        said = list(_details(row, now))
        if said:
            yield ""
            yield f"{_name(row)}:"
            yield from said


def _name(row: NamespaceRow) -> str:
    return f"{row.registry}/{shown(row.namespace)}"


def _known(row: NamespaceRow, what: Literal["repositories", "tags", "pending"]) -> str:
    return humanize.number(getattr(row.status, what) if row.status else None)


def _details(row: NamespaceRow, now: datetime) -> Iterator[str]:
    status, crawl = row.status, row.crawl
    if status and crawl:
        yield (
            f"  crawl {crawl.id} ({crawl.mode}, as {shown(crawl.identity)}), "
            f"{humanize.short_time(crawl.started_at)} UTC: {outcome(crawl)}; {cost(crawl)}"
        )
        if status.last_complete_at and status.last_complete_at < crawl.started_at:
            yield f"  the last complete crawl was {humanize.age(status.last_complete_at, now)}"
        yield from problems(crawl.errors)
        if status.pending:
            verb, what = humanize.agreed(status.pending, "is it", "are them").split()
            yield (
                f"  {humanize.count(status.pending, 'repository')} {verb} pending: the next crawl "
                f"reads {what} first"
            )
        yield from map(_unfinished, status.unfinished)
        yield from _hidden(status)
        yield from _unseen(status, crawl)
        if row.stale is not None and round(row.stale) > 0:
            yield (
                f"  about {humanize.count(round(row.stale), 'tag')} may have changed without a "
                "newer date: 'indexer crawl --verify' finds them"
            )
        yield from _limit(crawl, now)
    if row.failures:
        yield (
            f"  {humanize.count(row.failures, 'crawl')} failed in a row; the daemon waits longer "
            "each time before it tries again, up to an hour"
        )
        if status and status.last_complete_at is None and not status.repositories:
            name = shown(f"{status.registry}/{status.namespace}")
            yield f"  nothing was ever found there; if the name is wrong: 'indexer forget {name}'"
    for sentence in row.overdue:
        yield f"  overdue: {sentence}"


def _unfinished(item: UnfinishedCycle) -> str:
    what = {Mode.FULL: "full", Mode.VERIFY: "verifying"}[item.mode]
    rest = "" if item.running else f"; the next {what} crawl continues"
    return (
        f"  of its {humanize.count(item.repositories, 'repository')}, "
        f"{item.repositories - item.unread:,} were read by {what} crawls since "
        f"{humanize.short_time(item.began_at)} UTC{rest}"
    )


def _hidden(status: NamespaceStatus) -> Iterator[str]:
    if status.hidden:
        verb = humanize.agreed(status.hidden, "is", "are")
        name = shown(f"{status.registry}/{status.namespace}")
        yield (
            f"  {humanize.count(status.hidden, 'private repository')} {verb} not visible to "
            f"{shown(status.hidden_from or '')} since {humanize.short_time(status.hidden_since)} "
            f"UTC, and kept in the index; if deleted: 'indexer accept {name}'"
        )


def _unseen(status: NamespaceStatus, crawl: Crawl) -> Iterator[str]:
    """What is kept without being watched, and what was never seen."""
    if status.unwatched:
        verb, them = humanize.agreed(status.unwatched, "is it", "are them").split()
        yield (
            f"  {humanize.count(status.unwatched, 'repository')} {verb} kept and not watched: the "
            f"configuration leaves {them} out"
        )
    if status.gaps is None:
        return
    repositories, lists, tags = status.gaps
    parts = [humanize.count(repositories, "repository")] if repositories else []
    if lists:
        of = humanize.count(tags, "tag") if tags else "some tags"
        parts.append(f"{of} in {humanize.count(lists, 'repository')}")
    what = " and ".join(parts) or "some repositories"
    remedy = "" if crawl.identity != ANONYMOUS else "; any free account sees all: 'docker login'"
    yield f"  the baseline is not whole: {what} were never seen{remedy}"


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
            "; a new window has begun since"
            if is_over
            else (f" until {humanize.short_time(limit.reset_at)} UTC")
        )
    yield f"  rate limit: {limit.remaining:,}{of} requests were left{until}"
