"""The argument of `indexer.crawl.partial.verdict`, checked on every history of small lists.

A history is one or two events, before any requests of one reading of a list that is refused beyond
an offset. Whatever happens and wherever the bound lies, nothing is called gone that was there all
the time; what was read was there; and a listing that is called exact is what the list held at one
of the requests.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from tests.exhaustive.lists_in_part import Plan, explore, held, list_of, play
from tests.exhaustive.worlds import world_of

if TYPE_CHECKING:
    from tests.exhaustive.lists_in_part import Outcome

STARTS = ("first", "full", "incremental")


def judge(outcome: Outcome) -> None:
    judge_what_was_seen(outcome)
    assert not outcome.exact or outcome.is_true, str(outcome)


def judge_what_was_seen(outcome: Outcome) -> None:
    """Items read existed with this date; items called removed did not exist all the time."""
    worlds = [dict(held(moment)) for moment in outcome.moments]
    for name, tag in outcome.listed.items():
        assert any(world.get(name) == tag for world in worlds), str(outcome)
    for name in outcome.gone:
        assert any(name not in world for world in worlds), str(outcome)


def by_night(*values: object) -> object:
    return pytest.param(*values, marks=pytest.mark.nightly)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(
    ("size", "bound", "events"),
    [
        (5, 2, 1),
        (6, 3, 1),
        (8, 2, 1),
        (4, 2, 2),
        by_night(5, 2, 2),
        by_night(6, 2, 2),
        by_night(8, 2, 2),
        by_night(6, 3, 2),
        by_night(8, 3, 2),
        by_night(7, 4, 2),
        by_night(10, 4, 2),
    ],
)
@pytest.mark.timeout(900)
def test_tags_whose_names_are_told_are_what_the_list_held_at_one_moment(
    size: int, bound: int, events: int, start: str
) -> None:
    assert explore(Plan(list_of(size), bound, start=start, events=events), judge)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(
    ("size", "bound", "events", "filters"),
    [
        (4, 2, 1, True),
        (6, 3, 1, False),
        by_night(6, 2, 1, True),
        by_night(7, 4, 1, True),
        by_night(5, 2, 2, False),
        by_night(6, 2, 2, False),
        by_night(6, 3, 2, False),
    ],
)
@pytest.mark.timeout(900)
def test_repositories_that_every_order_shows_are_what_the_list_held_at_one_moment(
    size: int, bound: int, events: int, start: str, *, filters: bool
) -> None:
    plan = Plan(world_of(size, "newest"), bound, False, 0, filters, start, events)
    assert explore(plan, judge)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("events", [1, by_night(2)])
def test_a_bound_that_tightens_at_any_request_removes_nothing_that_is_there(
    start: str, events: int
) -> None:
    plan = Plan(list_of(7), 4, start=start, events=events)
    for request in range(1, len(play(plan).moments) + 1):
        assert explore(dataclasses.replace(plan, tightens=request), judge)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("events", [1, by_night(2)])
def test_names_that_lack_one_that_is_there_remove_nothing_and_make_nothing_exact_that_is_not(
    start: str, events: int
) -> None:
    world = list_of(6)
    for hidden, _ in world.listed:
        assert explore(Plan(world, 2, start=start, events=events, hides=hidden), judge)


@pytest.mark.parametrize("surplus", [-1, 1])
@pytest.mark.parametrize("events", [1, by_night(2)])
def test_a_count_that_lies_removes_nothing_that_is_there(surplus: int, events: int) -> None:
    world = list_of(6)
    for start in STARTS:
        plan = Plan(world, 2, start=start, events=events, surplus=surplus)
        assert explore(plan, judge_what_was_seen)


@pytest.mark.parametrize(("size", "bound"), [(12, 100), (12, 4)])
@pytest.mark.parametrize("events", [1, by_night(2)])
@pytest.mark.timeout(900)
def test_names_that_tell_what_the_count_lacks_are_believed_only_of_one_moment(
    size: int, bound: int, events: int
) -> None:
    """Rule 13: where a tag was deleted before, the names are asked for instead of every page."""
    plan = Plan(list_of(size), bound, start="incremental", events=events)
    found: list[Outcome] = []

    def judge_and_find(outcome: Outcome) -> None:
        judge(outcome)
        found.extend([outcome] if outcome.gone and len(outcome.moments) == 4 else [])

    assert explore(plan, judge_and_find)
    assert len(found) >= size - 2, "each deleted tag below the head takes four requests"


@pytest.mark.parametrize("events", [1, by_night(2)])
@pytest.mark.timeout(900)
def test_names_that_lack_one_that_is_there_as_a_witness_remove_nothing(events: int) -> None:
    world = list_of(12)
    for hidden, _ in world.listed[::4]:
        plan = Plan(world, 100, start="incremental", events=events, hides=hidden)
        assert explore(plan, judge)
