"""A week of a daemon's life, with restarts: each schedule is kept, and nothing runs twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from indexer.config import Schedule, ScheduleSettings
from indexer.core.model import CrawlStatus, Mode
from indexer.crawl.schedule.next_crawl import next_crawl, overdue
from tests.http.fake_server import FakeClock
from tests.service.daemon_run import World, at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

BERLIN = ZoneInfo("Europe/Berlin")
START = at("2026-10-21T09:30")
"""The night to the Sunday of this week has an hour more in Berlin."""

HOURLY = ScheduleSettings()
NIGHTLY = replace(
    HOURLY,
    crawl=Schedule("30m", 1_800),
    full=Schedule("30 2 * * *", None),
    timezone="Europe/Berlin",
)
SCHEDULES = {"small": HOURLY, "nightly": NIGHTLY, "huge": replace(HOURLY, jitter=600.0)}


def takes(name: str, mode: Mode) -> timedelta:
    """Huge crawls outlast their own interval."""
    if name == "huge":
        return timedelta(hours=9) if mode is Mode.FULL else timedelta(minutes=70)
    return timedelta(minutes=4)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    url = f"sqlite:///{tmp_path / 'index.db'}"
    world = World(url, FakeClock(START), SCHEDULES, takes=takes)
    yield world
    world.kill()


@pytest.mark.nightly
def test_a_week_with_restarts_keeps_every_schedule(world: World) -> None:
    downtimes = [(31, 0), (50, 3), (79, 0), (130, 11), (150, 1)]
    hours = 0.0
    for up, down in downtimes:
        world.passes(timedelta(hours=up - hours), timedelta(minutes=5))
        nothing_is_left_lying(world)
        world.kill()
        world.clock.advance(3_600 * down)
        world.boot()
        world.daemon.tick()
        nothing_is_left_lying(world)
        hours = up + down
    world.passes(timedelta(days=7) - timedelta(hours=hours), timedelta(minutes=5))
    nothing_is_left_lying(world)

    crawls = {name: [each for each in world.begun if each[0] == name] for name in SCHEDULES}
    the_gaps_are_those_of_the_schedule(crawls["small"], timedelta(hours=1), downtimes)
    the_gaps_are_those_of_the_schedule(crawls["nightly"], timedelta(minutes=30), downtimes)
    nights = [when.astimezone(BERLIN) for _, mode, when in crawls["nightly"] if mode is Mode.FULL]
    assert [each.date().day for each in nights] == [22, 23, 24, 25, 26, 27, 28]
    on_time = [each for each in nights if each.hour == 2 and 30 <= each.minute <= 41]
    assert len(on_time) == 6, "one night fell into the eleven hours that it was down"
    assert sum(mode is Mode.FULL for _, mode, _ in crawls["small"]) == 0, "the first one counts"


def nothing_is_left_lying(world: World) -> None:
    """What is due is being done, and what is not being done is not late."""
    now = world.clock.now()
    known = {each.namespace: each for each in world.store.catalog.crawl_history()}
    under_way = {each.namespace for each in world.running}
    assert under_way == {name for name, each in known.items() if each.alive}
    for planned in world.planned:
        crawl_history = known[planned.namespace]
        assert overdue(planned.timetable, planned.name, crawl_history, now) == []
        if planned.namespace not in under_way:
            assert next_crawl(planned.timetable, planned.name, crawl_history, now).mode is None


def the_gaps_are_those_of_the_schedule(
    crawls: list[tuple[str, Mode, datetime]],
    interval: timedelta,
    downtimes: list[tuple[int, int]],
) -> None:
    """From one beginning to the next it is the interval, jitter and one look; or it was down."""
    slack = timedelta(minutes=1 + 5)
    boots = [(START + timedelta(hours=up + down), timedelta(hours=down)) for up, down in downtimes]
    for (_, _, before), (_, mode, after) in pairwise(crawls):
        down = [hours for boot, hours in boots if before <= boot <= after]
        assert after - before <= interval + slack + sum(down, timedelta(0))
        if not down:
            assert after - before >= timedelta(minutes=4), "it never runs beside itself"
        if mode is Mode.INCREMENTAL and not down:
            assert after - before >= interval - slack


def test_what_was_missed_is_one_crawl_and_at_once(world: World) -> None:
    world.passes(timedelta(hours=12))
    world.kill()
    world.clock.advance(3_600 * 30)
    world.begun.clear()
    world.boot()
    world.daemon.tick()

    assert {(name, mode) for name, mode, _ in world.begun} == {
        ("small", Mode.VERIFY),
        ("nightly", Mode.FULL),
        ("huge", Mode.VERIFY),
    }
    assert {when for *_, when in world.begun} == {world.clock.now()}


@pytest.mark.parametrize("hours", [6, pytest.param(30, marks=pytest.mark.nightly)])
def test_a_huge_namespace_does_not_keep_the_small_ones_from_their_schedule(
    tmp_path: Path, hours: int
) -> None:
    names = [f"huge{number}" for number in range(6)] + [f"small{number}" for number in range(6)]
    world = World(
        f"sqlite:///{tmp_path / 'index.db'}",
        FakeClock(START),
        dict.fromkeys(names, HOURLY),
        takes=lambda name, _: timedelta(days=9 if name.startswith("huge") else 0),
        width=2,
    )
    world.passes(timedelta(hours=hours), timedelta(minutes=1))
    world.kill()

    for name in names[6:]:
        begun = [when for which, _, when in world.begun if which == name]
        first = timedelta(minutes=6 * 5)  # behind each pair of huge ones for five minutes
        assert begun[0] - START <= first
        assert max(b - a for a, b in pairwise(begun)) <= timedelta(minutes=63)
    assert sum(name.startswith("huge") for name, *_ in world.begun) == 6


def test_a_failing_namespace_is_tried_again_ever_later_and_harms_no_other(
    tmp_path: Path,
) -> None:
    world = World(
        f"sqlite:///{tmp_path / 'index.db'}",
        FakeClock(START),
        dict.fromkeys(["bad", "good"], replace(HOURLY, jitter=0.0)),
        fate=lambda name, _: CrawlStatus.FAILED if name == "bad" else CrawlStatus.COMPLETE,
    )
    world.passes(timedelta(hours=5))
    world.kill()

    tried = [when for name, _, when in world.begun if name == "bad"]
    minutes = [(after - before) / timedelta(minutes=1) for before, after in pairwise(tried)]
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert sum(name == "good" for name, *_ in world.begun) == 5


def test_there_is_nothing_to_do_without_a_plan(tmp_path: Path) -> None:
    world = World(f"sqlite:///{tmp_path / 'index.db'}", FakeClock(START), {})
    world.passes(timedelta(hours=5))
    world.kill()

    assert world.begun == []
    assert world.daemon.status == "waiting: no namespace is configured"
