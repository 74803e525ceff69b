"""An archive in memory: the simplest implementation of `crawl.ports.Archive`.

It passes the same contract tests of `tests/store` as the real databases, and is the fast
replacement for them in the tests of `indexer.crawl.crawler`.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

from indexer.core.catalog_entries import Period
from indexer.core.errors import Busy, Ended, UsageError
from indexer.core.model import Crawl, CrawlStatus
from indexer.crawl.ports import Archive, ForgottenCounts
from indexer.crawl.selection import cycle
from indexer.crawl.selection.cycle import Past
from tests.support.memory_record import Books, Home, MemoryRecord

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.core.model import Change, KnownRepository, KnownTag, Mode
    from indexer.crawl.ports import CrawlRecord
    from indexer.policies.evidence import ReadReferrers
    from tests.support.memory_record import Shelf


class MemoryArchive(Archive):
    """See `Archive`."""

    def __init__(self) -> None:
        self._books = Books()
        self.referrers: dict[tuple[str, str], dict[str, ReadReferrers]] = {}
        self._homes: dict[tuple[str, str], Home] = {}
        self._numbers = itertools.count(1)

    @property
    def crawls(self) -> dict[int, Crawl]:
        """By number."""
        return self._books.crawls

    @property
    def books(self) -> Books:
        """The state that all crawls write."""
        return self._books

    @property
    def homes(self) -> dict[tuple[str, str], Home]:
        """Every namespace that was ever crawled, by registry and name."""
        return self._homes

    @property
    def changes(self) -> list[Change]:
        """The change log."""
        return self._books.changes

    def shelf(self, registry: str, repository: str) -> Shelf | None:
        """A repository, also if it is removed."""
        found = (
            home.shelves.get(repository)
            for home in self._homes.values()
            if home.registry == registry
        )
        return next(filter(None, found), None)

    @property
    def intervals(self) -> list[Period]:
        """Every digest that each tag had: ended periods, then open ones."""
        lasting = [
            Period(
                home.registry,
                name,
                tag,
                each.known.digest,
                each.pushed_at,
                each.since,
                None,
                pushed_by=each.pushed_by,
                counted_push=each.counted_push,
            )
            for home in self._homes.values()
            for name, shelf in home.shelves.items()
            for tag, each in shelf.tags.items()
        ]
        return [*self._books.ended, *lasting]

    def present(
        self, registry: str, namespace: str
    ) -> dict[str, tuple[KnownRepository, dict[str, KnownTag]]]:
        """The recorded state of a namespace: its repositories, and the tags of each."""
        home = self._homes.get((registry, namespace))
        if home is None:
            return {}
        return {
            name: (item, {tag: each.known for tag, each in home.shelves[name].tags.items()})
            for name, item in home.present.items()
        }

    def begin(
        self,
        registry: str,
        namespace: str,
        mode: Mode,
        identity: str,
        now: datetime,
        part: str | None = None,
    ) -> CrawlRecord:
        """See `Archive`."""
        home = self._homes.setdefault((registry, namespace), Home(registry, namespace))
        self._check_idle(home)
        number = next(self._numbers)
        self._bury_the_dead(home, now)
        first = self._began(home, mode, now)
        self.crawls[number] = Crawl(
            number, registry, namespace, CrawlStatus.RUNNING, mode, identity, now, part=part
        )
        home.holder = number
        self._books.began_after[number] = self._books.last
        began = 0 if part else first.id if first else number
        return MemoryRecord(self._books, home, number, cycle=began)

    def _began(self, home: Home, mode: Mode, now: datetime) -> Past | None:
        """The crawl that began the unfinished cycle."""
        past = [
            Past(each.id, each.status, each.unread, each.started_at)
            for each in reversed(self.crawls.values())
            if (each.registry, each.namespace) == (home.registry, home.name)
            and each.mode in cycle.modes(mode)
            and each.part is None
        ]
        return cycle.began(past, now)

    def look(self, registry: str, namespace: str) -> CrawlRecord:
        """See `Archive`."""
        home = self._homes.get((registry, namespace))
        if home is None:
            raise UsageError(f"the index does not know '{registry}/{namespace}'.")
        return MemoryRecord(self._books, home, 0, is_guest=True)

    def join(self, registry: str, namespace: str, crawl: int) -> CrawlRecord:
        """See `Archive`."""
        home = self._homes.get((registry, namespace))
        if home is None or self.crawls[crawl].status is not CrawlStatus.RUNNING:
            raise Ended("the crawl that this was a shard of has ended; crawl again.")
        return MemoryRecord(self._books, home, crawl, is_guest=True)

    def die(self) -> None:
        """Kill every process that crawls now: its crawls stay `running` until the next crawl."""
        for home in self._homes.values():
            home.holder = None

    def forget(
        self, registry: str, *, namespace: str | None = None, repository: str | None = None
    ) -> ForgottenCounts:
        """See `Archive`."""
        where = registry, namespace or (repository or "").partition("/")[0]
        home = self._homes.get(where)
        if home is None or (repository is not None and repository not in home.shelves):
            raise UsageError(f"the index does not know '{registry}/{repository or namespace}'.")
        self._check_idle(home)
        names = list(home.shelves) if repository is None else [repository]
        shelves = [home.shelves.pop(name) for name in names]
        home.memory = home.memory and replace(home.memory, exact=False)
        if repository is None:
            del self._homes[where]
        self._books.forget(registry, names)
        return ForgottenCounts(len(names), sum(len(shelf.tags) for shelf in shelves))

    def _check_idle(self, home: Home) -> None:
        if home.holder is not None:
            since = self.crawls[home.holder].started_at
            raise Busy(
                f"{home.registry}/{home.name} is being crawled by this process since {since}."
            )

    def _bury_the_dead(self, home: Home, now: datetime) -> None:
        for number, crawl in self.crawls.items():
            where = crawl.registry, crawl.namespace
            if where == (home.registry, home.name) and crawl.status is CrawlStatus.RUNNING:
                self.crawls[number] = replace(
                    crawl, status=CrawlStatus.INTERRUPTED, finished_at=now
                )
