"""Computes the positions of the bars and labels of charts; templates draw them as SVG. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.model import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from indexer.catalog.answers import DayCount
    from indexer.core.catalog_entries import Period

STACK = (
    ChangeKind.TAG_ADDED,
    ChangeKind.TAG_RETAGGED,
    ChangeKind.TAG_REMOVED,
    ChangeKind.REPOSITORY_ADDED,
    ChangeKind.REPOSITORY_REMOVED,
)
"""From the bottom to the top of a bar."""

WIDTH = HEIGHT = 100.0
"""All positions are in per cent, so that the drawing scales to its place but its texts do not."""

_EDGE = 6.0
_LABELS = 6
"""Dates under a chart."""

_LEAST_BAR = 1.0
"""Least height of a bar, so that one change is visible beside thousands."""

MOST_LANES = 12
"""How many digests of a tag's history get their own line: the latest."""


class Bar(NamedTuple):
    """A piece of a bar."""

    kind: ChangeKind
    x: float
    y: float
    width: float
    height: float


class Day(NamedTuple):
    """A day and its changes; `x` and `width` span all that belongs to it."""

    day: date
    counts: dict[ChangeKind, int]
    bars: list[Bar]
    x: float
    width: float

    @property
    def total(self) -> int:
        """All changes of the day."""
        return sum(self.counts.values())


class Label(NamedTuple):
    """A text beneath a chart."""

    x: float
    text: str

    @property
    def anchor(self) -> str:
        """Which end of the text stands at `x`, so that none hangs over the edge."""
        return "start" if self.x < _EDGE else "end" if self.x > WIDTH - _EDGE else "middle"


class Columns(NamedTuple):
    """Changes for each day."""

    days: list[Day]
    labels: list[Label]
    top: int
    total: int
    counts: dict[ChangeKind, int]


def columns(found: Iterable[DayCount], last: date, number: int) -> Columns:
    """A bar for each of the `number` days up to `last`, whether anything happened or not."""
    counts: dict[date, dict[ChangeKind, int]] = defaultdict(dict)
    for each in found:
        counts[each.day][each.kind] = each.number
    dates = [last - timedelta(days=back) for back in reversed(range(number))]
    totals = [sum(counts[day].values()) if day in counts else 0 for day in dates]
    top = _round_up(max(totals, default=0))
    step = WIDTH / number
    days = [
        _day(day, counts.get(day, {}), index * step, step, top) for index, day in enumerate(dates)
    ]
    every = max(number // _LABELS, 1)
    labels = [
        Label(round((index + 0.5) * step, 2), f"{day:%b} {day.day}")
        for index, day in enumerate(dates)
        if (number - 1 - index) % every == 0
    ]
    kinds = {kind: sum(day.counts.get(kind, 0) for day in days) for kind in STACK}
    return Columns(days, labels, top, sum(totals), kinds)


def _day(day: date, counts: dict[ChangeKind, int], x: float, step: float, top: int) -> Day:
    gap = min(step * 0.2, 0.5)
    bars = []
    y = HEIGHT
    for kind in STACK:
        if number := counts.get(kind, 0):
            height = max(number / top * HEIGHT, _LEAST_BAR)
            y -= height
            bars.append(
                Bar(
                    kind, round(x + gap / 2, 2), round(y, 2), round(step - gap, 2), round(height, 2)
                )
            )
    return Day(day, counts, bars, round(x, 2), round(step, 2))


def _round_up(value: int) -> int:
    """A round number that is at least as large: 1, 2, 5, 10, 20, 50 and so on."""
    if value <= 1:
        return 1
    size: int = 10 ** int(math.log10(value))
    return next(size * factor for factor in (1, 2, 5, 10) if size * factor >= value)


class Span(NamedTuple):
    """The bar of a period."""

    period: Period
    x: float
    width: float
    lasts: bool


class Lane(NamedTuple):
    """A digest, and when the tag pointed to it. `hue` is its colour's number."""

    digest: str | None
    hue: int
    spans: list[Span]


class TagTimeline(NamedTuple):
    """The history of a tag: a lane for each digest, the latest first."""

    lanes: list[Lane]
    labels: list[Label]
    left_out: int


HUES = 8
"""Colours that digests are told apart by; they repeat."""


def tag_timeline(periods: Sequence[Period], now: datetime) -> TagTimeline:
    """Compute the bars of a tag's periods, between the start of the first and now.

    Args:
        periods: the newest first.
        now: where those that last end.
    """
    if not periods:
        return TagTimeline([], [], 0)
    digests = list(dict.fromkeys(each.digest for each in periods))
    kept = set(digests[:MOST_LANES])
    drawn = [each for each in periods if each.digest in kept]
    start = min(each.started_at for each in drawn)
    whole = max((now - start).total_seconds(), 1.0)

    def at(time: datetime) -> float:
        return min(max((time - start).total_seconds() / whole, 0.0), 1.0) * WIDTH

    lanes = []
    for hue, digest in enumerate(digests[:MOST_LANES]):
        spans = []
        for each in drawn:
            if each.digest == digest:
                x = at(each.started_at)
                width = max(at(each.ended_at or now) - x, _LEAST_BAR)
                x = min(x, WIDTH - width)
                spans.append(Span(each, round(x, 2), round(width, 2), each.ended_at is None))
        lanes.append(Lane(digest, hue % HUES, spans[::-1]))
    return TagTimeline(lanes, _ticks(start, now), max(len(digests) - MOST_LANES, 0))


def _ticks(start: datetime, now: datetime) -> list[Label]:
    """Four dates along the axis; times where all is within two days."""
    span = now - start
    form = "%H:%M" if span < timedelta(days=2) else "%Y-%m-%d"
    marks = []
    for index in range(4):
        time = (start + span * (index / 3)).astimezone(UTC)
        marks.append(Label(round(WIDTH * index / 3, 2), f"{time:{form}}"))
    return marks
