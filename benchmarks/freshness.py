"""How stale an index is with the same number of requests: our choice, round robin, the optimum.

    python -m benchmarks.freshness [--days DAYS] [--repositories N] [--seed SEED]

Repositories lose tags silently, each at its own, unknown rate; twice a day a crawl may look at one
in twenty of them. Measured is the average number of tags that the index has and the registry does
not, in the second half of the time; the first half is for learning the rates:

    ours         `indexer.crawl.selection.verify_selection.choose`, with its own counts
    known        the same, with the true rates
    round robin  the repository that was not looked at for the longest time
    optimum      the least that a policy of fixed ages can reach with the true rates, found
                 without the formulas of `indexer.crawl.selection.verify_selection`: by trying ages

The optimum allows looks at any moment; a crawl that runs twice a day cannot look at a repository
more often. `known` shows the difference, where a few repositories have most of the changes.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.model import ChangeRate
from indexer.crawl.selection import verify_selection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

START = datetime(2026, 1, 1, tzinfo=UTC)
STEP_DAYS = 0.5

TAGS = 100
"""Tags of each repository."""

ROUND = 20
"""The number of crawls that it takes to look at every repository once."""

CHANGES = 0.05
"""Silent changes a day, on average over the repositories."""

AGES = [0.02 * 1.04**power for power in range(280)]
"""Ages, in days, that the optimum chooses from: from half an hour to a thousand days."""

LEAST_GAIN = 1.5
MOST_OVER_OPTIMUM = 1.05
STRICT = "Zipf 1"
MOST_OVER_ROUND_ROBIN = 1.001
"""The promises: better than round robin with skewed rates, near the optimum with Zipf's law, and
not worse than round robin with equal rates.
"""


class World(NamedTuple):
    """The rates of each repository: silent changes and pushes a day."""

    name: str
    rates: Sequence[float]
    pushes: Sequence[float]


def zipf(number: int, exponent: float, pushes: float = 0.0) -> World:
    """Rates by Zipf's law: with exponent 1, the second changes half as often as the first."""
    weights = [1 / rank**exponent for rank in range(1, number + 1)]
    scale = CHANGES * number / sum(weights)
    rates = [weight * scale for weight in weights]
    # Pushes are assigned at random, because they say nothing about silent changes.
    shaken = [weight * scale * pushes for weight in weights]
    random.Random(7).shuffle(shaken)  # noqa: S311 - a simulation
    name = f"Zipf {exponent:g}" + (f", {pushes:g} pushes for a change" if pushes else "")
    return World(name, rates, shaken)


def flat(number: int) -> World:
    """Equal rates for all."""
    return World("flat", [CHANGES] * number, [0.0] * number)


class Event(NamedTuple):
    """A silent change: `when` in days, and which tag it affects, as a number from 0 to 1."""

    when: float
    place: float


class Life:
    """The events of one repository; they are the same for every policy.

    Args:
        rate: silent changes a day.
        pushes: a day.
        seed: of the random numbers.
    """

    def __init__(self, rate: float, pushes: float, seed: str) -> None:
        self._rate, self._pushes = rate, pushes
        self._changing = random.Random(f"changes {seed}")  # noqa: S311 - a simulation
        self._pushing = random.Random(f"pushes {seed}")  # noqa: S311 - the same
        self._change = self._next_change(0.0)
        self._push = self._next_push(0.0)
        self.stale = 0

    def until(self, day: float) -> list[tuple[float, int]]:
        """Let time pass. Return the times of pushes, and how many stale tags each revealed."""
        pushed = []
        while (when := min(self._change.when, self._push)) <= day:
            if when == self._push:
                pushed.append((when, self.look()))
                self._push = self._next_push(when)
            else:
                # A change of a tag that is stale already does not count.
                self.stale += self._change.place * TAGS >= self.stale
                self._change = self._next_change(when)
        return pushed

    def look(self) -> int:
        """Look at the repository; return how many stale tags that finds."""
        found, self.stale = self.stale, 0
        return found

    def _next_change(self, after: float) -> Event:
        when = after + self._changing.expovariate(self._rate)
        return Event(when, self._changing.random())

    def _next_push(self, after: float) -> float:
        return after + self._pushing.expovariate(self._pushes) if self._pushes else math.inf


def ours(change_rates: dict[str, ChangeRate], number: int, now: datetime) -> list[int]:
    """The choice of a crawl."""
    return [int(choice.repository) for choice in verify_selection.choose(change_rates, number, now)]


def round_robin(change_rates: dict[str, ChangeRate], number: int, now: datetime) -> list[int]:
    """The repositories that were not looked at for the longest time."""
    del now
    oldest = heapq.nsmallest(
        number, change_rates, key=lambda name: change_rates[name].seen_at or START
    )
    return [int(name) for name in oldest]


def knowing(world: World) -> Callable[[dict[str, ChangeRate], int, datetime], list[int]]:
    """The index policy of `crawl.selection.verify_selection`, without its estimates and floor."""

    def choose(change_rates: dict[str, ChangeRate], number: int, now: datetime) -> list[int]:
        def worth(name: str) -> float:
            seen = change_rates[name].seen_at
            age = (now - (seen or START)).total_seconds() / 86_400
            return verify_selection.value(
                TAGS, world.rates[int(name)], world.pushes[int(name)], age
            )

        return [int(name) for name in heapq.nlargest(number, change_rates, key=worth)]

    return choose


