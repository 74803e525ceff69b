"""Which namespaces are due, in the order in which they begin, at the cost of what is due.

A look reads from the index what was crawled since the look before, whoever crawled it, and what
hooks say. Only namespaces that may be due are decided anew: what was crawled, what hooks name, and
what the agenda has for this moment. All of them are, once an hour and where what is kept may be
wrong: with a new plan, after a clock was set back, after something was forgotten.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from indexer.core.printable import shown
from indexer.crawl.schedule.next_crawl import hinted_crawl, next_crawl
from indexer.service.agenda import Agenda

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from indexer.core.catalog_entries import CrawledSince, CrawlHistory, CrawlMark
    from indexer.core.clock import Clock
    from indexer.crawl.schedule.next_crawl import NextCrawl, Timetable
    from indexer.store.crawl.push_hints import PushHints

    Place = tuple[str, str]

HINT_SECONDS = 10.0
"""Seconds between two crawls of a namespace that hooks start: what they say meanwhile is one."""

ALL_SECONDS = 3_600.0
"""Seconds after which all namespaces are looked at, whatever the agenda says."""

_FIRST = datetime.min.replace(tzinfo=UTC)


class CrawlHistoryReader(Protocol):
    """The part of the index that says what is due."""

    def crawl_history(self, places: Collection[Place] | None = None) -> Sequence[CrawlHistory]:
        """See `indexer.store.catalog.catalog.Catalog`."""

    def crawled_since(self, mark: CrawlMark | None) -> CrawledSince:
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

    @property
    def place(self) -> Place:
        """Its registry and its name."""
        return self.registry, self.namespace


class DueNamespace(NamedTuple):
    """A namespace that is due, and why."""

    planned: PlannedNamespace
    next_crawl: NextCrawl
    is_hinted: bool = False


class DueNamespaces:
    """What is due. For one thread at a time, but for `replan`, `ended` and `waiting`.

    Args:
        past: the record of earlier crawls.
        hints: what hooks say was pushed; None: nobody looks.
        clock: the time.
    """

    def __init__(self, past: CrawlHistoryReader, hints: PushHints | None, clock: Clock) -> None:
        self._past = past
        self._hints = hints
        self._clock = clock
        self._guard = threading.Lock()
        self._new_plan: Mapping[Place, PlannedNamespace] | None = None
        self._ended: dict[Place, tuple[float, bool]] = {}
        self._not_before: dict[Place, float] = {}
        self._planned: Mapping[Place, PlannedNamespace] = {}
        self._agenda = Agenda()
        self._mark: CrawlMark | None = None
        self._all_at = 0.0
        self._looked_at = _FIRST
        self._running: Collection[Place] = ()
        self._hinted: Mapping[Place, Sequence[str]] = {}
        self._hinted_at: dict[Place, float] = {}
        self._decided: dict[Place, DueNamespace] = {}  # what this look has found due
        self.waiting: Collection[str] = ()  # see `registries`; other threads read it

    def replan(self, namespaces: Iterable[PlannedNamespace]) -> None:
        """Replace the namespaces, from the next look on."""
        with self._guard:
            self._new_plan = {each.place: each for each in namespaces}

    def ended(self, place: Place, *, pause: float = 0.0, refused: bool = False) -> None:
        """A crawl has ended, was put into a queue, or could not begin.

        Args:
            place: its registry and namespace.
            pause: seconds until the next look at it, unless it is crawled or hooks name it.
            refused: nothing begins it before that.
        """
        with self._guard:
            self._ended[place] = (self._clock.monotonic() + pause if pause else 0.0, refused)

    def forget(self) -> None:
        """Forget what is kept: the next look is at all namespaces."""
        self._mark = None

    def look(self, running: Collection[Place]) -> None:
        """Read what happened since the last look, and decide what may be due.

        Args:
            running: what this process is crawling; it is not due.

        Raises:
            StoreError: the index failed.
        """
        self._running, self._decided = running, {}
        is_new = self._take_what_was_told()
        since = self._past.crawled_since(None if is_new else self._mark)
        self._hinted = self._hints.waiting() if self._hints else {}
        now, monotonic = self._clock.now(), self._clock.monotonic()
        places = self._agenda.to_look_at(now, monotonic)
        if since.places is None or now < self._looked_at or monotonic >= self._all_at:
            self._all_at = monotonic + ALL_SECONDS
            places |= self._planned.keys()
        else:
            first = (self._agenda.first(registry) for registry in self._agenda.waiting)
            places |= since.places | self._hinted.keys() | {each for each in first if each}
        self._decide(places, now)
        self._mark, self._looked_at = since.mark, now

    def go_on(self, running: Collection[Place]) -> None:
        """Go on with what the last look found due, some time later.

        Args:
            running: what this process is crawling by now.
        """
        self._running, self._decided = running, {}

    def registries(self) -> Collection[str]:
        """The registries of which something is due."""
        self.waiting = self._agenda.waiting
        return self.waiting

    def next(self, registry: str) -> DueNamespace | None:
        """What of a registry begins next; None: nothing is due any more.

        What an earlier look found due is decided again: it may have been crawled since.

        Raises:
            StoreError: the index failed.
        """
        while place := self._agenda.first(registry):
            if (due := self._decided.get(place)) is not None:
                self._agenda.remove(place)
                if due.is_hinted:
                    self._hinted_at[place] = self._clock.monotonic()
                return due
            self._decide({place}, self._clock.now())
        return None

    def _take_what_was_told(self) -> bool:
        """Take a new plan, and what ended; whether there is a new plan."""
        with self._guard:
            ended, self._ended = self._ended, {}
            plan, self._new_plan = self._new_plan, None
        if plan is not None:
            self._planned, self._agenda = plan, Agenda()
        for place, (until, refused) in ended.items():
            self._not_before.pop(place, None)
            if refused:
                self._not_before[place] = until
            if until:
                self._agenda.pause(place, until)
            else:
                self._agenda.look_soon(place)
        return plan is not None

    def _decide(self, places: Collection[Place], now: datetime) -> None:
        """Decide which namespaces are due, or when to look at them again."""
        wanted = {each for each in places if each in self._planned}
        for place in wanted.intersection(self._running):
            # Its crawl may have ended just now, and said so before this look.
            self._agenda.look_soon(place)
        wanted.difference_update(self._running)
        if not wanted:
            return
        found = self._past.crawl_history(None if len(wanted) == len(self._planned) else wanted)
        known = {(each.registry, each.namespace): each for each in found}
        for place in wanted:
            self._enter(self._planned[place], known.get(place), now)

    def _enter(
        self, planned: PlannedNamespace, history: CrawlHistory | None, now: datetime
    ) -> None:
        place = planned.place
        due = DueNamespace(planned, next_crawl(planned.timetable, planned.name, history, now))
        order = (history is None, due.next_crawl.at or _FIRST)
        if due.next_crawl.mode is None and (hinted := self._hinted_crawl(place, history, now)):
            due, order = DueNamespace(planned, hinted, is_hinted=True), (False, _FIRST)
        if due.next_crawl.mode is not None:
            not_before = self._not_before.get(place, 0.0)
            if self._clock.monotonic() < not_before:
                self._agenda.pause(place, not_before)
            else:
                self._decided[place] = due
                self._agenda.is_due(place, order)
        elif history is not None and history.alive:
            self._agenda.look_soon(place)
        elif due.next_crawl.at is not None:
            self._agenda.look_later(place, due.next_crawl.at)
        else:
            self._agenda.remove(place)

    def _hinted_crawl(
        self, place: Place, history: CrawlHistory | None, now: datetime
    ) -> NextCrawl | None:
        """The crawl that hooks start; None: they started one a moment ago, or say nothing."""
        at = self._hinted_at.get(place)
        if at is not None and self._clock.monotonic() < at + HINT_SECONDS:
            return None
        return hinted_crawl(self._hinted.get(place, ()), history, now)
