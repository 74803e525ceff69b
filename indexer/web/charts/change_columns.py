"""Changes for each day: a bar of a piece for each kind."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.model import ChangeKind
from indexer.web.charts.axis import HEIGHT, LEAST_BAR, WIDTH, date_labels, round_up

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from indexer.catalog.answers import DayCount
    from indexer.web.charts.axis import Label

STACK = (
    ChangeKind.TAG_ADDED,
    ChangeKind.TAG_RETAGGED,
    ChangeKind.TAG_REMOVED,
    ChangeKind.REPOSITORY_ADDED,
    ChangeKind.REPOSITORY_REMOVED,
)
"""From the bottom to the top of a bar."""


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
    top = round_up(max(totals, default=0))
    step = WIDTH / number
    days = [
        _day(day, counts.get(day, {}), index * step, step, top) for index, day in enumerate(dates)
    ]
    labels = date_labels(dates, step)
    kinds = {kind: sum(day.counts.get(kind, 0) for day in days) for kind in STACK}
    return Columns(days, labels, top, sum(totals), kinds)


def _day(day: date, counts: dict[ChangeKind, int], x: float, step: float, top: int) -> Day:
    gap = min(step * 0.2, 0.5)
    bars = []
    y = HEIGHT
    for kind in STACK:
        if number := counts.get(kind, 0):
            height = max(number / top * HEIGHT, LEAST_BAR)
            y -= height
            bars.append(
                Bar(
                    kind, round(x + gap / 2, 2), round(y, 2), round(step - gap, 2), round(height, 2)
                )
            )
    return Day(day, counts, bars, round(x, 2), round(step, 2))
