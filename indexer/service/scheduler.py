"""Starts the crawls that are due each time the daemon looks, and none twice.

    the index    ─ when was what crawled last? ─┐
    the index    ─ what do hooks say? ──────────┤
    the plan     ─ which namespaces, how often ─├─▶ timetable ─▶ due ─▶ slots ─▶ crawls, in threads
    the clock    ─ now ─────────────────────────┘                                     │
    the index    ◀────────────────────────── the record of each crawl ────────────────┘

All state that matters is in the index: a new daemon on the same index continues where this one
stopped.
"""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from indexer.core.errors import Busy, IndexerError, StoreError
from indexer.core.humanize import count
from indexer.core.printable import shown
from indexer.crawl.schedule.next_crawl import hinted_crawl, next_crawl
from indexer.service.crawl_slots import CrawlSlots

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from indexer.core.catalog_entries import CrawlHistory
    from indexer.core.clock import Clock
    from indexer.crawl.schedule.next_crawl import NextCrawl, Timetable
    from indexer.store.crawl.push_hints import PushHints

REFUSED_SECONDS = 60.0
"""Seconds without another try after a crawl of a namespace could not even begin."""

HINT_SECONDS = 10.0
"""Seconds between two crawls of a namespace that hooks start: what they say meanwhile is one."""

_FIRST = datetime.min.replace(tzinfo=UTC)

log = logging.getLogger("indexer.daemon")


class CrawlHistoryReader(Protocol):
    """The part of the index that a scheduler reads."""

    def crawl_history(self) -> Sequence[CrawlHistory]:
        """See `indexer.store.catalog.catalog.Catalog`."""


class PlannedNamespace(NamedTuple):
    """A namespace that is to be crawled, and when."""

    registry: str
    namespace: str
    timetable: Timetable

    @property
    def name(self) -> str:
        """Its full name, for messages."""
        return f"{self.registry}/{shown(self.namespace)}"


class Plan(NamedTuple):
    """What the configuration asks for.

    Attributes:
        namespaces: all of them.
        width: how many of one registry are crawled at the same time.
        crawl: crawls a namespace, or puts it into a queue. May raise anything.
    """

    namespaces: Sequence[PlannedNamespace]
    width: int
    crawl: Callable[[PlannedNamespace, NextCrawl], object]


class DueNamespace(NamedTuple):
    """A namespace that is due, and why."""

    planned: PlannedNamespace
    next_crawl: NextCrawl
    is_hinted: bool = False


def in_a_thread(name: str, work: Callable[[], None]) -> None:
    """Run `work` in a daemon thread, which does not keep the process from ending."""
    threading.Thread(target=work, name=name, daemon=True).start()


def at_once(name: str, work: Callable[[], None]) -> None:
    """Run `work` in this thread: for work that takes only a moment."""
    del name
    work()


