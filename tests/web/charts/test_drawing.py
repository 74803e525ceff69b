"""Where bars and spans are drawn."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.catalog.answers import DayCount
from indexer.core.catalog_entries import Period, RepositoryDay
from indexer.core.model import ChangeKind
from indexer.web.charts import count_bars
from indexer.web.charts import tag_timeline as timelines
from indexer.web.charts.change_columns import columns
from tests.store.scribe import START

if TYPE_CHECKING:
    from datetime import datetime

TODAY = date(2026, 3, 4)

DAYS = st.lists(
    st.builds(
        DayCount,
        day=st.integers(0, 40).map(lambda back: TODAY - timedelta(days=back)),
        kind=st.sampled_from(ChangeKind),
        number=st.integers(1, 1_000_000),
    ),
    unique_by=lambda each: (each.day, each.kind),
)


@given(found=DAYS, number=st.sampled_from([7, 30, 90]))
def test_bars_stay_in_their_day_and_within_the_drawing(found: list[DayCount], number: int) -> None:
    chart = columns(found, TODAY, number)
    assert [day.day for day in chart.days] == [
        TODAY - timedelta(days=back) for back in reversed(range(number))
    ]
    shown = [each for each in found if TODAY - each.day < timedelta(days=number)]
    assert chart.total == sum(each.number for each in shown)
    assert chart.top >= max((day.total for day in chart.days), default=0)
    for day in chart.days:
        for bar in day.bars:
            assert day.x <= bar.x
            assert bar.x + bar.width <= day.x + day.width + 0.05
            assert bar.height >= 1
            assert bar.y + bar.height <= 100.01
        tops = [bar.y for bar in day.bars]
        assert tops == sorted(tops, reverse=True)
    assert chart.labels[-1].text == "Mar 4"


@pytest.mark.parametrize(
    ("most", "top"), [(0, 1), (1, 1), (2, 2), (3, 5), (7, 10), (11, 20), (99, 100), (101, 200)]
)
def test_the_scale_ends_at_a_round_number(most: int, top: int) -> None:
    found = [DayCount(TODAY, ChangeKind.TAG_ADDED, most)] if most else []
    assert columns(found, TODAY, 7).top == top


def period(digest: str | None, start: float, end: float | None) -> Period:
    """From and to so many days after the beginning."""
    started = START + timedelta(days=start)
    ended = None if end is None else START + timedelta(days=end)
    return Period("docker.io", "library/nginx", "latest", digest, None, started, ended)


NOW: datetime = START + timedelta(days=10)


def test_a_timeline_has_a_lane_for_each_digest_the_latest_first() -> None:
    found = [period("a", 6, None), period("b", 4, 6), period("a", 0, 4)]
    life = timelines.tag_timeline(found, NOW)
    assert [lane.digest for lane in life.lanes] == ["a", "b"]
    first, second = life.lanes
    assert [(span.x, span.width, span.lasts) for span in first.spans] == [
        (0, 40, False),
        (60, 40, True),
    ]
    assert [(span.x, span.width) for span in second.spans] == [(40, 20)]
    assert [label.text for label in life.labels][::3] == ["2026-03-01", "2026-03-11"]
    assert [label.anchor for label in life.labels][::3] == ["start", "end"]


def test_a_moment_can_be_seen_and_stays_within_the_drawing() -> None:
    life = timelines.tag_timeline([period("b", 9.999, None), period("a", 0, 9.999)], NOW)
    (span,) = life.lanes[0].spans
    assert span.width == 1
    assert span.x == 99


def test_digests_beyond_some_are_left_out_and_counted() -> None:
    found = [period(f"{n}", 10 - n, None if n == 0 else 11 - n) for n in range(10)]
    found += [period(f"{n}", 0, 0) for n in range(10, 20)]
    life = timelines.tag_timeline(found, NOW)
    assert len(life.lanes) == timelines.MOST_LANES
    assert life.left_out == 20 - timelines.MOST_LANES


def test_without_periods_there_is_no_timeline() -> None:
    assert timelines.tag_timeline([], NOW) == timelines.TagTimeline([], [], 0)


def counted(*rows: tuple[int, int | None, int | None]) -> list[RepositoryDay]:
    """So many days ago: pulls and stars."""
    return [
        RepositoryDay(TODAY - timedelta(days=back), pulls, stars, None)
        for back, pulls, stars in rows
    ]


def test_pulls_are_those_since_the_day_that_was_counted_before() -> None:
    found = counted((7, 100, 1), (6, 150, 1), (3, None, 1), (2, 190, 1), (1, 180, 1))
    chart = count_bars.pulls_by_day(found, TODAY, 7)
    assert chart is not None
    assert [bar.value for bar in chart.bars] == [50, None, None, None, 40, -10, None]
    assert chart.top == 50
    assert [bar.height for bar in chart.bars] == [100, 0, 0, 0, 80, 0, 0]
    assert [bar.y for bar in chart.bars][:2] == [0, 100]


def test_stars_are_drawn_as_they_were_on_each_day() -> None:
    chart = count_bars.stars_by_day(counted((2, 5, 900), (0, 5, 4)), TODAY, 3)
    assert chart is not None
    assert [(bar.value, bar.height) for bar in chart.bars] == [(900, 90), (None, 0), (4, 1)]
    assert (chart.top, chart.last) == (1_000, 4)


def test_without_counts_there_is_no_chart() -> None:
    assert count_bars.pulls_by_day(counted((0, 5, None)), TODAY, 7) is None
    assert count_bars.stars_by_day(counted((0, 5, None)), TODAY, 7) is None
    assert count_bars.pulls_by_day(counted((90, 5, 1), (80, 7, 1)), TODAY, 7) is None
