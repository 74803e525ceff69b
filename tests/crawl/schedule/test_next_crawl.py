"""Which crawl is due: it depends on earlier crawls, the schedule and the time only."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from indexer.core.catalog_entries import CrawlHistory, LastCrawl
from indexer.core.model import CrawlStatus, Mode
from indexer.crawl.schedule.next_crawl import (
    MOST_PARTS,
    Every,
    Never,
    NextCrawl,
    Overdue,
    Timetable,
    hinted_crawl,
    next_crawl,
    overdue,
)

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
NAME = "docker.io/library"

EVERY_HOUR = Every("1h", timedelta(hours=1))
TABLE = Timetable(
    crawl=EVERY_HOUR,
    verify=Every("12h", timedelta(hours=12)),
    full=Every("7d", timedelta(days=7)),
)


def ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def crawl_history(
    crawl: float = 0.5,
    verify: float = 3,
    full: float = 30,
    *,
    status: CrawlStatus = CrawlStatus.COMPLETE,
    alive: bool = False,
    failures: int = 0,
    failed: float = 0.0,
) -> CrawlHistory:
    """When the last crawl of each kind that got through began, in hours ago."""
    started = ago(failed if failures else crawl)
    return CrawlHistory(
        "docker.io",
        "library",
        LastCrawl(7, Mode.INCREMENTAL, status, started, started),
        alive=alive,
        done={Mode.INCREMENTAL: ago(crawl), Mode.VERIFY: ago(verify), Mode.FULL: ago(full)},
        failures=failures,
    )


def test_what_was_never_crawled_is_due_at_once() -> None:
    assert next_crawl(TABLE, NAME, None, NOW) == NextCrawl(
        Mode.INCREMENTAL, None, "it was never crawled"
    )


def test_nothing_is_due_before_its_time_and_the_next_one_is_named() -> None:
    assert next_crawl(TABLE, NAME, crawl_history(crawl=0.5), NOW) == NextCrawl(
        None, ago(-0.5), "a crawl is due every 1h"
    )


def test_missed_crawls_are_one_that_is_due_since_the_first_of_them() -> None:
    assert next_crawl(TABLE, NAME, crawl_history(crawl=5.5), NOW) == NextCrawl(
        Mode.INCREMENTAL, ago(4.5), "a crawl is due every 1h"
    )


def test_of_several_due_modes_the_strongest_counts_for_all() -> None:
    assert next_crawl(TABLE, NAME, crawl_history(2, 13, 30), NOW).mode is Mode.VERIFY
    assert next_crawl(TABLE, NAME, crawl_history(2, 13, 200), NOW).mode is Mode.FULL


def test_a_namespace_that_is_being_crawled_is_left_to_that() -> None:
    busy = crawl_history(crawl=9, status=CrawlStatus.RUNNING, alive=True)

    assert next_crawl(TABLE, NAME, busy, NOW) == NextCrawl(None, None, "it is being crawled")
    assert overdue(TABLE, NAME, busy, NOW) == []


def test_a_crawl_that_died_is_due_again_at_once() -> None:
    dead = crawl_history(crawl=1.1, status=CrawlStatus.RUNNING, alive=False)

    assert next_crawl(TABLE, NAME, dead, NOW).mode is Mode.INCREMENTAL


def test_an_interrupted_first_crawl_is_continued_incrementally() -> None:
    begun = CrawlHistory(
        "docker.io",
        "library",
        LastCrawl(1, Mode.INCREMENTAL, CrawlStatus.INTERRUPTED, ago(0.1), ago(0.1)),
        failures=1,
    )

    assert next_crawl(TABLE, NAME, begun, NOW).mode is Mode.INCREMENTAL


def test_a_first_crawl_that_got_through_without_a_full_one_leaves_that_due() -> None:
    crawled = CrawlHistory(
        "docker.io",
        "library",
        LastCrawl(1, Mode.INCREMENTAL, CrawlStatus.INCOMPLETE, ago(0.1), ago(0.1)),
        done={Mode.INCREMENTAL: ago(0.1)},
    )

    assert next_crawl(TABLE, NAME, crawled, NOW) == NextCrawl(
        Mode.FULL, None, "a full crawl is due every 7d, and none got through yet"
    )


@pytest.mark.parametrize(
    ("failures", "minutes"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (2_000, 60)]
)
def test_what_fails_is_tried_again_later_each_time_up_to_an_hour(
    failures: int, minutes: int
) -> None:
    failing = crawl_history(crawl=5, status=CrawlStatus.FAILED, failures=failures)

    times = "time" if failures == 1 else "times in a row"
    reason = f"it did not get through {failures} {times}"
    again = NOW + timedelta(minutes=minutes)
    assert next_crawl(TABLE, NAME, failing, NOW) == NextCrawl(None, again, reason)
    assert next_crawl(TABLE, NAME, failing, again).mode is not None


def test_the_first_interruption_costs_no_time_and_those_that_follow_do() -> None:
    once = crawl_history(crawl=5, status=CrawlStatus.INTERRUPTED, failures=1)
    twice = crawl_history(crawl=5, status=CrawlStatus.INTERRUPTED, failures=2)

    assert next_crawl(TABLE, NAME, once, NOW).mode is Mode.INCREMENTAL
    assert next_crawl(TABLE, NAME, twice, NOW).at == NOW + timedelta(minutes=1)


def test_a_mode_that_always_fails_does_not_block_the_others() -> None:
    tried = [
        next_crawl(
            TABLE,
            NAME,
            crawl_history(9, 50, 200, status=CrawlStatus.FAILED, failures=number, failed=3),
            NOW,
        ).mode
        for number in range(1, 5)
    ]

    assert tried == [Mode.VERIFY, Mode.INCREMENTAL, Mode.FULL, Mode.VERIFY]


def test_jitter_delays_each_namespace_differently_and_always_by_the_same_time() -> None:
    shaken = Timetable(EVERY_HOUR, Never(), Never(), jitter=timedelta(minutes=10))
    names = [f"docker.io/n{number}" for number in range(200)]

    moments = [next_crawl(shaken, name, crawl_history(crawl=0.5), NOW).at for name in names]
    again = [
        next_crawl(shaken, name, crawl_history(crawl=0.5), NOW + timedelta(minutes=1)).at
        for name in names
    ]

    minutes = [(moment - ago(-0.5)) / timedelta(minutes=1) for moment in moments if moment]
    assert moments == again
    assert min(minutes) >= 0
    assert max(minutes) <= 10
    assert len(set(minutes)) == 200
    assert 4 < sum(minutes) / 200 < 6


def test_a_crawl_that_was_cut_short_is_continued_at_the_time_of_the_next_crawl() -> None:
    cut = replace(crawl_history(crawl=1.5), unread={Mode.FULL: 40, Mode.INCREMENTAL: 40})
    found = next_crawl(TABLE, NAME, cut, NOW)

    why = "the last full crawl was cut short and left 40 repositories: this one continues"
    assert found == NextCrawl(Mode.FULL, ago(0.5), why)
    early = replace(cut, done={**cut.done, Mode.INCREMENTAL: ago(0.5)})
    assert next_crawl(TABLE, NAME, early, NOW) == NextCrawl(None, ago(-0.5), why)


def test_a_verify_crawl_with_a_budget_is_not_continued_before_its_time() -> None:
    budgeted = replace(TABLE, verify_has_budget=True)
    cut = replace(crawl_history(crawl=1.5), unread={Mode.VERIFY: 40})

    assert next_crawl(TABLE, NAME, cut, NOW).mode is Mode.VERIFY
    assert next_crawl(budgeted, NAME, cut, NOW).mode is Mode.INCREMENTAL


def test_what_is_never_due_is_not_continued() -> None:
    table = replace(TABLE, full=Never())
    cut = replace(crawl_history(crawl=1.5), unread={Mode.FULL: 40})

    assert next_crawl(table, NAME, cut, NOW).mode is Mode.INCREMENTAL


def test_what_is_never_wanted_is_never_due() -> None:
    never = Timetable(Never(), Never(), Never())

    assert next_crawl(never, NAME, None, NOW).mode is None
    assert next_crawl(never, NAME, crawl_history(900, 900, 900), NOW).mode is None
    assert overdue(never, NAME, None, NOW) == []
    assert overdue(never, NAME, crawl_history(900, 900, 900), NOW) == []


def test_a_schedule_of_full_crawls_alone_begins_with_a_first_crawl() -> None:
    full_only = Timetable(Never(), Never(), Every("1d", timedelta(days=1)))

    assert next_crawl(full_only, NAME, None, NOW).mode is Mode.INCREMENTAL
    assert next_crawl(full_only, NAME, crawl_history(25, 25, 25), NOW).mode is Mode.FULL


def test_a_crawl_is_overdue_after_its_interval_and_a_tenth() -> None:
    assert overdue(TABLE, NAME, crawl_history(1.09), NOW) == []
    assert overdue(TABLE, NAME, crawl_history(1.11), NOW) == [
        Overdue(Mode.INCREMENTAL, "1h", ago(1.11))
    ]
    assert overdue(TABLE, NAME, crawl_history(0.5, 13.1, 13.1), NOW) == []
    assert [each.mode for each in overdue(TABLE, NAME, crawl_history(20, 20, 200), NOW)] == list(
        Mode
    )


def test_what_was_never_crawled_is_overdue() -> None:
    assert overdue(TABLE, NAME, None, NOW) == [
        Overdue(Mode.INCREMENTAL, "1h", None),
        Overdue(Mode.FULL, "7d", None),
    ]


def test_what_was_tried_and_never_got_through_is_overdue() -> None:
    failing = CrawlHistory(
        "docker.io",
        "library",
        LastCrawl(1, Mode.INCREMENTAL, CrawlStatus.FAILED, ago(0.1), ago(0.1)),
        failures=1,
    )

    assert overdue(TABLE, NAME, failing, NOW) == [Overdue(Mode.INCREMENTAL, "1h", None)]


AHEAD = -365 * 24.0
"""Hours ago of a crawl whose clock was a year ahead."""


def test_a_crawl_that_began_in_the_future_is_not_believed_and_the_next_is_due_and_overdue() -> None:
    wrong = crawl_history(crawl=AHEAD, verify=3, full=30)

    due = next_crawl(TABLE, NAME, wrong, NOW)
    assert (due.mode, due.reason) == (
        Mode.INCREMENTAL,
        "a crawl is due every 1h, and the last one began in the future by its clock",
    )
    assert overdue(TABLE, NAME, wrong, NOW) == [Overdue(Mode.INCREMENTAL, "1h", ago(AHEAD))]


def test_where_no_time_is_believed_a_crawl_is_due_and_not_everything_anew() -> None:
    wrong = crawl_history(AHEAD, AHEAD, AHEAD)

    assert next_crawl(TABLE, NAME, wrong, NOW).mode is Mode.INCREMENTAL
    assert overdue(TABLE, NAME, wrong, NOW) != []


def test_a_failure_in_the_future_makes_no_crawl_wait() -> None:
    failing = crawl_history(crawl=5, status=CrawlStatus.FAILED, failures=2_000, failed=AHEAD)

    assert next_crawl(TABLE, NAME, failing, NOW).mode is Mode.INCREMENTAL


def test_a_clock_that_is_a_little_behind_another_crawls_nothing_twice() -> None:
    assert next_crawl(TABLE, NAME, crawl_history(crawl=-0.05), NOW).mode is None


def test_what_hooks_name_is_crawled_at_once_and_alone() -> None:
    due = hinted_crawl(["library/nginx", "library/redis"], crawl_history(), NOW)
    assert due == NextCrawl(
        Mode.INCREMENTAL,
        NOW,
        "hooks say that something was pushed to library/nginx, library/redis",
        ("library/nginx", "library/redis"),
    )


@pytest.mark.parametrize(
    "hinted", [["library/nginx", ""], [f"library/{number}" for number in range(MOST_PARTS + 1)]]
)
def test_the_namespace_is_crawled_for_what_is_not_known_and_for_many(hinted: list[str]) -> None:
    due = hinted_crawl(hinted, crawl_history(), NOW)
    assert due is not None
    assert (due.mode, due.parts) == (Mode.INCREMENTAL, ())


@pytest.mark.parametrize(
    "history",
    [
        None,
        crawl_history(alive=True),
        crawl_history(status=CrawlStatus.FAILED, failures=3, failed=0.01),
        replace(crawl_history(), done={}),
    ],
)
def test_hooks_wait_for_a_crawl_that_runs_and_for_the_pause_after_a_failure(
    history: CrawlHistory | None,
) -> None:
    assert hinted_crawl(["library/nginx"], history, NOW) is None
    assert hinted_crawl([], crawl_history(), NOW) is None
