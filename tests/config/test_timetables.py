"""When a schedule is due: intervals, and cron expressions as crontab(5) means them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from indexer.config import RegistrySettings, Schedule, ScheduleSettings, ServeSettings, Settings
from indexer.config.timetables import public_for, timetable_of
from tests.service.daemon_run import at

BERLIN = ZoneInfo("Europe/Berlin")

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)  # a Wednesday


def due(expression: str, after: datetime = NOON, zone: str = "UTC") -> datetime | None:
    settings = replace(ScheduleSettings(), full=Schedule(expression, None), timezone=zone)
    return timetable_of(settings).full.after(after)


def test_the_default_schedule_is_of_intervals() -> None:
    table = timetable_of(ScheduleSettings())

    assert table.crawl.after(NOON) == NOON + timedelta(hours=1)
    assert table.verify.after(NOON) == NOON + timedelta(hours=12)
    assert table.full.after(NOON) == NOON + timedelta(days=7)
    assert table.jitter == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("verify", "full", "expected"),
    [
        (Schedule("6h", 6 * 3_600.0), Schedule("7d", 0), timedelta(hours=12)),
        (Schedule("0 3 * * 1-5", None), Schedule("7d", 0), timedelta(days=6)),  # over a weekend
        (Schedule("never", None), Schedule("7d", 7 * 86_400.0), timedelta(days=14)),
        (Schedule("never", None), Schedule("never", None), timedelta(hours=24)),
    ],
)
def test_the_public_is_shown_for_two_intervals_what_was_public(
    verify: Schedule, full: Schedule, expected: timedelta
) -> None:
    table = ScheduleSettings(verify=verify, full=full)
    settings = Settings(schedule=table, registries=(RegistrySettings(namespaces=("acme",)),))
    assert public_for(settings, NOON) == expected
    chosen = replace(settings, serve=ServeSettings(public_for=7_200.0))
    assert public_for(chosen, NOON) == timedelta(hours=2)


def test_what_is_never_wanted_is_never_due() -> None:
    assert due("never") is None


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("*/15 * * * *", datetime(2026, 7, 1, 12, 15, tzinfo=UTC)),
        ("0 12 * * *", datetime(2026, 7, 2, 12, tzinfo=UTC)),  # not again at the same moment
        ("30 4 * * 0", datetime(2026, 7, 5, 4, 30, tzinfo=UTC)),  # 0, 7 and sun are Sunday
        ("30 4 * * 7", datetime(2026, 7, 5, 4, 30, tzinfo=UTC)),
        ("30 4 * * sun", datetime(2026, 7, 5, 4, 30, tzinfo=UTC)),
        ("0 0 * * 1-5", datetime(2026, 7, 2, tzinfo=UTC)),
        ("0 0 * * fri-7", datetime(2026, 7, 3, tzinfo=UTC)),
        ("0 0 15 * mon", datetime(2026, 7, 6, tzinfo=UTC)),  # either will do
        ("0 0 4 * mon", datetime(2026, 7, 4, tzinfo=UTC)),
        ("0 0 29 feb *", datetime(2028, 2, 29, tzinfo=UTC)),
        ("0 0 */2 * mon", datetime(2026, 7, 13, tzinfo=UTC)),  # `*/2` restricts nothing: both
    ],
)
def test_a_cron_expression_means_what_cron_means(expression: str, expected: datetime) -> None:
    assert due(expression) == expected


def test_hours_are_those_of_the_time_zone() -> None:
    assert due("0 3 * * *", zone="Europe/Berlin") == datetime(2026, 7, 2, 1, tzinfo=UTC)
    assert due("0 3 * * *", zone="America/New_York") == datetime(2026, 7, 2, 7, tzinfo=UTC)


@pytest.mark.parametrize("first", [at("2026-10-23T12:00"), at("2027-03-26T12:00")])
def test_every_night_comes_once_also_when_the_clock_is_changed(first: datetime) -> None:
    """In Berlin the hour from 2 to 3 came twice on 2026-10-25, and never on 2027-03-28."""
    nights, moment = [], first
    for _ in range(4):
        found = due("30 2 * * *", moment, "Europe/Berlin")
        assert found is not None
        nights.append(found.astimezone(BERLIN))
        moment = found
    assert [night.day - first.day for night in nights] == [1, 2, 3, 4]
    assert {night.hour for night in nights} <= {2, 3}


def test_what_is_due_every_hour_is_due_in_the_hour_that_comes_twice() -> None:
    before = at("2026-10-24T23:40")
    assert due("30 * * * *", before, "Europe/Berlin") == at("2026-10-25T00:30")
    assert due("30 * * * *", at("2026-10-25T00:30"), "Europe/Berlin") == at("2026-10-25T01:30")


JUMPS = [
    ("Africa/Cairo", at("2026-04-23T22:00"), "fri"),
    ("Asia/Beirut", at("2026-03-28T22:00"), "sun"),
    ("America/Havana", at("2026-03-08T05:00"), "sun"),
    ("America/Santiago", at("2026-09-06T04:00"), "sun"),
]
"""Where the clock jumps from midnight to one o'clock: when, and on which day."""


@pytest.mark.parametrize("minutes", ["0", "30", "*/15", "59"])
@pytest.mark.parametrize(("zone", "jump", "day"), JUMPS, ids=[each[0] for each in JUMPS])
def test_what_the_clock_jumps_over_is_due_once_at_the_first_moment_after_the_jump(
    zone: str, jump: datetime, day: str, minutes: str
) -> None:
    before = jump - timedelta(hours=1)
    for days in ("*", day):
        expression = f"{minutes} 0 * * {days}"
        assert due(expression, before, zone) == jump
        after = due(expression, jump, zone)
        assert after is not None
        local = after.astimezone(ZoneInfo(zone))
        assert (local.hour, (local.date() - jump.astimezone(ZoneInfo(zone)).date()).days) == (
            0,
            7 if days == day else 1,
        )
    assert due(f"{minutes} * * * *", before, zone) == due(f"{minutes} * * * *", before)


@pytest.mark.parametrize("started", ["2026-10-25T00:10", "2026-10-25T01:10"])
def test_what_comes_twice_is_due_the_first_time_and_never_in_the_past(started: str) -> None:
    moment = at(started)
    found = due("20,40 2 * * *", moment, "Europe/Berlin")
    assert found == (
        at("2026-10-25T00:20") if moment < at("2026-10-25T01:00") else at("2026-10-26T01:20")
    )


def test_a_schedule_can_name_the_last_day_of_a_month_and_the_last_of_a_weekday() -> None:
    assert due("0 0 L * *") == datetime(2026, 7, 31, tzinfo=UTC)
    assert due("0 0 * * 5L") == datetime(2026, 7, 31, tzinfo=UTC)
