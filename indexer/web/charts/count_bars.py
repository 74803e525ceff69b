"""Pulls and stars of a repository by the day: a bar for each."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from indexer.web.charts.axis import HEIGHT, LEAST_BAR, WIDTH, date_labels, round_up

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from indexer.core.catalog_entries import RepositoryDay
    from indexer.web.charts.axis import Label


class CountBar(NamedTuple):
    """What was counted on a day, and its bar; `value` is None where nothing was.

    `hit_x` and `hit_width` span all that belongs to the day.
    """

    day: date
    value: int | None
    x: float
    y: float
    width: float
    height: float
    hit_x: float
    hit_width: float


class CountChart(NamedTuple):
    """A count for each day: `last` is the latest, `total` the sum of all that are drawn."""

    bars: list[CountBar]
    labels: list[Label]
    top: int
    last: int
    total: int


def pulls_by_day(found: Sequence[RepositoryDay], last: date, number: int) -> CountChart | None:
    """Pulls since the day that was counted before; None: no two days were counted.

    Args:
        found: the counted days, the oldest first.
        last: the last day that is drawn.
        number: how many days are drawn.
    """
    counted = [(each.day, each.pulls) for each in found if each.pulls is not None]
    gained = {day: pulls - before for (_, before), (day, pulls) in pairwise(counted)}
    return _counts(gained, last, number)


def stars_by_day(found: Sequence[RepositoryDay], last: date, number: int) -> CountChart | None:
    """Stars on each day; None: they were counted on none."""
    stars = {each.day: each.stars for each in found if each.stars is not None}
    return _counts(stars, last, number)


def _counts(values: Mapping[date, int], last: date, number: int) -> CountChart | None:
    dates = [last - timedelta(days=back) for back in reversed(range(number))]
    drawn = [values[day] for day in dates if day in values]
    if not drawn:
        return None
    top, step = round_up(max(drawn)), WIDTH / number
    gap = min(step * 0.2, 0.5)
    bars = []
    for index, day in enumerate(dates):
        value = values.get(day)
        # A registry may correct a number downwards: there is no bar below zero.
        height = max(value / top * HEIGHT, LEAST_BAR) if value is not None and value > 0 else 0.0
        x, y = index * step, HEIGHT - height
        bars.append(
            CountBar(
                day, value, round(x + gap / 2, 2), round(y, 2), round(step - gap, 2),
                round(height, 2), round(x, 2), round(step, 2),
            )
        )  # fmt: skip
    return CountChart(bars, date_labels(dates, step), top, drawn[-1], sum(drawn))
