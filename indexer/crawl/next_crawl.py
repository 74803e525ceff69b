"""Which crawl of a namespace is due, why, and when the next one is. Pure: `now` is an argument.

What is due follows from what the index says of the past and from nothing else, so a restart loses
nothing, however long it takes: missed crawls are one crawl that is due, and at once. The rules:

- A crawl counts from its beginning. A `full` one is a `verify` as well, and that an incremental
  one: of those that are due the strongest is run, and does for all.
- What got through counts: `complete`, and `incomplete`, which read what could be read. Until a
  first crawl has done that the namespace is due, always incrementally: that continues what an
  interrupted first crawl left, where a sweep would begin anew.
- What failed is due again, later each time: after one minute, two, four, up to an hour. One that
  was interrupted is due at once, the first time. Of several kinds that are due they take turns
  after failures, so that one that always fails keeps no other from being done.
- Jitter is no chance: it follows from the namespace and the moment, so that it is the same at each
  look.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple, Protocol

from indexer.core.model import CrawlStatus, Mode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from indexer.core.catalog_entries import CrawlHistory

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
"""How long a namespace is left alone after a failure; it doubles from the first to the last."""

GRACE = 0.1
"""How much of an interval may pass on top of it before somebody calls it late."""

LEAST_GRACE = timedelta(minutes=1)
"""Crawls take time, and cron is not exact."""

STRONGEST_FIRST = (Mode.FULL, Mode.VERIFY, Mode.INCREMENTAL)


class Timing(Protocol):
    """When one kind of crawl is due."""

    @property
    def text(self) -> str:
        """As the configuration has it."""

    def after(self, moment: datetime) -> datetime | None:
        """When it is due that was last done at `moment`; None: never."""


@dataclass(frozen=True, slots=True)
class Every:
    """Due at an interval."""

    text: str
    interval: timedelta

    def after(self, moment: datetime) -> datetime:
        """See `Timing`."""
        return moment + self.interval


@dataclass(frozen=True, slots=True)
class Never:
    """Never due."""

    text: str = "never"

    def after(self, moment: datetime) -> None:
        """See `Timing`."""
        del moment


@dataclass(frozen=True, slots=True)
class Timetable:
    """When the crawls of one namespace are due. `jitter`: by how much later, at the most."""

    crawl: Timing
    verify: Timing
    full: Timing
    jitter: timedelta = timedelta(0)

    def timing(self, mode: Mode) -> Timing:
        """When one kind of crawl is due."""
        return {
            Mode.INCREMENTAL: self.crawl,
            Mode.VERIFY: self.verify,
            Mode.FULL: self.full,
        }[mode]


class NextCrawl(NamedTuple):
    """What to do with a namespace.

    Attributes:
        mode: the crawl that is due now; None: none is.
        at: since when it is due; or when the next one will be; None: nobody knows.
        reason: in words.
    """

    mode: Mode | None
    at: datetime | None
    reason: str


class Overdue(NamedTuple):
    """A crawl that should have been: `last` is when the last one was, None if there was none."""

    mode: Mode
    text: str
    last: datetime | None


def next_crawl(
    table: Timetable, name: str, so_far: CrawlHistory | None, now: datetime
) -> NextCrawl:
    """Say which crawl of a namespace is due, or when one will be.

    Args:
        table: what the configuration wants.
        name: of the namespace, with its registry.
        so_far: what the index says of its crawls; None: there was none.
        now: the time.
    """
    if not any(table.timing(mode).after(now) for mode in Mode):
        return NextCrawl(None, None, "nothing is ever due by its schedule")
    if so_far is None:
        return NextCrawl(Mode.INCREMENTAL, None, "it was never crawled")
    if so_far.alive:
        return NextCrawl(None, None, "it is being crawled")
    moments = dict(_moments(table, name, so_far))
    due = [mode for mode in STRONGEST_FIRST if mode in moments and (moments[mode] or now) <= now]
    if not due:
        mode, at = min(((mode, at) for mode, at in moments.items() if at), key=lambda pair: pair[1])
        return NextCrawl(None, at, f"a {named(mode)} is due {written(table.timing(mode).text)}")
    again = _again(so_far)
    if again is not None and again > now:
        times = "time" if so_far.failures == 1 else "times in a row"
        return NextCrawl(None, again, f"it did not get through {so_far.failures} {times}")
    mode = due[so_far.failures % len(due)]
    return NextCrawl(mode, moments[mode], _reason(table, so_far, mode))


def overdue(
    table: Timetable, name: str, so_far: CrawlHistory | None, now: datetime
) -> list[Overdue]:
    """Say which crawls are later than the schedule and some grace allow.

    One that is being crawled is late in nothing: what is due comes next.
    """
    if so_far is None:
        timings = [(mode, table.timing(mode)) for mode in (Mode.INCREMENTAL, Mode.FULL)]
        return [Overdue(mode, timing.text, None) for mode, timing in timings if timing.after(now)]
    if so_far.alive:
        return []
    found = []
    for mode, moment in _moments(table, name, so_far):
        timing, last = table.timing(mode), so_far.done.get(mode)
        if moment is None or last is None or now > moment + _grace(timing, last):
            found.append(Overdue(mode, timing.text, last))
    return found


def _moments(
    table: Timetable, name: str, so_far: CrawlHistory
) -> Iterator[tuple[Mode, datetime | None]]:
    """When each kind of crawl is, or was, due; None where none got through: at once."""
    if not so_far.done:
        yield Mode.INCREMENTAL, None
        return
    for mode in Mode:
        timing, last = table.timing(mode), so_far.done.get(mode)
        moment = timing.after(last or so_far.last.started_at)
        if moment is not None:
            late_by = table.jitter * _fraction(f"{name} {mode} {moment.isoformat()}")
            yield mode, moment + late_by if last else None


def _fraction(text: str) -> float:
    """A number from 0 to 1 that is the same for the same text, and any other for another."""
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest[:4]) / 2**32


def _grace(timing: Timing, last: datetime) -> timedelta:
    due = timing.after(last)
    after_that = timing.after(due) if due else None
    interval = after_that - due if due and after_that else timedelta(0)
    return max(interval * GRACE, LEAST_GRACE)


def _again(so_far: CrawlHistory) -> datetime | None:
    """When what did not get through may be tried again; None: at once."""
    last, failures = so_far.last, so_far.failures
    if last.status is not CrawlStatus.FAILED:  # the first interruption costs nothing
        failures -= 1
    if failures <= 0:
        return None
    pause = min(FIRST_PAUSE * (1 << min(failures - 1, 10)), LONGEST_PAUSE)
    return (last.finished_at or last.started_at) + pause


def _reason(table: Timetable, so_far: CrawlHistory, mode: Mode) -> str:
    text = written(table.timing(mode).text)
    if so_far.failures:
        return f"a {named(mode)} is due {text}, and the last crawl did not get through"
    if so_far.done.get(mode) is None:
        return f"a {named(mode)} is due {text}, and none got through yet"
    return f"a {named(mode)} is due {text}"


def named(mode: Mode) -> str:
    """A kind of crawl, as people say it."""
    return {
        Mode.INCREMENTAL: "crawl",
        Mode.VERIFY: "verifying crawl",
        Mode.FULL: "full crawl",
    }[mode]


def written(text: str) -> str:
    """A schedule within a sentence: `every 1h`, `at '0 3 * * *'`."""
    return f"at '{text}'" if " " in text else f"every {text}"
