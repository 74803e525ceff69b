"""A crawl that may verify a few of many repositories chooses those expected to be most stale."""

from __future__ import annotations

from datetime import timedelta

import pytest

from indexer.core.model import CrawlStatus, Mode
from tests.support.crawls import Bench

A_DAY = timedelta(days=1)


BUSY = ("acme/busy1", "acme/busy2")


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.registry.add_many(38, "latest", "1.0")
    for name in BUSY:
        bench.registry.add(name, *(f"1.{number}" for number in range(70)))
    bench.crawl()
    return bench


def looked_at(bench: Bench) -> set[str]:
    """The repositories whose tags the last crawl asked for."""
    return {asked.split()[1] for asked in bench.asked if asked.startswith("tags ")}


def test_a_verifying_crawl_with_a_budget_costs_that_many_requests_and_the_list(
    bench: Bench,
) -> None:
    bench.registry.now += A_DAY
    done = bench.crawl(Mode.VERIFY, verify_budget=10)

    assert done.status is CrawlStatus.COMPLETE
    assert len(bench.asked) == 1 + 10


def test_without_a_budget_or_with_a_greater_one_everything_is_looked_at(bench: Bench) -> None:
    for looks in (None, 40, 500):
        bench.crawl(Mode.VERIFY, verify_budget=looks)
        assert len(bench.asked) == 1 + 40


def test_repositories_with_a_new_date_are_read_first_and_do_not_count_against_the_budget(
    bench: Bench,
) -> None:
    name = sorted(bench.registry.held)[17]
    bench.registry.now += A_DAY
    bench.registry.push(name, "2.0")
    bench.crawl(Mode.VERIFY, verify_budget=5)

    assert len(bench.asked) == 1 + 1 + 5
    assert name in bench.asked[1]


def test_a_budget_changes_nothing_of_crawls_that_look_at_nothing_or_at_everything(
    bench: Bench,
) -> None:
    bench.crawl(Mode.INCREMENTAL, verify_budget=5)
    assert len(bench.asked) == 1
    bench.crawl(Mode.FULL, verify_budget=5)
    assert len(bench.asked) == 1 + 40


def test_with_equal_rates_everything_is_seen_in_turn(bench: Bench) -> None:
    seen: list[set[str]] = []
    for _ in range(4):
        bench.registry.now += A_DAY
        bench.crawl(Mode.VERIFY, verify_budget=10)
        seen.append(looked_at(bench))

    assert set().union(*seen) == set(bench.registry.held)


def test_repositories_that_lose_tags_are_verified_more_often_and_all_are_verified(
    bench: Bench,
) -> None:
    looks = dict.fromkeys(bench.registry.held, 0)
    for day in range(60):
        bench.registry.now += A_DAY
        for name in BUSY:
            bench.registry.delete_tag(name, f"1.{day}")
        done = bench.crawl(Mode.VERIFY, verify_budget=8)
        assert done.status is CrawlStatus.COMPLETE
        for name in looked_at(bench) if day >= 20 else ():
            looks[name] += 1

    idle = [number for name, number in looks.items() if name not in BUSY]
    assert min(looks[name] for name in BUSY) >= 2 * max(idle)
    assert min(idle) > 0
