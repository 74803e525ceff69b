"""Starts the crawls that are due each time the daemon looks, and none twice.

    the index    ─ what was crawled since the last look? ─┐
    the index    ─ what do hooks say? ────────────────────┤
    the agenda   ─ what may be due by now? ───────────────┤
                                                          ▼
    the index    ─ when was that crawled last? ─▶ timetable ─▶ due ─▶ slots ─▶ crawls, in threads
    the index    ◀──────────────────────────── the record of each crawl ────────────┘

All state that matters is in the index: a new daemon on the same index continues where this one
stopped. What is kept in memory only says when to look at which namespace again. What is due is read
from the index, just before its crawl begins.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.errors import Busy, IndexerError, StoreError
from indexer.core.humanize import count
from indexer.service.crawl_slots import CrawlSlots
from indexer.service.due_namespaces import DueNamespaces

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from indexer.core.clock import Clock
    from indexer.crawl.schedule.next_crawl import NextCrawl
    from indexer.service.due_namespaces import (
        CrawlHistoryReader,
        DueNamespace,
        Place,
        PlannedNamespace,
    )
    from indexer.store.crawl.push_hints import PushHints

REFUSED_SECONDS = 60.0
"""Seconds without another try after a crawl of a namespace could not even begin."""

log = logging.getLogger("indexer.daemon")


class Plan(NamedTuple):
    """What the configuration asks for.

    Attributes:
        namespaces: all of them.
        width: how many of one registry are crawled at the same time.
        crawl: crawls a namespace, or puts it into a queue. May raise anything.
        pause: seconds until the next look at what `crawl` was called for; for a queue, where it
            still waits when `crawl` returns.
    """

    namespaces: Sequence[PlannedNamespace]
    width: int
    crawl: Callable[[PlannedNamespace, NextCrawl], object]
    pause: float = 0.0


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
        self._clock = clock
        self._due = DueNamespaces(past, hints, clock)
        self._due.replan(plan.namespaces)
        self._start = start
        self._ticking = threading.Lock()
        self._is_wanted = False
        self._must_look = False
        self._changed = threading.Condition()
        self._running: set[Place] = set()
        self._lanes: dict[str, CrawlSlots] = {}
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
        self._due.replan(plan.namespaces)

    def tick(self) -> None:
        """Look what is due, and start what has a slot. Never raises.

        The clock and hooks call it.
        """
        self._must_look = True
        self._fill_slots()

    def _fill_slots(self) -> None:
        """Start what was found due and has a slot: called for each crawl that ends.

        While one call does so, it starts again for the others, so that the later one sees what has
        begun.
        """
        self._is_wanted = True
        while self._is_wanted and self._ticking.acquire(blocking=False):
            try:
                self._is_wanted = False
                self._begin_all()
            finally:
                self._ticking.release()

    def stop(self) -> None:
        """Start no more crawls."""
        with self._changed:
            self._stopping = True

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait until no crawl runs; False if that takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._running, seconds)

    def _begin_all(self) -> None:
        try:
            with self._changed:
                running = frozenset(self._running)
            if self._must_look:
                self._must_look = False
                self._due.look(running)
            else:
                self._due.go_on(running)
            for registry in self._due.registries():
                while self._has_room(registry) and (due := self._due.next(registry)):
                    self._begin(due)
            self._due.registries()
        except StoreError as error:
            self._due.forget()
            if str(error) != self._trouble:
                log.error("cannot read the index, trying again: %s", error)  # noqa: TRY400 - the sentence is all there is to it
            self._trouble = str(error)
        except Exception:
            self._due.forget()
            log.exception("unexpected error; the daemon continues")
        else:
            if self._trouble:
                log.info("the index can be read again")
            self._trouble = ""

    def _has_room(self, registry: str) -> bool:
        with self._changed:
            if registry not in self._lanes:
                self._lanes[registry] = CrawlSlots(self._plan.width, self._clock)
            return not self._stopping and self._lanes[registry].has_room()

    def _begin(self, due: DueNamespace) -> None:
        planned = due.planned
        with self._changed:
            self._lanes[planned.registry].enter(planned.namespace)
            self._running.add(planned.place)
            plan = self._plan
        self._start(planned.name, lambda: self._run(due, plan))

    def _run(self, due: DueNamespace, plan: Plan) -> None:
        """Crawl. Logs every error, and raises none."""
        planned = due.planned
        refused = True
        try:
            plan.crawl(planned, due.next_crawl)
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
            pause = REFUSED_SECONDS if refused else plan.pause
            self._due.ended(planned.place, pause=pause, refused=refused)
            with self._changed:
                self._running.discard(planned.place)
                self._lanes[planned.registry].leave(planned.namespace)
                self._changed.notify_all()
            if planned.registry in self._due.waiting:  # for the slot that is free now
                self._fill_slots()