def simulate(
    world: World,
    policy: Callable[[dict[str, ChangeRate], int, datetime], list[int]],
    days: int,
    seed: int,
) -> float:
    """The average number of stale tags in the second half of some days."""
    rates = zip(world.rates, world.pushes, strict=True)
    lives = [Life(*pair, f"{seed} {number}") for number, pair in enumerate(rates)]
    change_rates = {str(number): ChangeRate(TAGS, START) for number in range(len(lives))}
    looks, total, samples = len(lives) // ROUND, 0.0, 0
    for step in range(1, int(days / STEP_DAYS) + 1):
        day = step * STEP_DAYS
        now = START + timedelta(days=day)
        for number, life in enumerate(lives):
            for when, found in life.until(day):
                _note(change_rates, number, START + timedelta(days=when), found, moved=True)
        before = expected(world, change_rates, now)
        for number in policy(change_rates, looks, now):
            _note(change_rates, number, now, lives[number].look(), moved=False)
        if day > days / 2:
            total += before + expected(world, change_rates, now)
            samples += 2
    return total / samples


def expected(world: World, change_rates: dict[str, ChangeRate], now: datetime) -> float:
    """The expected number of stale tags, given the times of the last looks.

    A policy does not know the events since then, so its quality is measured by the expectation,
    which also has less variance than counting.
    """
    ages = (
        (now - (watch.seen_at or START)).total_seconds() / 86_400 for watch in change_rates.values()
    )
    pairs = zip(world.rates, ages, strict=True)
    return sum(TAGS * -math.expm1(-rate / TAGS * age) for rate, age in pairs)


def _note(
    change_rates: dict[str, ChangeRate], number: int, when: datetime, found: int, *, moved: bool
) -> None:
    name = str(number)
    change_rates[name] = verify_selection.observed(
        change_rates[name], when, moved=moved, changed=found
    )


def optimum(world: World) -> float:
    """The least average number of stale tags, with looks at fixed ages, by trying ages."""
    looks = len(world.rates) / ROUND / STEP_DAYS
    shapes: dict[tuple[float, float], list[tuple[float, float]]] = {}
    for pair in zip(world.rates, world.pushes, strict=True):
        if pair not in shapes:
            shapes[pair] = [_at_age(*pair, age) for age in AGES]
    low, high, stale = 1e-9, 1e9, 0.0
    for _ in range(60):
        price = math.sqrt(low * high)
        best = {
            pair: min(shape, key=lambda each: each[1] + price * each[0])
            for pair, shape in shapes.items()
        }
        chosen = [best[pair] for pair in zip(world.rates, world.pushes, strict=True)]
        spent, stale = (sum(each) for each in zip(*chosen, strict=True))
        low, high = (price, high) if spent > looks else (low, price)
    return stale


def _at_age(rate: float, pushes: float, age: float) -> tuple[float, float]:
    """Paid looks a day, and stale tags on average, of a repository that is looked at at an age.

    A cycle ends at that age or with a push; both integrals are over the age s of the index.
    """
    each = rate / TAGS
    length = -math.expm1(-pushes * age) / pushes if pushes else age
    stale = TAGS * (length + math.expm1(-(each + pushes) * age) / (each + pushes))
    return math.exp(-pushes * age) / length, stale / length


def main() -> int:
    """Print a table and the promises; exit code 1 if one is broken."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.freshness")
    parser.add_argument("--days", type=int, default=180)
    parser.add_argument("--repositories", type=int, default=300)
    parser.add_argument("--seed", type=int, default=3)
    wanted = parser.parse_args()
    print(f"{'rates':<34}{'optimum':>9}{'known':>9}{'ours':>9}{'round robin':>13}")
    number = wanted.repositories
    worlds = (flat(number), zipf(number, 1.0), zipf(number, 1.0, 2.0), zipf(number, 1.5))
    kept = [shown(world, wanted.days, wanted.seed) for world in worlds]
    return 0 if all(kept) else 1


def shown(world: World, days: int, seed: int) -> bool:
    """Print a line of the table and its meaning; return whether the promises hold."""
    least = optimum(world)
    known, mine, turns = (
        simulate(world, policy, days, seed) for policy in (knowing(world), ours, round_robin)
    )
    print(f"{world.name:<34}{least:>9.1f}{known:>9.1f}{mine:>9.1f}{turns:>13.1f}")
    print(
        f"    {turns / mine:.2f} times fewer than round robin, {mine / least:.3f} of the optimum, "
        f"{mine / known:.3f} of what knowing the rates gives",
        flush=True,
    )
    if world.name == "flat":
        return mine <= MOST_OVER_ROUND_ROBIN * turns
    return turns >= LEAST_GAIN * mine and (
        world.name != STRICT or mine <= MOST_OVER_OPTIMUM * least
    )


if __name__ == "__main__":
    sys.exit(main())
