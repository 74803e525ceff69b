from __future__ import annotations

import pytest

from indexer.service.crawl_slots import LONG_SECONDS, MOST_PER_PLACE, CrawlSlots
from tests.http.fake_server import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_no_more_crawls_begin_than_there_are_slots(clock: FakeClock) -> None:
    lanes = CrawlSlots(2, clock)
    lanes.enter("a")
    assert lanes.has_room()
    lanes.enter("b")
    assert not lanes.has_room()
    lanes.leave("a")
    assert lanes.has_room()


def test_a_crawl_that_takes_long_leaves_its_place_and_goes_on(clock: FakeClock) -> None:
    lanes = CrawlSlots(1, clock)
    lanes.enter("huge")
    assert not lanes.has_room()
    clock.advance(LONG_SECONDS)
    assert lanes.has_room()
    lanes.enter("small")
    assert not lanes.has_room()


def test_crawls_without_a_slot_are_limited_too(clock: FakeClock) -> None:
    lanes = CrawlSlots(2, clock)
    number = 0
    while lanes.has_room():
        lanes.enter(f"huge{number}")
        number += 1
        clock.advance(LONG_SECONDS)
    assert number == 2 * MOST_PER_PLACE
