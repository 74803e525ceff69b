"""Which crawl of a namespace is due, why, and when the next one is. Pure: `now` is an argument.

This depends only on the crawls that the index has recorded, so a restart loses nothing: all crawls
missed during a long downtime are one crawl that is due at once. The rules:

- The interval runs from the start of the last crawl. A `full` crawl also counts as a `verify`
  crawl, and a `verify` crawl as an incremental one. If several are due, the strongest is run, and
  counts for all.
- Crawls that ended `complete` or `incomplete` count. Until the first of these, an incremental
  crawl is due, because it continues what an interrupted first crawl left; a full crawl would begin
  anew.
- A full or verify crawl that was cut short is continued at the time of the next crawl of any mode:
  that crawl is of its mode, and opens what is left (`indexer.crawl.selection.cycle`). Not so verify
  crawls with a budget, which are meant to read a part each time.
- After a failure the next attempt waits: one minute, then two, four, up to an hour. After the first
  interruption it does not wait. If several modes are due after failures, they take turns, so a
  mode that always fails does not block the others.
- Times that are still to come are not believed: some clock was wrong. A crawl of which only such a
  time is known is due.
- Jitter is computed from the namespace and the time that the crawl is due, so every call gives the
  same result.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple, Protocol

from indexer.core.clock import is_believed
from indexer.core.humanize import count
from indexer.core.model import CrawlStatus, Mode
from indexer.core.printable import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from indexer.core.catalog_entries import CrawlHistory

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
"""How long to wait after a failure: `FIRST_PAUSE`, doubled with each one, up to `LONGEST_PAUSE`."""

GRACE = 0.1
"""A crawl is overdue after its interval and this share of it."""

LEAST_GRACE = timedelta(minutes=1)
"""The least grace, because crawls take time and cron is not exact."""

STRONGEST_FIRST = (Mode.FULL, Mode.VERIFY, Mode.INCREMENTAL)


class Timing(Protocol):
    """When crawls of one mode are due."""

    @property
    def text(self) -> str:
        """The schedule as the configuration has it."""

    def after(self, moment: datetime) -> datetime | None:
        """When the next crawl is due if the last one began at `moment`; None: never."""


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
    """When the crawls of one namespace are due, by mode.

    `jitter` is the longest random delay. `verify_has_budget`: verify crawls read a part each time.
    """

    crawl: Timing
    verify: Timing
    full: Timing
    jitter: timedelta = timedelta(0)
    verify_has_budget: bool = False

    def timing(self, mode: Mode) -> Timing:
        """When crawls of one mode are due."""
        return {
            Mode.INCREMENTAL: self.crawl,
            Mode.VERIFY: self.verify,
            Mode.FULL: self.full,
        }[mode]


class NextCrawl(NamedTuple):
    """What to do with a namespace.

    Attributes:
        mode: of the crawl that is due now; None if none is.
        at: since when it is due, or when the next one will be; None if not known.
        reason: in words.
        parts: the repositories that alone are crawled; empty: the whole namespace.
    """

    mode: Mode | None
    at: datetime | None
    reason: str
    parts: tuple[str, ...] = ()


class Overdue(NamedTuple):
    """A crawl that should have begun; `last` is when the last one began, None if none did."""

    mode: Mode
    text: str
    last: datetime | None


def next_crawl(
    table: Timetable, name: str, history: CrawlHistory | None, now: datetime
) -> NextCrawl:
    """Decide which crawl of a namespace is due, or when the next one will be.

    Args:
        table: the configured schedule.
        name: of the namespace, with its registry.
        history: its recorded crawls; None if there was none.
        now: the time.
    """
    if not any(table.timing(mode).after(now) for mode in Mode):
        return NextCrawl(None, None, "nothing is ever due by its schedule")
    if history is None:
        return NextCrawl(Mode.INCREMENTAL, None, "it was never crawled")
    if history.alive:
        return NextCrawl(None, None, "it is being crawled")
    moments = dict(_moments(table, name, history, now))
    moments |= _continued(table, history, moments)
    due = [mode for mode in STRONGEST_FIRST if mode in moments and (moments[mode] or now) <= now]
    if not due:
        in_order = [(mode, moments.get(mode)) for mode in STRONGEST_FIRST]
        mode, at = min(((mode, at) for mode, at in in_order if at), key=lambda pair: pair[1])
        return NextCrawl(None, at, _cut_short(table, history, mode) or _scheduled(table, mode))
    again = _again(history, now)
    if again is not None and again > now:
        times = "time" if history.failures == 1 else "times in a row"
        return NextCrawl(None, again, f"it did not get through {history.failures} {times}")
    mode = due[history.failures % len(due)]
    return NextCrawl(mode, moments[mode], _reason(table, history, mode, now))


MOST_PARTS = 20
"""The most repositories that are crawled one by one; of more, the namespace is crawled."""


def hinted_crawl(
    hinted: Sequence[str], history: CrawlHistory | None, now: datetime
) -> NextCrawl | None:
    """Which crawl is due because hooks say that something was pushed; None: none.

    Hooks are not believed: the crawl looks. It waits as long as any other after a failure.

    Args:
        hinted: the repositories that they named; an empty name stands for one that is not known,
            which the list of repositories must show.
        history: the recorded crawls of the namespace; without any its first crawl is due.
        now: the time.
    """
    if not hinted or history is None or history.alive or not history.done:
        return None
    again = _again(history, now)
    if again is not None and again > now:
        return None
    names = dict.fromkeys(hinted)
    named = ", ".join(shown(name, 100) for name in list(names)[:3])
    what = f"{named} and {len(names) - 3} more" if len(names) > 3 else named  # noqa: PLR2004 - as many as are named
    if "" in names:
        what = "a repository that is not known yet"
    reason = f"hooks say that something was pushed to {what}"
    return NextCrawl(Mode.INCREMENTAL, now, reason, hinted_parts(hinted))


def hinted_parts(hinted: Iterable[str]) -> tuple[str, ...]:
    """The repositories that alone are crawled because hooks named them; empty: the namespace.

    Args:
        hinted: as for `hinted_crawl`.
    """
    names = tuple(dict.fromkeys(hinted))
    return () if "" in names or len(names) > MOST_PARTS else names


def overdue(
    table: Timetable, name: str, history: CrawlHistory | None, now: datetime
) -> list[Overdue]:
    """The crawls that are later than the schedule and its grace allow.

    None while the namespace is being crawled.
    """
    if history is None:
        timings = [(mode, table.timing(mode)) for mode in (Mode.INCREMENTAL, Mode.FULL)]
        return [Overdue(mode, timing.text, None) for mode, timing in timings if timing.after(now)]
    if history.alive:
        return []
    found = []
    done = _done(history, now)
    for mode, moment in _moments(table, name, history, now):
        timing, last = table.timing(mode), done.get(mode)
        if moment is None or last is None or now > moment + grace(timing, last):
            found.append(Overdue(mode, timing.text, last or history.done.get(mode)))
    return found


def _done(history: CrawlHistory, now: datetime) -> Mapping[Mode, datetime]:
    """When the last crawl of each mode began, where that is believed."""
    return {mode: began for mode, began in history.done.items() if is_believed(began, now)}


def _moments(
    table: Timetable, name: str, history: CrawlHistory, now: datetime
) -> Iterator[tuple[Mode, datetime | None]]:
    """Each mode, and when its next crawl is or was due; None where it is not known: now."""
    done = _done(history, now)
    if not done:
        yield Mode.INCREMENTAL, None
        return
    for mode in Mode:
        timing, last = table.timing(mode), done.get(mode)
        moment = timing.after(last or now)
        if moment is not None:
            late_by = table.jitter * _fraction(f"{name} {mode} {moment.isoformat()}")
            yield mode, moment + late_by if last else None


def _continued(
    table: Timetable, history: CrawlHistory, moments: Mapping[Mode, datetime | None]
) -> dict[Mode, datetime | None]:
    """Modes whose last crawl was cut short, and when any crawl is due next, if that is sooner."""
    soon = moments.get(Mode.INCREMENTAL)
    return {
        mode: soon
        for mode, at in moments.items()
        if mode in _left(table, history) and soon is not None and at is not None and soon < at
    }


def _left(table: Timetable, history: CrawlHistory) -> dict[Mode, int]:
    """Modes whose last crawl was cut short, and how many repositories it left."""
    stays = {Mode.INCREMENTAL, *([Mode.VERIFY] if table.verify_has_budget else [])}
    return {mode: left for mode, left in history.unread.items() if left and mode not in stays}


def _fraction(text: str) -> float:
    """A number from 0 to 1 that depends on the text only, evenly distributed."""
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest[:4]) / 2**32


def interval(timing: Timing, last: datetime) -> timedelta:
    """The time between the next two crawls after one that began at `last`; 0: there are none."""
    due = timing.after(last)
    after_that = timing.after(due) if due else None
    return after_that - due if due and after_that else timedelta(0)


def grace(timing: Timing, last: datetime) -> timedelta:
    """How late a crawl may be that follows one that began at `last`."""
    return max(interval(timing, last) * GRACE, LEAST_GRACE)


def _again(history: CrawlHistory, now: datetime) -> datetime | None:
    """When to try again after failures; None: at once."""
    last, failures = history.last, history.failures
    if last.status is not CrawlStatus.FAILED:  # no pause after the first interruption
        failures -= 1
    if failures <= 0:
        return None
    pause = min(FIRST_PAUSE * (1 << min(failures - 1, 10)), LONGEST_PAUSE)
    ended = last.finished_at or last.started_at
    return ended + pause if is_believed(ended, now) else None


def _scheduled(table: Timetable, mode: Mode) -> str:
    return f"a {named(mode)} is due {written(table.timing(mode).text)}"


def _cut_short(table: Timetable, history: CrawlHistory, mode: Mode) -> str | None:
    """What is said of a mode whose last crawl was cut short; None if it was not."""
    left = _left(table, history).get(mode)
    if left is None:
        return None
    what = count(left, "repository")
    return f"the last {named(mode)} was cut short and left {what}: this one continues"


def _reason(table: Timetable, history: CrawlHistory, mode: Mode, now: datetime) -> str:
    text = written(table.timing(mode).text)
    if history.failures:
        return f"a {named(mode)} is due {text}, and the last crawl did not get through"
    if cut_short := _cut_short(table, history, mode):
        return cut_short
    if history.done.get(mode) is None:
        return f"a {named(mode)} is due {text}, and none got through yet"
    if mode not in _done(history, now):
        return f"a {named(mode)} is due {text}, and the last one began in the future by its clock"
    return f"a {named(mode)} is due {text}"


def named(mode: Mode) -> str:
    """A mode of crawl, as sentences name it."""
    return {
        Mode.INCREMENTAL: "crawl",
        Mode.VERIFY: "verifying crawl",
        Mode.FULL: "full crawl",
    }[mode]


def written(text: str) -> str:
    """A schedule as sentences name it: `every 1h`, `at '0 3 * * *'`."""
    return f"at '{text}'" if " " in text else f"every {text}"
