"""Too many removals at once are held back for review."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.core.model import CrawlStatus, Mode
from indexer.crawl.removal_guard import RemovalGuard
from tests.support.crawls import Bench

COMPLETE, INCOMPLETE = CrawlStatus.COMPLETE, CrawlStatus.INCOMPLETE


@pytest.fixture
def bench() -> Bench:
    """Twenty repositories, of which the first has thirty tags, and everything is known."""
    bench = Bench()
    names = bench.registry.add_many(20, "1.0")
    for number in range(30):
        bench.registry.push(names[0], f"2.{number}")
    bench.crawl()
    return bench


def remove(bench: Bench, number: int) -> None:
    for name in list(bench.registry.held)[-number:]:
        bench.registry.remove(name)


def delete(bench: Bench, number: int) -> str:
    """Delete tags of the first repository, and return its name."""
    name = next(iter(bench.registry.held))
    for index in range(number):
        bench.registry.delete_tag(name, f"2.{index}")
    return name


def test_more_than_half_of_the_repositories_are_kept_without_a_question_to_the_registry(
    bench: Bench,
) -> None:
    remove(bench, 11)
    done = bench.crawl()
    assert (done.status, bench.changes(done)) == (INCOMPLETE, [])
    assert len(bench.indexed()) == 20
    assert not [request for request in bench.asked if request.startswith("repository ")]
    (sentence,) = done.errors
    assert "11 of 20 repositories of acme are missing" in sentence
    assert "'indexer accept acme'" in sentence


def test_half_of_the_repositories_are_removed_at_once(bench: Bench) -> None:
    remove(bench, 10)
    done = bench.crawl()
    assert (done.status, len(bench.changes(done))) == (COMPLETE, 10)


def test_ten_repositories_are_removed_at_once_even_if_they_are_most() -> None:
    bench = Bench()
    bench.registry.add_many(10, "1.0")
    bench.crawl()
    remove(bench, 10)
    done = bench.crawl()
    assert (done.status, len(bench.changes(done))) == (COMPLETE, 10)


@pytest.mark.parametrize("number", [11, 20])
def test_an_empty_namespace_that_held_repositories_keeps_them(number: int) -> None:
    bench = Bench()
    bench.registry.add_many(number, "1.0")
    bench.crawl()
    remove(bench, number)
    done = bench.crawl()
    assert (done.status, bench.changes(done)) == (INCOMPLETE, [])
    assert len(bench.indexed()) == number
    accepted = bench.crawl(accepted=frozenset({"acme"}))
    assert (accepted.status, len(bench.changes(accepted))) == (COMPLETE, number)


def test_all_tags_of_a_small_repository_may_be_removed_at_once() -> None:
    bench = Bench()
    bench.registry.add("acme/api", "1.0", "2.0")
    bench.crawl()
    for tag in ("1.0", "2.0"):
        bench.registry.delete_tag("acme/api", tag)
    done = bench.crawl(Mode.VERIFY)
    assert (done.status, len(bench.changes(done))) == (COMPLETE, 2)


def test_each_crawl_reports_held_back_removals_until_they_are_accepted(bench: Bench) -> None:
    remove(bench, 15)
    assert bench.crawl().errors[0] == bench.crawl(Mode.FULL).errors[0]


def test_accepted_removals_are_asked_for_and_believed(bench: Bench) -> None:
    remove(bench, 15)
    bench.crawl()
    done = bench.crawl(accepted=frozenset({"acme"}))
    assert (done.status, len(bench.changes(done))) == (COMPLETE, 15)
    assert bench.indexed() == bench.truth()
    assert bench.crawl().status is COMPLETE


def test_additions_are_recorded_while_removals_are_held_back(bench: Bench) -> None:
    remove(bench, 15)
    bench.registry.add("acme/new", "1.0")
    done = bench.crawl()
    assert bench.changes(done) == ["repository_added acme/new", "tag_added acme/new:1.0"]


def test_more_than_half_of_the_tags_are_kept_and_the_repository_stays_pending(bench: Bench) -> None:
    name = delete(bench, 20)
    bench.registry.push(name, "1.0", "other")
    first, second = bench.crawl(), bench.crawl()
    assert (first.status, bench.changes(first)) == (INCOMPLETE, [f"tag_retagged {name}:1.0"])
    assert (second.status, bench.changes(second)) == (INCOMPLETE, [])
    assert f"{name}: 20 of its 31 tags are missing" in second.errors[0]
    assert f"'indexer accept {name}'" in second.errors[0]
    assert len(bench.indexed()[name]) == 31


@pytest.mark.parametrize("mode", Mode)
def test_accepted_removals_of_tags_are_believed_in_every_mode(bench: Bench, mode: Mode) -> None:
    name = delete(bench, 20)
    bench.crawl(Mode.VERIFY)
    done = bench.crawl(mode, accepted=frozenset({name}))
    assert (done.status, len(bench.changes(done))) == (COMPLETE, 20)
    assert bench.indexed() == bench.truth()


def test_accepting_one_repository_accepts_no_other(bench: Bench) -> None:
    delete(bench, 20)
    done = bench.crawl(Mode.VERIFY, accepted=frozenset({"acme"}))
    assert (done.status, bench.changes(done)) == (INCOMPLETE, [])


@given(st.integers(0, 50), st.integers(0, 50), st.floats(0, 1), st.integers(0, 50))
def test_removals_are_held_back_beyond_both_the_share_and_the_number(
    gone: int, left: int, share: float, number: int
) -> None:
    held = RemovalGuard(share, number).holds_back(gone, gone + left)
    assert held == (gone > number and gone > share * (gone + left))
    assert not RemovalGuard(1, number).holds_back(gone, gone + left)
