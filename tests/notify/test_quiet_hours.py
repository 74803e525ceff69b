"""Quiet hours: past midnight, on some days, in the time of a place whose clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.notify.quiet_hours import DailyHours, QuietHours

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def at(text: str, zone: ZoneInfo | None = None) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone or UTC)


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        ("22:00-07:00", "2026-03-02 21:59:59", None),
        ("22:00-07:00", "2026-03-02 22:00:00", "2026-03-03 07:00"),
        ("22:00-07:00", "2026-03-03 06:59:59", "2026-03-03 07:00"),
        ("22:00-07:00", "2026-03-03 07:00:00", None),
        ("sat-sun 00:00-24:00", "2026-03-06 23:59:00", None),
        ("sat-sun 00:00-24:00", "2026-03-07 00:00:00", "2026-03-09 00:00"),
        ("fri-mon 12:00-13:00", "2026-03-02 12:30:00", "2026-03-02 13:00"),
        ("tue,thu 12:00-13:00", "2026-03-02 12:30:00", None),
        ("fri 22:00-07:00", "2026-03-07 06:00:00", "2026-03-07 07:00"),
        ("fri 22:00-07:00", "2026-03-06 06:00:00", None),
    ],
)
def test_quiet_hours_end(hours: str, now: str, until: str | None) -> None:
    found = QuietHours((DailyHours.parse(hours),)).until(at(now))
    assert found == (at(until) if until else None)


def test_hours_are_those_of_a_place_also_when_its_clocks_change() -> None:
    quiet = QuietHours((DailyHours.parse("22:00-07:00"),), BERLIN)
    before = at("2026-03-28 23:00", BERLIN)  # the clocks go forward in this night
    until = quiet.until(before.astimezone(UTC))
    assert until == at("2026-03-29 07:00", BERLIN)
    assert until - before.astimezone(UTC) == timedelta(hours=7)


def test_hours_that_touch_are_one() -> None:
    quiet = QuietHours((DailyHours.parse("20:00-24:00"), DailyHours.parse("00:00-06:00")))
    assert quiet.until(at("2026-03-02 21:00")) == at("2026-03-03 06:00")


def test_always_quiet_is_for_a_while_only() -> None:
    always = QuietHours((DailyHours.parse("00:00-12:00"), DailyHours.parse("12:00-24:00")))
    until = always.until(MONDAY)
    assert until is not None
    assert until - MONDAY < timedelta(days=9)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)))  # noqa: DTZ001 - it gets a zone
def test_when_quiet_hours_end_it_is_not_quiet(naive: datetime) -> None:
    quiet = QuietHours(
        (DailyHours.parse("22:30-06:15"), DailyHours.parse("sun 00:00-24:00")), BERLIN
    )
    until = quiet.until(naive.replace(tzinfo=UTC))
    if until is not None:
        assert until > naive.replace(tzinfo=UTC)
        assert quiet.until(until) is None


@pytest.mark.parametrize(
    "text", ["", "22-7", "22:00", "22:60-07:00", "24:00-07:00", "1:00-1:00", "mo 1:00-2:00"]
)
def test_invalid_hours_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        DailyHours.parse(text)
