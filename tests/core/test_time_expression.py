"""How WHEN is read; `now` is an argument."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.core.errors import UsageError
from indexer.core.time_expression import When, parse_when

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("90m", NOW - timedelta(minutes=90)),
        ("24h", NOW - timedelta(hours=24)),
        ("7d", NOW - timedelta(days=7)),
        ("2w", NOW - timedelta(weeks=2)),
        (" 30s ago ", NOW - timedelta(seconds=30)),
        ("1h30m", NOW - timedelta(minutes=90)),
        ("1d12h ago", NOW - timedelta(hours=36)),
        ("2 days ago", NOW - timedelta(days=2)),
        ("1 week 1 day", NOW - timedelta(days=8)),
        ("5 min", NOW - timedelta(minutes=5)),
        ("1y", NOW - timedelta(days=365)),
        ("now", NOW),
        ("today", datetime(2026, 3, 2, tzinfo=UTC)),
        ("Yesterday", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T09:30", datetime(2026, 3, 1, 9, 30, tzinfo=UTC)),
        ("2026-03-01 09:30:15", datetime(2026, 3, 1, 9, 30, 15, tzinfo=UTC)),
        ("2026-03-01T09:30Z", datetime(2026, 3, 1, 9, 30, tzinfo=UTC)),
        ("2026-03-01T09:30+02:00", datetime(2026, 3, 1, 7, 30, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_as_it_is_meant(typed: str, meant: datetime) -> None:
    assert parse_when(typed, NOW) == When(time=meant)


def test_a_crawl_and_a_change_are_read_by_their_number() -> None:
    assert parse_when("crawl:12", NOW) == When(crawl=12)
    assert parse_when(" change:345 ", NOW) == When(change=345)


@pytest.mark.parametrize(
    "typed",
    ["", "soon", "7", "7x", "-1d", "crawl:", "crawl:x", "crawl:-1", "2026-13-01", "999999999w",
     "0001-01-01T00:00+14:00", "٣d", "1.5h", "ago",
     "tomorrow", "1month", "2daysago", "h1", "1d1"],
)  # fmt: skip
def test_a_text_that_is_not_a_time_is_refused_with_examples(typed: str) -> None:
    with pytest.raises(UsageError, match=r"as a time: write how long ago, as '90m', .*crawl:12"):
        parse_when(typed, NOW)


@pytest.mark.parametrize("typed", ["2027-01-01", "2026-03-02T12:02Z", "9999-12-31"])
def test_a_time_in_the_future_is_refused(typed: str) -> None:
    with pytest.raises(UsageError, match="is in the future: it is 2026-03-02 12:00 UTC now"):
        parse_when(typed, NOW)


def test_a_clock_may_be_a_minute_ahead_of_ours() -> None:
    assert parse_when("2026-03-02T12:01Z", NOW) == When(time=NOW + timedelta(minutes=1))


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        when = parse_when(text, NOW)
    except UsageError:
        return
    assert [when.time, when.crawl, when.change].count(None) == len(("two", "of them"))


def test_days_and_times_without_an_offset_are_of_the_zone_of_now() -> None:
    # Five hours after the clocks of Berlin were set forward: the day before it had 24 hours.
    now = datetime(2026, 3, 29, 7, tzinfo=ZoneInfo("Europe/Berlin"))
    for text, meant in (
        ("today", "2026-03-28T23:00"),
        ("yesterday", "2026-03-27T23:00"),
        ("2026-03-29", "2026-03-28T23:00"),
        ("2026-03-29T06:00", "2026-03-29T04:00"),
        ("now", "2026-03-29T05:00"),
        ("24h", "2026-03-28T05:00"),
    ):
        expected = datetime.fromisoformat(meant).replace(tzinfo=UTC)
        assert str(parse_when(text, now).time) == str(expected), text
    with pytest.raises(UsageError, match="it is 2026-03-29 05:00 UTC now"):
        parse_when("2026-03-29T06:00Z", now)
