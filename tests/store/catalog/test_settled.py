"""From when the age of a digest counts, as crawls record it. In memory and on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.catalog.settled import settled_tag
from indexer.core.digest_age import AgeBasis
from tests.store.scribe import MINUTE, START, Scribe, digest, tag

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.catalog.settled import SettledTag
    from tests.support.memory_index import Index

NGINX = "docker.io", "library/nginx"
DAY = timedelta(days=1)
YEAR_BEFORE = START - 365 * DAY


@pytest.fixture
def scribe(index: Index) -> Scribe:
    return Scribe(index.archive)


def pushed(scribe: Scribe, content: str, at: datetime | None, name: str = "nginx") -> None:
    scribe.crawl({name: [tag("1", content, pushed_at=at, last_updated=at)]})


def age(index: Index, place: tuple[str, str] = NGINX) -> tuple[datetime, AgeBasis]:
    *_, last = index.catalog.history(*place, "1")
    return last.age_since, last.age_by


def settled(index: Index, days: float, now: datetime) -> SettledTag:
    periods = list(index.catalog.history(*NGINX, "1"))
    return settled_tag(NGINX, "1", periods, days * DAY, now)


def found(index: Index, days: float, now: datetime) -> str | None:
    answer = settled(index, days, now).found
    return answer.digest if answer else None


def test_at_the_baseline_the_push_counts_and_pushing_it_again_makes_it_no_younger(
    index: Index, scribe: Scribe
) -> None:
    pushed(scribe, "one", YEAR_BEFORE)
    assert age(index) == (YEAR_BEFORE, AgeBasis.PUSH)
    assert found(index, 300, scribe.now) == digest("one")
    scribe.now += DAY
    pushed(scribe, "one", scribe.now)
    assert age(index) == (YEAR_BEFORE, AgeBasis.PUSH)
    scribe.now += DAY
    pushed(scribe, "two", scribe.now)
    assert found(index, 300, scribe.now) == digest("one"), "the age is kept in the history"


def test_without_a_push_time_it_counts_from_the_first_sight(index: Index, scribe: Scribe) -> None:
    pushed(scribe, "one", None)
    (only,) = index.catalog.history(*NGINX)
    assert age(index) == (only.started_at, AgeBasis.CRAWL)


def test_a_push_since_the_crawl_before_counts_and_an_older_one_does_not(
    index: Index, scribe: Scribe
) -> None:
    pushed(scribe, "one", YEAR_BEFORE)
    scribe.now += 10 * DAY
    between = scribe.now - 3 * DAY
    pushed(scribe, "two", between)
    assert age(index) == (between, AgeBasis.PUSH)
    scribe.now += DAY
    pushed(scribe, "three", YEAR_BEFORE)
    *_, last = index.catalog.history(*NGINX)
    assert age(index) == (last.started_at, AgeBasis.CRAWL)


def test_a_new_repository_counts_from_its_push_unless_a_complete_crawl_came_after_it(
    index: Index, scribe: Scribe
) -> None:
    pushed(scribe, "one", YEAR_BEFORE)
    before = scribe.now
    scribe.now += 10 * DAY
    new = tag("1", "new", pushed_at=before + DAY)
    old = tag("1", "old", pushed_at=before - DAY)
    one = tag("1", "one", pushed_at=YEAR_BEFORE)
    scribe.crawl({"nginx": [one], "new": [new], "opened": [old]})
    assert age(index, ("docker.io", "library/new")) == (before + DAY, AgeBasis.PUSH)
    assert age(index, ("docker.io", "library/opened"))[1] is AgeBasis.CRAWL


def test_a_younger_digest_does_not_hide_the_one_that_is_old_enough(
    index: Index, scribe: Scribe
) -> None:
    pushed(scribe, "one", YEAR_BEFORE)
    scribe.now += 10 * DAY
    pushed(scribe, "two", None)
    now = scribe.now + DAY
    assert found(index, 7, now) == digest("one")
    assert found(index, 0.5, now) == digest("two")
    sentence = settled(index, 7, now).sentence
    assert "nginx:1 pointed to it until 2026-03-11 12:0" in sentence
    assert "when it was pushed. Now it points to sha256:" in sentence
    assert sentence.endswith("when a crawl first saw it.")


def test_where_there_is_none_it_says_why_and_since_when_the_tag_is_known(
    index: Index, scribe: Scribe
) -> None:
    pushed(scribe, "one", None)
    answer = settled(index, 7, scribe.now + DAY)
    assert answer.found is None
    assert "library/nginx:1 kept no digest for 7d. It points to sha256:" in answer.sentence
    assert answer.sentence.endswith("The index knows the tag since 2026-03-01 12:03 UTC.")
    scribe.crawl({"nginx": []})
    answer = settled(index, 0.001, scribe.now + DAY)
    assert (answer.found, answer.current) == (None, None)
    last_read = scribe.now - MINUTE
    assert answer.sentence == f"library/nginx:1 was removed at {last_read:%Y-%m-%d %H:%M} UTC."
