"""The argument of `indexer.crawl.listing`, checked on every history of small lists.

A history is up to three events, before any requests of one reading. Whatever happens, the listing
is what the list held at one of the requests, or it says that it is not exact; what it holds was
there; and what it proves absent is absent in the end.

A pass that was begun again is a pass begun anew, so most histories are of one pass alone, or of two
where two have to agree. Lists of more than five items, and of fewer where there are very many
histories, are for the night; the slow ones, with every pass there may be and lists of up to seven
items in every order, run where INDEXER_SOAK is set (`make soak`).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import pytest

from indexer.core.model import ANONYMOUS
from tests.exhaustive.histories import Plan, explore
from tests.exhaustive.worlds import tag_of, world_of
from tests.support.shifting_list import START

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.mark.structures import ParameterSet

    from tests.exhaustive.histories import History
    from tests.exhaustive.worlds import Order

soaking = pytest.mark.skipif(
    not os.environ.get("INDEXER_SOAK"), reason="slow: runs where INDEXER_SOAK is set"
)


class Case(NamedTuple):
    """A kind of list and of reading. `order` is proven where a shortcut shall be possible.

    Lists of up to `day` items are tried at every run; one more takes several times as long.
    """

    sizes: range
    order: Order = "newest"
    start: str = "first"
    tries: int = 1
    proven: bool = True
    nulls: int = 0
    nulls_first: bool = False
    surplus: int | None = 0
    visibility: bool = False
    day: int = 5

    def __str__(self) -> str:
        words = [self.order, self.start, f"{self.tries}-tries"]
        words += [f"{self.sizes[0]}-to-{self.sizes[-1]}-items"]
        words += ["in-proven-order"] if self.proven else []
        words += [f"{self.nulls}-null{'s-first' * self.nulls_first}"] if self.nulls else []
        words += [] if self.surplus == 0 else [f"surplus-{self.surplus}"]
        return "-".join(words)

    def split(self) -> Iterator[Case | ParameterSet]:
        """The lists that are tried at every run, and those for the night."""
        first, end = self.sizes[0], self.sizes[-1] + 1
        if first <= self.day:
            yield self._replace(sizes=range(first, min(end, self.day + 1)))
        if end > self.day + 1:
            larger = self._replace(sizes=range(max(first, self.day + 1), end))
            yield pytest.param(larger, marks=pytest.mark.nightly)

    def plans(self) -> Iterator[Plan]:
        for size in self.sizes:
            world = world_of(size, self.order, nulls=self.nulls, nulls_first=self.nulls_first)
            plan = Plan(world, self.order, 3, self.tries, self.visibility, self.surplus)
            if self.proven:
                plan = plan.in_proven_order()
            yield plan if self.start == "first" else plan.remembered(full=self.start == "full")


def told(history: History) -> str:
    listing = history.listing
    lists = " | ".join(" ".join(name for name, _ in moment.listed) for moment in history.moments)
    return (
        f"{history.story}: {sorted(history.result)} where the list held {lists}; "
        f"exact {listing.exact}, absence proven {listing.absence_proven}, {listing.reason}"
    )


def judge(history: History) -> None:
    listing = history.listing
    assert listing.reason
    assert not listing.exact or history.is_true, told(history)
    judge_what_was_seen(history)
    if listing.absence_proven:
        assert all(name in listing.items for name, _ in history.moments[-1].listed), told(history)


def judge_what_was_seen(history: History) -> None:
    """Everything in a listing was in the list, with this date, at one of the requests."""
    real = {tag_of(row) for moment in history.moments for row in moment.listed}
    assert set(history.listing.items.values()) <= real, told(history)


FAST = [
    Case(range(8)),
    Case(range(8), start="incremental"),
    Case(range(8), start="full"),
    Case(range(6), tries=3, day=4),
    Case(range(6), start="incremental", tries=2, day=4),
    Case(range(5), tries=2, proven=False, day=3),
    Case(range(6), order="reversed"),
    Case(range(5), order="oldest", tries=2, proven=False, day=3),
    Case(range(5), order="name", tries=2, proven=False, day=3),
    Case(range(4), order="name", start="incremental", tries=2, proven=False, day=2),
    Case(range(5), order="made", tries=2, proven=False, day=3),
    *(
        Case(range(nulls, 6), start=start, nulls=nulls, nulls_first=nulls_first, day=4)
        for start in ("first", "incremental")
        for nulls in (1, 2)
        for nulls_first in (False, True)
    ),
    Case(range(2, 5), tries=2, nulls=2, nulls_first=True),
    Case(range(4, 8), nulls=4, nulls_first=True),
    Case(range(5), tries=2, surplus=1),
    Case(range(6), start="incremental", surplus=1),
    Case(range(5), tries=2, surplus=None),
    Case(range(4), start="incremental", tries=2, surplus=None),
]

SLOW = [
    Case(range(8), tries=3),
    Case(range(7), start="incremental", tries=3),
    Case(range(7), start="full", tries=3),
    Case(range(7), tries=2, proven=False),
    Case(range(7), start="incremental", tries=2, proven=False),
    Case(range(8), order="reversed", tries=2),
    Case(range(7), order="oldest", tries=2, proven=False),
    Case(range(7), order="name", tries=2, proven=False),
    Case(range(6), order="name", start="incremental", tries=2, proven=False),
    Case(range(7), order="made", tries=2, proven=False),
    Case(range(6), order="made", start="incremental", tries=2, proven=False),
    *(
        Case(range(nulls, 8), start=start, tries=2, nulls=nulls, nulls_first=nulls_first)
        for start in ("first", "incremental")
        for nulls in (1, 2, 3, 4)
        for nulls_first in (False, True)
    ),
    *(
        Case(range(7), start=start, tries=2, surplus=surplus)
        for start in ("first", "incremental")
        for surplus in (1, -1, None)
    ),
]


def split(*cases: Case) -> list[Case | ParameterSet]:
    return [part for case in cases for part in case.split()]


@pytest.mark.parametrize("case", split(*FAST), ids=str)
@pytest.mark.timeout(900)
def test_a_listing_is_the_truth_of_one_moment_or_says_that_it_is_not(case: Case) -> None:
    assert sum(explore(plan, judge) for plan in case.plans())


@soaking
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("case", SLOW, ids=str)
def test_a_listing_is_the_truth_of_one_moment_in_every_slow_history_too(case: Case) -> None:
    assert sum(explore(plan, judge) for plan in case.plans())


def judge_where_visibility_changes(history: History) -> None:
    """A wrong listing takes a removal and an old item shown; the next full crawl corrects it.

    What is proven absent may exist, which is why a caller asks for each missing repository.
    """
    judge_what_was_seen(history)
    if not history.listing.exact or history.is_true:
        return
    events = [event for _, event in history.story]
    assert any(event.startswith("remove") for event in events), told(history)
    assert any(event.startswith("show") for event in events), told(history)
    end = history.moments[-1]
    memory = history.listing.memory(history.memory, ANONYMOUS, START)
    later = Plan(end, "newest", 0, 3, known=history.result, memory=memory, full=True)
    explore(later, judge)


@pytest.mark.parametrize(
    "case",
    [
        *split(
            Case(range(7), visibility=True, day=4),
            Case(range(6), start="incremental", visibility=True, day=4),
        ),
        pytest.param(Case(range(8), tries=2, visibility=True), marks=soaking),
        pytest.param(Case(range(8), start="incremental", visibility=True), marks=soaking),
        pytest.param(
            Case(range(6), order="name", tries=2, proven=False, visibility=True), marks=soaking
        ),
    ],
    ids=str,
)
@pytest.mark.timeout(3600)
def test_visibility_makes_a_listing_untrue_only_by_a_swap_which_a_full_crawl_corrects(
    case: Case,
) -> None:
    assert sum(explore(plan, judge_where_visibility_changes) for plan in case.plans())


def test_something_old_shown_below_where_an_incremental_pass_stops_shows_in_the_count() -> None:
    def judge_shown(history: History) -> None:
        assert history.listing.exact
        assert history.is_true

    def one_old_shown(history: History) -> None:
        if [event.partition(" ")[0] for _, event in history.story] == ["show"]:
            found.append(history)
            judge_shown(history)

    found: list[History] = []
    for size in range(2, 8):
        plan = Plan(world_of(size, "newest"), "newest", 1, 1, visibility=True)
        explore(plan.in_proven_order().remembered(), one_old_shown)
    before_the_first_request = [history for history in found if history.story[0][0] == 1]
    assert len(before_the_first_request) > len(range(2, 8))
