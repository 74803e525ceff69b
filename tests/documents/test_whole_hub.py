"""docs/whole-hub.md has what its inputs give; its simulation is right at small sizes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from benchmarks import freshness, freshness_at_size, whole_hub
from benchmarks.whole_hub_inputs import Assumed
from indexer.crawl.selection.verify_selection import FLOOR
from tests.documents import pages

if TYPE_CHECKING:
    from collections.abc import Callable

SIMULATED = {"pushes", "silent"}
TRIED = {"keys", "partitions"}

PAGE = pages.read(whole_hub.PAGE)


def test_each_figure_of_the_page_follows_from_the_inputs_that_it_shows() -> None:
    blocks = whole_hub.blocks_of(PAGE)
    follow = whole_hub.computed(*whole_hub.inputs_of(PAGE))

    assert {name: blocks[name] for name in follow} == follow
    assert set(blocks) - set(follow) == SIMULATED | TRIED


def test_the_page_shows_what_was_assumed_and_no_other_size() -> None:
    assumed, _ = whole_hub.inputs_of(PAGE)

    assert assumed == Assumed()


def test_another_input_gives_other_figures_in_the_same_places() -> None:
    assumed, measured = whole_hub.inputs_of(PAGE)
    more = assumed._replace(requests_a_minute=assumed.requests_a_minute * 2)

    page = whole_hub.filled(PAGE, whole_hub.computed(more, measured))

    assert whole_hub.inputs_of(page) == (more, measured)
    assert whole_hub.blocks_of(page)["requests"] != whole_hub.blocks_of(PAGE)["requests"]
    assert whole_hub.blocks_of(page)["pushes"] == whole_hub.blocks_of(PAGE)["pushes"]


@pytest.mark.parametrize("what", sorted(SIMULATED | TRIED))
def test_what_was_simulated_or_tried_is_on_the_page(what: str) -> None:
    assert len(whole_hub.blocks_of(PAGE)[what].splitlines()) > 5


def test_rows_of_a_table_have_as_many_columns_as_its_head() -> None:
    for name, text in whole_hub.blocks_of(PAGE).items():
        assert len({line.count("|") for line in text.splitlines()}) == 1, name


@pytest.mark.parametrize("make", [freshness_at_size.silent, freshness_at_size.pushes])
def test_each_order_spends_exactly_the_requests_of_a_day(
    make: Callable[[int, float, int], freshness_at_size.World],
) -> None:
    world = make(400, 1.0, 5)

    for choose in freshness_at_size.POLICIES.values():
        assert world.requests(choose(world, 40)) == pytest.approx(40, rel=1e-4)


def test_with_the_true_rates_as_few_tags_are_stale_as_trying_all_ages_finds() -> None:
    number = 40
    world = freshness_at_size.silent(number, 1.0, 5)
    looks = number / freshness.ROUND / freshness.STEP_DAYS

    stale = world.stale(freshness_at_size.knowing(world, looks)) * number * freshness.TAGS

    assert stale == pytest.approx(freshness.optimum(freshness.zipf(number, 1.0)), rel=0.02)


def test_our_order_is_between_round_robin_and_the_true_rates() -> None:
    world = freshness_at_size.silent(2_000, 1.0, 5)

    known, ours, turns = (
        world.stale(choose(world, 50))
        for choose in (
            freshness_at_size.knowing,
            freshness_at_size.ours,
            freshness_at_size.round_robin,
        )
    )

    assert known < ours < turns / 1.3


def test_for_few_repositories_it_says_what_playing_each_crawl_says() -> None:
    """1.6 times fewer stale tags than round robin: docs/how-it-works.md, `benchmarks.freshness`."""
    world = freshness_at_size.silent(300, 1.0, 3)
    looks = 300 / freshness.ROUND / freshness.STEP_DAYS

    turns, ours = (
        world.stale(choose(world, looks))
        for choose in (freshness_at_size.round_robin, freshness_at_size.ours)
    )

    assert turns / ours == pytest.approx(1.6, abs=0.05)


def test_in_our_order_nothing_waits_for_longer_than_eight_rounds() -> None:
    world = freshness_at_size.silent(2_000, 1.0, 5)
    rounds = 2_000 / 50

    age = freshness_at_size.ours(world, 50)

    assert rounds < max(age(kind) for kind in world.looked_at) <= FLOOR * rounds


def test_a_push_is_seen_within_an_age_at_the_latest() -> None:
    world = freshness_at_size.pushes(2_000, 0.8, 5)
    age = freshness_at_size.round_robin(world, 300)
    same = age(next(iter(world.looked_at)))

    shares = [world.seen_within(days, age) for days in (same / 4, same / 2, same, 2 * same)]

    assert shares == pytest.approx([0.25, 0.5, 1, 1])


def test_a_look_at_a_namespace_opens_each_repository_once_however_often_it_was_pushed() -> None:
    world = freshness_at_size.pushes(2_000, 1.0, 5)
    namespaces = 2_000 // freshness_at_size.REPOSITORIES_OF_A_NAMESPACE

    looks = [world.requests(partial(_always, age)) * age for age in (1e-5, 1e9)]

    assert looks == pytest.approx([namespaces, namespaces + 2_000], rel=1e-3)


def _always(age: float, kind: freshness_at_size.Kind) -> float:
    del kind
    return age
