"""How old a digest is, and the newest that a tag kept for long enough."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from indexer.core.catalog_entries import Period
from indexer.core.digest_age import AgeBasis, counted_push, kept, settled

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def day(number: float) -> datetime:
    return NOON + number * DAY


def period(
    digest: str | None, began: float, ended: float | None, push: float | None = None
) -> Period:
    return Period(
        "docker.io",
        "library/nginx",
        "1",
        digest,
        pushed_at=None,
        started_at=day(began),
        ended_at=None if ended is None else day(ended),
        counted_push=None if push is None else day(push),
    )


@pytest.mark.parametrize(
    ("pushed", "read_before", "baseline", "counts"),
    [
        (None, 0, True, False),  # the registry does not say
        (-100, None, True, True),  # it was there at the baseline
        (2, 0, False, True),  # between the crawl before and the first sight
        (-1e-4, 0, False, True),  # the clocks differ
        (-1, 0, False, False),  # the crawl before saw the tag point elsewhere
        (-1, None, False, False),  # nobody looked before
        (4, 0, True, False),  # after it was seen: nobody can know
    ],
)
def test_a_push_counts_only_if_nobody_could_have_seen_the_digest_earlier(
    pushed: float | None, read_before: float | None, *, baseline: bool, counts: bool
) -> None:
    at = None if pushed is None else day(pushed)
    before = None if read_before is None else day(read_before)
    found = counted_push(at, day(3), before, baseline=baseline)
    assert found == (at if counts else None)


def test_the_answer_says_what_the_age_counts_from() -> None:
    (seen, pushed) = kept([period("a", 0, 1), period("b", 2, None, 1.5)])
    assert (seen.age_since, seen.age_by) == (day(0), AgeBasis.CRAWL)
    assert (pushed.age_since, pushed.age_by) == (day(1.5), AgeBasis.PUSH)


def test_a_digest_was_kept_until_the_next_was_pushed() -> None:
    """Crawled once a week: the tag kept it for a day, although a crawl saw that a week later."""
    first, second = kept([period("a", 0, 7), period("b", 7, None, 1)])
    assert first.ended_at == day(1)
    assert settled([first, second], 2 * DAY, day(8)) == second
    assert settled([first, second], 8 * DAY, day(8)) is None


@pytest.mark.parametrize(
    ("least", "now", "expected"),
    [
        (7, 10, "a"),  # b is 2 days old
        (2, 10, "b"),
        (7, 15, "b"),
        (9, 10, None),
        (8, 10, "a"),  # to the second
    ],
)
def test_the_newest_digest_that_was_kept_for_so_long(
    least: int, now: int, expected: str | None
) -> None:
    found = settled(kept([period("a", 0, 8), period("b", 8, None)]), least * DAY, day(now))
    assert (found.digest if found else None) == expected


def test_a_digest_that_follows_on_itself_was_kept_without_a_break() -> None:
    (only,) = kept([period("a", 0, 4, -1), period("a", 4, None)])
    assert (only.age_since, only.first_seen_at, only.ended_at) == (day(-1), day(0), None)
    assert len(kept([period("a", 0, 4), period("a", 5, None)])) == 2, "there was a gap"


def test_a_digest_that_is_back_for_a_day_is_a_day_old() -> None:
    history = kept([period("a", 0, 3), period("b", 3, 4), period("a", 4, None)])
    assert settled(history, 2 * DAY, day(5)) == history[0]


def test_what_the_registry_does_not_name_cannot_be_pinned() -> None:
    history = kept([period("a", 0, 3), period(None, 3, None)])
    found = settled(history, DAY, day(30))
    assert found is not None
    assert found.digest == "a"
