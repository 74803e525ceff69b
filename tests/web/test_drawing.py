"""Where bars and spans are drawn, and which names are similar. Without a server."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.catalog.answers import DayCount
from indexer.core.catalog_entries import Period
from indexer.core.model import ChangeKind
from indexer.core.suggestions import distance
from indexer.web import charts
from indexer.web.fuzzy_search import distance_to
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
    chart = charts.columns(found, TODAY, number)
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
    assert charts.columns(found, TODAY, 7).top == top


def period(digest: str | None, start: float, end: float | None) -> Period:
    """From and to so many days after the beginning."""
    started = START + timedelta(days=start)
    ended = None if end is None else START + timedelta(days=end)
    return Period("docker.io", "library/nginx", "latest", digest, None, started, ended)


NOW: datetime = START + timedelta(days=10)


def test_a_timeline_has_a_lane_for_each_digest_the_latest_first() -> None:
    found = [period("a", 6, None), period("b", 4, 6), period("a", 0, 4)]
    life = charts.tag_timeline(found, NOW)
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
    life = charts.tag_timeline([period("b", 9.999, None), period("a", 0, 9.999)], NOW)
    (span,) = life.lanes[0].spans
    assert span.width == 1
    assert span.x == 99


def test_digests_beyond_some_are_left_out_and_counted() -> None:
    found = [period(f"{n}", 10 - n, None if n == 0 else 11 - n) for n in range(10)]
    found += [period(f"{n}", 0, 0) for n in range(10, 20)]
    life = charts.tag_timeline(found, NOW)
    assert len(life.lanes) == charts.MOST_LANES
    assert life.left_out == 20 - charts.MOST_LANES


def test_without_periods_there_is_no_timeline() -> None:
    assert charts.tag_timeline([], NOW) == charts.TagTimeline([], [], 0)


@pytest.mark.parametrize(
    ("one", "other", "mistakes"),
    [
        ("", "", 0),
        ("nginx", "nginx", 0),
        ("ngixn", "nginx", 1),
        ("nginx", "ginx", 1),
        ("nginx", "nginxx", 1),
        ("nginx", "mginx", 1),
        ("ca", "abc", 3),
        ("postgres", "", 8),
    ],
)
def test_mistakes_are_counted(one: str, other: str, mistakes: int) -> None:
    assert distance(one, other) == distance(other, one) == mistakes


@given(one=st.text("abc", max_size=8), other=st.text("abc", max_size=8))
def test_a_distance_is_one(one: str, other: str) -> None:
    found = distance(one, other)
    assert found == distance(other, one)
    assert (found == 0) == (one == other)
    assert abs(len(one) - len(other)) <= found <= max(len(one), len(other))


@pytest.mark.parametrize(
    ("typed", "name", "is_near"),
    [
        ("nginx", "library/nginx", True),
        ("library/nginx", "library/nginx", True),
        ("ngnix", "library/nginx", True),
        ("libary/nginx", "library/nginx", True),
        ("proxy", "team/nginx-proxy", True),
        ("prxoy", "team/nginx-proxy", True),
        ("go", "library/golang", True),
        ("apache", "library/nginx", False),
        ("xy", "library/nginx", False),
    ],
)
def test_names_are_near_by_the_mistakes_of_a_person(typed: str, name: str, is_near: bool) -> None:
    assert (distance_to(typed, name) is not None) is is_near


def test_the_name_itself_is_nearest() -> None:
    names = ["team/nginx-proxy", "library/nginx", "nginx/unit", "library/nginy"]
    order = sorted(names, key=lambda name: distance_to("nginx", name) or (99, 0))
    assert order[0] == "library/nginx"
    assert order[-1] == "library/nginy"