class Scheduler:
    """Starts what is due by its plan.

    Args:
        plan: what the configuration asks for.
        past: the record of earlier crawls.
        clock: the time.
        hints: what hooks say was pushed; None: nobody looks.
        start: runs a crawl in a thread of a given name.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        past: CrawlHistoryReader,
        clock: Clock,
        hints: PushHints | None = None,
        start: Callable[[str, Callable[[], None]], None] = in_a_thread,
    ) -> None:
        self._plan = plan
        self._past = past
        self._clock = clock
        self._hints = hints
        self._hinted_at: dict[tuple[str, str], float] = {}
        self._start = start
        self._ticking = threading.Lock()
        self._changed = threading.Condition()
        self._running: set[tuple[str, str]] = set()
        self._lanes: dict[str, CrawlSlots] = {}
        self._not_before: dict[tuple[str, str], float] = {}
        self._trouble = ""
        self._stopping = False

    @property
    def is_idle(self) -> bool:
        """Whether no crawl runs."""
        with self._changed:
            return not self._running

    @property
    def status(self) -> str:
        """The running crawls, in a few words."""
        with self._changed:
            running, planned = len(self._running), len(self._plan.namespaces)
        if not planned and not running:
            return "waiting: no namespace is configured"
        return f"crawling {running} of {count(planned, 'namespace')}"

    def replan(self, plan: Plan) -> None:
        """Replace the plan; running crawls end under the old one."""
        with self._changed:
            self._plan = plan
            for lanes in self._lanes.values():
                lanes.width = plan.width

    def tick(self) -> None:
        """Start what is due and has a slot. Never raises."""
        try:
            with self._ticking:  # by the clock and by a hook: the later one sees what has begun
                for due in self._due():
                    self._begin(due)
        except StoreError as error:
            if str(error) != self._trouble:
                log.error("cannot read the index, trying again: %s", error)  # noqa: TRY400 - the sentence is all there is to it
            self._trouble = str(error)
        except Exception:
            log.exception("unexpected error; the daemon continues")
        else:
            if self._trouble:
                log.info("the index can be read again")
            self._trouble = ""

    def stop(self) -> None:
        """Start no more crawls."""
        with self._changed:
            self._stopping = True

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait until no crawl runs; False if that takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._running, seconds)

    def _due(self) -> list[DueNamespace]:
        """What is due now: what hooks say first, then the longest overdue, first crawls last.

        A first crawl takes long, and nobody relies on its data yet.
        """
        now = self._clock.now()
        known = {(each.registry, each.namespace): each for each in self._past.crawl_history()}
        hinted = self._hints.waiting() if self._hints else {}
        found = []
        for planned in self._plan.namespaces:
            key = (planned.registry, planned.namespace)
            crawl_history = known.get(key)
            due = next_crawl(planned.timetable, planned.name, crawl_history, now)
            if due.mode is not None:
                found.append((crawl_history is None, due.at or _FIRST, DueNamespace(planned, due)))
            elif key in hinted and not self._was_hinted(key):
                at_once = hinted_crawl(hinted[key], crawl_history, now)
                if at_once is not None:
                    found.append((False, _FIRST, DueNamespace(planned, at_once, is_hinted=True)))
        return [due for *_, due in sorted(found, key=lambda each: each[:2])]

    def _was_hinted(self, key: tuple[str, str]) -> bool:
        """Whether hooks started a crawl of this namespace a moment ago."""
        at = self._hinted_at.get(key)
        return at is not None and self._clock.monotonic() < at + HINT_SECONDS

    def _begin(self, due: DueNamespace) -> None:
        planned = due.planned
        key = (planned.registry, planned.namespace)
        with self._changed:
            lanes = self._lanes.get(planned.registry)
            if lanes is None:
                lanes = self._lanes[planned.registry] = CrawlSlots(self._plan.width, self._clock)
            too_early = self._clock.monotonic() < self._not_before.get(key, 0.0)
            if self._stopping or key in self._running or too_early or not lanes.has_room():
                return
            lanes.enter(planned.namespace)
            self._running.add(key)
            if due.is_hinted:
                self._hinted_at[key] = self._clock.monotonic()
            crawl = self._plan.crawl
        self._start(planned.name, lambda: self._run(due, crawl))

    def _run(
        self, due: DueNamespace, crawl: Callable[[PlannedNamespace, NextCrawl], object]
    ) -> None:
        """Crawl. Logs every error, and raises none."""
        planned = due.planned
        key = (planned.registry, planned.namespace)
        refused = True
        try:
            crawl(planned, due.next_crawl)
            refused = False
        except Busy as busy:
            log.info("%s", busy)
        except IndexerError as error:
            log.error("%s: %s", planned.name, error)  # noqa: TRY400 - the sentence is all there is to it
        except KeyboardInterrupt:
            log.info("%s: stopped; what was committed is kept", planned.name)
        except BaseException:
            log.exception("%s: unexpected error in the crawl; the daemon continues", planned.name)
        finally:
            with self._changed:
                self._running.discard(key)
                self._lanes[planned.registry].leave(planned.namespace)
                self._not_before.pop(key, None)
                if refused:
                    self._not_before[key] = self._clock.monotonic() + REFUSED_SECONDS
                self._changed.notify_all()
