"""Lists of tags that lag behind their repository's date."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.core.model import CrawlStatus
from tests.support.crawls import Bench

if TYPE_CHECKING:
    from tests.support.memory_registry import MemoryRegistry

COMPLETE = CrawlStatus.COMPLETE
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
READ = ["repositories 1", "tags acme/a 1"]


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.registry.add("acme/a", "v1", "v2")
    bench.crawl()
    return bench


def old_tags(bench: Bench, tag: str = "v1") -> MemoryRegistry:
    """A replica that has the tags as they are now, and the date of the repository as it will be."""
    replica = bench.registry.copied()
    bench.registry.push("acme/a", tag)
    replica.held["acme/a"].item = bench.registry.held["acme/a"].item
    return replica


def touch(bench: Bench) -> None:
    """The date of a repository moves, and none of its tags: as by an edited description."""
    held = bench.registry.held["acme/a"]
    bench.registry.now += HOUR
    held.item = replace(held.item, last_updated=bench.registry.now)


def test_a_push_that_the_list_of_tags_shows_late_is_read_by_the_next_crawl(bench: Bench) -> None:
    replica = old_tags(bench)
    late = bench.crawl(cached=replica)
    assert (late.status, bench.changes(late), bench.asked) == (COMPLETE, [], READ)
    done = bench.crawl()
    assert bench.asked == READ
    assert (done.status, bench.changes(done)) == (COMPLETE, ["tag_retagged acme/a:v1"])
    bench.registry.now += 48 * HOUR
    bench.crawl()
    assert bench.asked == ["repositories 1"]


def test_what_the_lagging_list_has_is_told_at_once(bench: Bench) -> None:
    bench.registry.push("acme/a", "v3")
    replica = old_tags(bench)
    late = bench.crawl(cached=replica)
    assert (late.status, bench.changes(late)) == (COMPLETE, ["tag_added acme/a:v3"])
    assert bench.changes(bench.crawl()) == ["tag_retagged acme/a:v1"]


def test_tags_that_stay_old_are_read_by_the_next_crawl_and_after_1_and_6_and_24_hours(
    bench: Bench,
) -> None:
    touch(bench)
    read = []
    for hour in range(30):
        done = bench.crawl()
        assert (done.status, bench.changes(done)) == (COMPLETE, [])
        if len(bench.asked) > 1:
            read.append(hour)
        if hour == 0:
            bench.crawl()
            assert bench.asked == READ
            bench.crawl()
            assert bench.asked == ["repositories 1"]
        bench.registry.now += HOUR
    assert read == [0, 1, 6, 24]


@pytest.mark.parametrize("after", [2, 7, 20, 24])
def test_a_push_is_found_however_late_the_list_shows_it(bench: Bench, after: int) -> None:
    replica = old_tags(bench)
    found: list[str] = []
    for hour in range(26):
        done = bench.crawl(cached=replica if hour < after else None)
        assert done.status is COMPLETE
        found += bench.changes(done)
        bench.registry.now += HOUR
    assert found == ["tag_retagged acme/a:v1"]


def test_a_deletion_explains_the_date(bench: Bench) -> None:
    bench.registry.delete_tag("acme/a", "v2")
    touch(bench)
    assert bench.changes(bench.crawl()) == ["tag_removed acme/a:v2"]
    bench.crawl()
    assert bench.asked == ["repositories 1"]


def test_the_clocks_of_a_registry_may_differ_by_a_minute(bench: Bench) -> None:
    bench.registry.push("acme/a", "v1")
    held = bench.registry.held["acme/a"]
    held.item = replace(held.item, last_updated=bench.registry.now + timedelta(seconds=59))
    bench.crawl()
    for asked in (READ, READ[:1], READ[:1]):
        bench.registry.now += HOUR
        bench.crawl()
        assert bench.asked == asked


def test_the_date_of_a_repository_is_a_moment_later_than_its_tags(bench: Bench) -> None:
    bench.registry.push("acme/a", "v1")
    held = bench.registry.held["acme/a"]
    later = bench.registry.now + timedelta(seconds=0.3)
    held.item = replace(held.item, last_updated=later)
    bench.crawl()
    bench.registry.now += HOUR
    bench.crawl()
    assert bench.asked == ["repositories 1"]


@pytest.mark.parametrize("is_known", [False, True], ids=["unknown", "known"])
def test_the_second_of_two_pushes_in_a_minute_is_not_missed(
    bench: Bench, *, is_known: bool
) -> None:
    """The list of tags shows the first, and the date is that of the second."""
    bench.registry.push("acme/a", "v1")
    first = ["tag_retagged acme/a:v1"]
    if is_known:
        assert bench.changes(bench.crawl()) == first
        first = []
    bench.registry.now += timedelta(seconds=20) - 10 * MINUTE
    late = bench.crawl(cached=old_tags(bench, "v2"))
    assert (late.status, bench.changes(late), bench.asked) == (COMPLETE, first, READ)
    bench.registry.now += MINUTE
    assert bench.changes(bench.crawl()) == ["tag_retagged acme/a:v2"]
    bench.registry.now += HOUR
    bench.crawl()
    assert bench.asked == ["repositories 1"]


def test_a_new_repository_that_was_pushed_to_twice_in_a_minute_is_read_again(
    bench: Bench,
) -> None:
    bench.registry.add("acme/b", "v1")
    replica = bench.registry.copied()
    bench.registry.now += timedelta(seconds=20) - 10 * MINUTE
    bench.registry.push("acme/b", "v2")
    replica.held["acme/b"].item = bench.registry.held["acme/b"].item
    late = bench.crawl(cached=replica)
    assert bench.changes(late) == ["repository_added acme/b", "tag_added acme/b:v1"]
    bench.registry.now += MINUTE
    assert bench.changes(bench.crawl()) == ["tag_added acme/b:v2"]


def test_a_new_repository_whose_tags_lag_is_read_again(bench: Bench) -> None:
    bench.registry.add("acme/b", "v1")
    replica = bench.registry.copied(tags=())
    late = bench.crawl(cached=replica)
    assert bench.changes(late) == ["repository_added acme/b"]
    assert bench.changes(bench.crawl()) == ["tag_added acme/b:v1"]


def test_a_clock_that_is_set_back_puts_nothing_off(bench: Bench) -> None:
    touch(bench)
    bench.crawl()
    bench.crawl()
    bench.registry.now -= timedelta(days=300)
    bench.crawl()
    assert bench.asked == READ
