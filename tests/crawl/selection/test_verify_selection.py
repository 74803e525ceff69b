"""Which repositories to verify: by the counts of each, and of all others."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from indexer.core.model import ChangeRate
from indexer.crawl.selection.verify_selection import (
    FLOOR,
    HALF_LIFE,
    Rates,
    choose,
    observed,
    stale,
)

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
DAY = 86_400.0


def watch(
    days: float = 5, silent: float = 0, quiet: float = 100, moves: float = 0, tags: int = 100
) -> ChangeRate:
    """A repository last seen so many days ago; so much was counted in so many quiet days."""
    seen = NOW - timedelta(days=days)
    return ChangeRate(tags, seen, silent, quiet * DAY, moves, quiet * DAY)


def names(change_rates: dict[str, ChangeRate], number: int) -> list[str]:
    return [choice.repository for choice in choose(change_rates, number, NOW)]


def test_the_first_look_only_begins_to_count() -> None:
    assert observed(ChangeRate(7), NOW, moved=True, changed=7) == ChangeRate(7, NOW)


def test_a_silent_change_counts_and_so_does_the_time_without_one() -> None:
    begun = ChangeRate(7, NOW)
    later = observed(begun, NOW + timedelta(days=1), moved=False, changed=2)

    assert later == ChangeRate(7, NOW + timedelta(days=1), 2, DAY, 0, DAY)


def test_a_change_found_after_the_date_moved_is_not_a_silent_change() -> None:
    later = observed(ChangeRate(7, NOW), NOW + timedelta(days=1), moved=True, changed=5)

    assert (later.silent, later.quiet, later.moves, later.watched) == (0, 0, 1, DAY)


def test_old_counts_weigh_less() -> None:
    old = ChangeRate(7, NOW, silent=8, quiet=100 * DAY, moves=4, watched=100 * DAY)
    later = observed(old, NOW + HALF_LIFE, moved=False, changed=0)

    assert (later.silent, later.moves) == (4, 2)
    assert later.quiet == pytest.approx((50 + HALF_LIFE.days) * DAY)


def test_a_clock_that_is_set_back_counts_nothing() -> None:
    later = observed(ChangeRate(7, NOW, 1, DAY), NOW - timedelta(days=1), moved=False, changed=0)

    assert (later.silent, later.quiet) == (1, DAY)


def test_one_rate_explains_counts_that_hardly_differ() -> None:
    alike = [watch(silent=each) for each in (9, 10, 11, 10, 8, 12) * 20]
    rates = Rates(alike)

    assert rates.of(watch(silent=12)) == rates.of(watch(silent=8)) == pytest.approx(0.1, rel=0.02)


def test_rates_that_differ_are_told_apart_and_drawn_towards_each_other() -> None:
    many = [watch(silent=200)] * 5 + [watch(silent=0)] * 95
    rates = Rates(many)

    assert rates.of(watch(silent=200)) == pytest.approx(2, rel=0.2)
    assert 0 < rates.of(watch(silent=0)) < 0.02
    assert rates.of(watch(silent=0, quiet=0)) == pytest.approx(0.1, rel=0.3), "the prior"


def test_there_is_a_rate_before_anything_was_counted() -> None:
    assert Rates([]).of(ChangeRate(10)) == pytest.approx(1 / 30)


def test_the_highest_rates_come_first_and_age_makes_up_for_it() -> None:
    quiet = {f"quiet{number}": watch(silent=0, days=1) for number in range(40)}
    change_rates = {
        **quiet,
        "often": watch(silent=300, days=2),
        "often too": watch(silent=300, days=1),
        "just seen": watch(silent=300, days=0.01),
    }

    chosen = [
        name for name in names(change_rates, 4) if name in {"often", "often too", "just seen"}
    ]
    assert chosen == ["often", "often too"]


def test_repositories_with_many_free_looks_get_no_paid_ones() -> None:
    change_rates = {f"other{number}": watch(silent=100, days=1) for number in range(8)}
    change_rates["a pushed one"] = watch(silent=100, days=1, moves=500)

    assert "a pushed one" not in names(change_rates, 8)


def test_an_empty_repository_has_nothing_that_could_be_stale() -> None:
    change_rates = {f"full{number}": watch() for number in range(4)}
    change_rates["empty"] = watch(tags=0)

    assert "empty" not in names(change_rates, 4)


def test_equal_rates_are_looked_at_in_the_order_of_their_age() -> None:
    change_rates = {f"r{number}": watch(days=number, silent=10) for number in range(1, 50)}

    assert set(names(change_rates, 16)) == {f"r{number}" for number in range(34, 50)}


def test_every_repository_is_verified_in_time_whatever_its_rate() -> None:
    change_rates = {f"often{number}": watch(silent=500, days=1) for number in range(80)}
    change_rates |= {f"never{number}": watch(silent=0, days=2) for number in range(20)}
    seen: set[str] = set()
    now = NOW
    rounds = math.ceil(100 / 16) * FLOOR
    for _ in range(rounds):
        for choice in choose(change_rates, 16, now):
            change_rates[choice.repository] = change_rates[choice.repository]._replace(seen_at=now)
            seen.add(choice.repository)
        now += timedelta(hours=12)

    assert seen == set(change_rates)


def test_a_repository_that_was_never_looked_at_comes_first() -> None:
    change_rates = {f"r{number}": watch(silent=10) for number in range(20)}
    change_rates["unknown"] = ChangeRate(3)

    assert "unknown" in names(change_rates, 2)


def test_a_choice_says_why_in_words() -> None:
    change_rates = {f"quiet{number}": watch(silent=0, days=3) for number in range(40)}
    change_rates["often"] = watch(silent=300, days=2, tags=140)
    reasons = {choice.repository: choice.reason for choice in choose(change_rates, 9, NOW)}

    assert reasons["often"].startswith("its tags were last read 2 days ago, and since then 5.")
    assert reasons["often"].endswith("of its 140 tags are expected to have changed silently")
    assert sum("longer ago than those of any other" in reason for reason in reasons.values()) >= 1


def test_a_budget_for_all_chooses_all() -> None:
    assert len(choose({"a": watch(), "b": ChangeRate(1)}, 5, NOW)) == 2


def test_how_many_tags_are_stale_is_expected_from_rate_and_age_and_bounded_by_their_number() -> (
    None
):
    alike = [watch(silent=10, days=10)] * 50

    assert stale(alike, NOW) == pytest.approx(50 * 100 * -math.expm1(-0.01), rel=0.02)
    assert stale([watch(silent=10, days=1e5)] * 3, NOW) == pytest.approx(300)
    assert stale([ChangeRate(5)], NOW) == 0


def test_a_look_in_the_future_was_by_a_wrong_clock_and_counts_as_none() -> None:
    watches = {"a": watch(days=1), "b": watch(days=-365), "c": watch(days=2)}

    assert names(watches, 1) == ["b"]
    (choice,) = choose(watches, 1, NOW)
    assert choice.reason == "it is verified: it is not known when its tags were last read"
