"""How fresh an answer is: when what it rests on was last crawled completely. Pure.

A namespace is *stale* if its last complete crawl is older than its schedule allows: the crawl that
should have followed it, of whatever mode, is not done after the grace of `next_crawl`. While a
crawl runs, one more interval is allowed for it. Failed and incomplete crawls do not count: what
they have not read may have changed. (*Overdue*, in `next_crawl`, is a crawl that did not begin;
that counts incomplete ones too, because trying again at once would not help.)
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from indexer.core.catalog_entries import NamespaceAge
from indexer.core.clock import is_believed
from indexer.core.model import WHOLE_REGISTRY, CrawlStatus, Mode
from indexer.crawl.schedule.next_crawl import grace, interval

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import datetime, timedelta

    from indexer.core.catalog_entries import ChangeFilter
    from indexer.crawl.schedule.next_crawl import Timetable

    Wanted = Callable[[str, str], bool]


_NOT_ALL = (CrawlStatus.INCOMPLETE, CrawlStatus.FAILED, CrawlStatus.INTERRUPTED)


@dataclass(frozen=True, slots=True)
class NamespaceFreshness:
    """How fresh one namespace is.

    Attributes:
        registry: its registry.
        namespace: its name.
        last_complete_at: when its last complete crawl ended; None: there was none, or its time is
            in the future.
        schedule: the schedule that this does not keep; empty while it is fresh, or has none.
        last_status: how its last crawl ended; None: there was none.
        began_at: what changed before is not known; None: nothing is known.
    """

    registry: str
    namespace: str
    last_complete_at: datetime | None
    schedule: str = ""
    last_status: CrawlStatus | None = None
    began_at: datetime | None = None

    @property
    def name(self) -> str:
        """`docker.io/library`; of a registry that is crawled as a whole its host."""
        is_whole = self.namespace == WHOLE_REGISTRY
        return self.registry if is_whole else f"{self.registry}/{self.namespace}"


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh an answer is: that of each namespace that it rests on."""

    namespaces: tuple[NamespaceFreshness, ...]

    @property
    def last_complete_at(self) -> datetime | None:
        """The oldest of the last complete crawls; None if any is missing, or there is nothing."""
        times = [each.last_complete_at for each in self.namespaces]
        known = [time for time in times if time is not None]
        return min(known) if known and len(known) == len(times) else None

    @property
    def never(self) -> list[NamespaceFreshness]:
        """The namespaces that were never crawled completely."""
        return [each for each in self.namespaces if each.last_complete_at is None]

    @property
    def stale(self) -> list[NamespaceFreshness]:
        """The namespaces that are older than their schedule allows."""
        return [each for each in self.namespaces if each.schedule]

    @property
    def partly_read(self) -> list[NamespaceFreshness]:
        """The namespaces whose last crawl did not read all: something newer may be there."""
        return [each for each in self.namespaces if each.last_status in _NOT_ALL]

    def unknown_at(self, time: datetime) -> list[NamespaceFreshness]:
        """The namespaces that the index began to know later than at a time."""
        return [each for each in self.namespaces if each.began_at and each.began_at > time]

    def older_than(self, most: timedelta, now: datetime) -> list[NamespaceFreshness]:
        """The namespaces whose last complete crawl is longer ago, or that never had one."""
        return [
            each
            for each in self.namespaces
            if each.last_complete_at is None or now - each.last_complete_at > most
        ]


def freshness(
    known: Iterable[NamespaceAge],
    timetables: Mapping[tuple[str, str], Timetable | None],
    now: datetime,
    wanted: Wanted | None = None,
) -> Freshness:
    """How fresh what the index knows is.

    Args:
        known: the namespaces of the index.
        timetables: of each configured namespace, by registry and name; None: it has no schedule.
        now: the current time.
        wanted: whether an answer rests on a namespace; None: on each.
    """
    ages = {(each.registry, each.namespace): each for each in known}
    return Freshness(
        tuple(
            _of(ages.get(name) or NamespaceAge(*name, None, None), timetables.get(name), now)
            for name in sorted({*ages, *timetables})
            if wanted is None or wanted(*name)
        )
    )


def _of(known: NamespaceAge, table: Timetable | None, now: datetime) -> NamespaceFreshness:
    last = known.last_complete_at
    if last is not None and not is_believed(last, now):
        last = None
    return NamespaceFreshness(
        known.registry,
        known.namespace,
        last,
        _missed(table, last, now, is_running=known.is_running) if table else "",
        known.last_status,
        known.began_at,
    )


def _missed(table: Timetable, last: datetime | None, now: datetime, *, is_running: bool) -> str:
    """The schedule that the last complete crawl does not keep; empty if it does."""
    timings = [table.timing(mode) for mode in Mode]
    if last is None:
        return next((timing.text for timing in timings if timing.after(now)), "")
    due = [(moment, timing) for timing in timings if (moment := timing.after(last)) is not None]
    if not due:
        return ""
    moment, timing = min(due, key=lambda pair: pair[0])
    allowed = table.jitter + grace(timing, last) + (interval(timing, last) * is_running)
    return timing.text if now > moment + allowed else ""


def holds(namespace: str, repository: str) -> bool:
    """Whether a repository of the same registry is in a namespace."""
    return namespace == WHOLE_REGISTRY or repository.startswith(f"{namespace}/")


def of_repositories(places: Collection[tuple[str, str]]) -> Wanted:
    """The namespaces that hold these repositories, each given as registry and full name."""

    def wanted(registry: str, namespace: str) -> bool:
        return any(host == registry and holds(namespace, name) for host, name in places)

    return wanted


def of_namespace(registry: str | None, namespace: str | None) -> Wanted:
    """A namespace with those that it is part of or that are below it; None: any."""

    def wanted(host: str, name: str) -> bool:
        if registry not in {None, host}:
            return False
        if namespace is None or namespace == name:
            return True
        return holds(name, f"{namespace}/") or holds(namespace, name)

    return wanted


def of_changes(selected: ChangeFilter) -> Wanted:
    """The namespaces whose changes a filter can select."""
    within = of_namespace(selected.registry, selected.namespace)
    glob = selected.repository.rpartition("/")[0] if selected.repository else "*"

    def wanted(registry: str, namespace: str) -> bool:
        is_there = fnmatchcase(namespace, glob) or holds(namespace, f"{glob}/")
        return is_there and within(registry, namespace)

    return wanted
