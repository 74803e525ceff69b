"""What was there at the first reading is baseline, also where that reading could not show it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from indexer.core.model import CrawlStatus, Gaps, KnownTag, Repository, Tag
from indexer.crawl.baseline_gaps import filled
from tests.support.crawls import Bench
from tests.support.memory_registry import START

API = "acme/api"
LATER = START + timedelta(days=1)


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.registry.page_size = 5
    return bench


def unrest(bench: Bench, kind: str, act: str) -> None:
    """Crawl while a tag is pushed before each page of a kind of list, so that no pass is clean."""

    def disturb(request: str) -> None:
        if request.startswith(kind):
            bench.registry.push(act.partition(":")[0], act.partition(":")[2])

    done = bench.crawl(before=disturb)
    assert done.status is CrawlStatus.INCOMPLETE


def test_a_repository_that_no_page_showed_at_first_is_baseline_however_late_it_was_pushed(
    bench: Bench,
) -> None:
    names = bench.registry.add_many(12, "1.0")
    bench.registry.left_out = {names[3], names[4]}
    unrest(bench, "repositories", f"{names[0]}:1.0")
    bench.registry.push(names[3], "2.0")
    bench.registry.add("acme/new", "1.0")
    bench.registry.left_out = set()
    done = bench.crawl()

    assert done.status is CrawlStatus.COMPLETE
    added = [each for each in bench.news(done) if each.startswith("repository_added")]
    assert added == ["repository_added acme/new"]
    assert bench.indexed() == bench.truth()


def test_the_first_exact_reading_closes_the_baseline(bench: Bench) -> None:
    names = bench.registry.add_many(12, "1.0")
    bench.registry.left_out = {names[3]}
    unrest(bench, "repositories", f"{names[0]}:1.0")
    bench.crawl()
    bench.registry.left_out = set()
    done = bench.crawl()

    assert f"repository_added {names[3]}" in bench.news(done)


def test_a_tag_that_the_registry_named_at_first_is_baseline_however_late_it_was_pushed(
    bench: Bench,
) -> None:
    bench.registry.add(API, *(f"1.{number}" for number in range(12)))
    bench.registry.left_out = {f"{API}:1.3", f"{API}:1.4"}
    bench.registry.tells = list
    unrest(bench, "tags", f"{API}:1.0")
    assert bench.asked.count(f"names {API}") == 1
    bench.registry.push(API, "1.3")
    bench.registry.push(API, "2.0")
    bench.registry.left_out = set()
    done = bench.crawl()

    assert done.status is CrawlStatus.COMPLETE
    added = [each for each in bench.news(done) if each.startswith("tag_added")]
    assert added == [f"tag_added {API}:2.0"]
    bench.registry.push(API, "3.0")
    assert bench.news(bench.crawl()) == [f"tag_added {API}:3.0"]


def test_names_are_asked_for_only_where_the_first_reading_is_not_exact(bench: Bench) -> None:
    bench.registry.add(API, *(f"1.{number}" for number in range(12)))
    bench.registry.tells = list
    bench.crawl()
    assert f"names {API}" not in bench.asked


def test_where_no_names_are_told_the_dates_of_an_item_decide(bench: Bench) -> None:
    bench.registry.add(API, *(f"1.{number}" for number in range(12)))
    bench.registry.left_out = {f"{API}:1.3"}
    unrest(bench, "tags", f"{API}:1.0")
    bench.registry.push(API, "2.0")
    bench.registry.left_out = set()
    added = [each for each in bench.news(bench.crawl()) if each.startswith("tag_added")]

    assert added == [f"tag_added {API}:2.0"]


def test_an_item_without_a_date_needs_the_names_to_be_a_change() -> None:
    undated = Tag("1.5", None)
    dated = {"1.0": KnownTag("1.0", START, None, None)}

    assert filled([undated], dated, Gaps(START)) == {"1.5"}
    assert filled([undated], dated, Gaps(START, frozenset({"1.5"}))) == {"1.5"}
    assert filled([undated], dated, Gaps(START, frozenset())) == set()


def test_in_a_list_without_dates_what_stands_before_the_last_known_name_is_new() -> None:
    known = {name: KnownTag(name, None, None, None) for name in ("a", "m")}

    assert filled([Tag("c", None), Tag("z", None)], known, Gaps(START)) == {"z"}


def test_a_push_or_a_registration_before_the_first_reading_makes_an_item_baseline() -> None:
    after = Repository(API, LATER, registered_at=LATER)
    gaps = Gaps(START)

    assert filled([after], {}, gaps) == set()
    assert filled([replace(after, registered_at=START)], {}, gaps) == {API}
    assert filled([Tag("1.0", LATER, pushed_at=START)], {}, gaps) == {"1.0"}
    assert filled([after], {}, baseline=True) == set()
