"""Which share of changes an index of the whole Docker Hub sees in time, at how many requests a day.

    python -m benchmarks.freshness_at_size [--repositories N] [--seed SEED]

`benchmarks.freshness` plays every crawl of 300 repositories. This takes 10 million, one after the
other, in little memory. Among so many the last W that a crawl chooses is nearly the same each time
(`indexer.crawl.selection.verify_selection`). So choosing the greatest W is looking at each as soon
as its W reaches that price, which needs nothing of the others: at an age T. A change then waits for
a time that is uniform between 0 and T. Random is only what an index has counted of each, from which
`verify_selection.Rates` estimates its rate; what follows from it is computed as an expectation.

Two questions, each by round robin (the same age for all), and by the order of `verify_selection`
with its own estimates, and with the true rates:

    pushes    a look at a namespace takes 1 request, and 1 more for each repository that was pushed
    silent    a look at a repository (`--verify`) takes 1 request and finds removed tags
"""

from __future__ import annotations

import argparse
import math
import random
import resource
import sys
import time
from array import array
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.freshness import CHANGES, START, TAGS
from indexer.core.model import ChangeRate
from indexer.crawl.selection import verify_selection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    Ages = Callable[["Kind"], float]

REPOSITORIES = 10_000_000

REPOSITORIES_OF_A_NAMESPACE = 4
"""On average; assumed. The sizes follow a power law: a few namespaces have thousands."""

PUSHES = 0.1
"""Pushes a day of a repository, on average; assumed. Docker says nothing of it."""

MOST_PUSHES = 1_440
"""The most pushes a day of one repository: one a minute; assumed."""

EXPONENTS = (1.0, 0.8)
"""Of Zipf's law, by which the rates of repositories differ; assumed."""

WATCHED_DAYS = verify_selection.HALF_LIFE.days / math.log(2)
"""The time that an index remembers: counts lose half their weight in each half-life."""

HOUR = 1 / 24
REQUESTS = (259_200, 10 * 259_200, 100 * 259_200)
"""Requests a day: 180 a minute, recorded of one identity, and ten and a hundred identities."""

SAMPLE = 20_000
"""How many units the estimates are fitted to; `verify_selection` takes an even sample of these."""

COUNTLESS = 1_000_000
"""Taken as the tags of a namespace whose pushes are counted: each push counts, not each tag."""

_STEPS = 50
"""Steps of bisection."""

_EXACT = 64
"""Greater counts are rounded to a class."""

_CLASSES = 8
"""Classes of rates and counts in each power of ten; sums of a class are exact."""

_EMPTY = -1_000
"""The class of what never changes, as a namespace without repositories."""


class Kind(NamedTuple):
    """Units that look the same to a policy.

    Attributes:
        counted: what the index counted of such a unit: changes in `WATCHED_DAYS`, rounded.
        rate: its true changes a day, as a class.
    """

    counted: int
    rate: int


class Sum:
    """How many units there are of a kind, and their true changes a day, together."""

    __slots__ = ("number", "rate")

    def __init__(self) -> None:
        self.number, self.rate = 0, 0.0

    def add(self, rate: float) -> None:
        """Count one more."""
        self.number += 1
        self.rate += rate


class World:
    """What a policy may look at, in kinds.

    Args:
        tags: of each unit, that can change.
        looked_at: the units that a look is at.
        opened: what a look opens if it was changed, for one more request: by the kind of its unit
            and the class of its own rate.
        sample: what was counted of some units.
    """

    def __init__(
        self,
        tags: int,
        looked_at: Mapping[Kind, Sum],
        opened: Mapping[tuple[Kind, int], Sum],
        sample: Iterable[int],
    ) -> None:
        self.tags, self.looked_at, self._opened = tags, looked_at, opened
        rates = verify_selection.Rates([_counted(count) for count in sample])
        self.estimates = {
            count: rates.of(_counted(count)) for count in {kind.counted for kind in looked_at}
        }

    def requests(self, age: Ages) -> float:
        """Requests a day, if each unit is looked at whenever it has an age (in days)."""
        ages = {kind: age(kind) for kind in self.looked_at}
        looks = sum(each.number / ages[kind] for kind, each in self.looked_at.items())
        return looks + sum(
            -each.number * math.expm1(-each.rate / each.number * ages[kind]) / ages[kind]
            for (kind, _), each in self._opened.items()
        )

    def seen_within(self, days: float, age: Ages) -> float:
        """The share of all changes that a look sees within some days."""
        every = sum(each.rate for each in self.looked_at.values())
        seen = sum(each.rate * min(days / age(kind), 1) for kind, each in self.looked_at.items())
        return seen / every

    def stale(self, age: Ages) -> float:
        """The share of all tags that are stale, on average."""
        whole = 0.0
        for kind, each in self.looked_at.items():
            changes = each.rate / each.number / self.tags * age(kind)
            whole += each.number * (1 + math.expm1(-changes) / changes)
        return whole / sum(each.number for each in self.looked_at.values())


def round_robin(world: World, requests: float) -> Ages:
    """Every unit has the same age, the one at which the requests are spent."""
    same = _where(lambda age: world.requests(lambda _: age), requests)
    return lambda _: same


def ours(world: World, requests: float) -> Ages:
    """The order of `verify_selection`, with the rates that it estimates, and its floor."""

    def ages(price: float) -> Ages:
        by_price = {count: _age(world.tags, rate, price) for count, rate in world.estimates.items()}
        oldest = _floor(world, by_price)
        return lambda kind: min(by_price[kind.counted], oldest)

    return ages(_where(lambda price: world.requests(ages(price)), requests))


def knowing(world: World, requests: float) -> Ages:
    """The same order with the true rates, and without the floor."""

    def ages(price: float) -> Ages:
        by_price = {
            rate: _age(world.tags, 10 ** ((rate + 0.5) / _CLASSES), price)
            for rate in {kind.rate for kind in world.looked_at}
        }
        return lambda kind: by_price[kind.rate]

    return ages(_where(lambda price: world.requests(ages(price)), requests))


def _floor(world: World, by_price: Mapping[int, float]) -> float:
    """The age at which the floor looks, so that its looks are one in `FLOOR` of all."""
    numbers: Counter[int] = Counter()
    for kind, each in world.looked_at.items():
        numbers[kind.counted] += each.number

    def over(oldest: float) -> float:
        looks = {True: 0.0, False: 0.0}
        for count, number in numbers.items():
            looks[by_price[count] > oldest] += number / min(by_price[count], oldest)
        return looks[True] * (verify_selection.FLOOR - 1) - looks[False]

    return _where(over, 0.0)


def _age(tags: int, rate: float, price: float) -> float:
    """At which age, in days, W reaches a price."""
    return _where(lambda age: -verify_selection.value(tags, rate, 0.0, age), -price)


def _where(falling: Callable[[float], float], value: float) -> float:
    """Where a falling function has a value, between 1e-6 and 1e12: by bisection of logarithms."""
    low, high = 1e-6, 1e12
    for _ in range(_STEPS):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if falling(middle) > value else (low, middle)
    return high


def silent(repositories: int, exponent: float, seed: int) -> World:
    """Silent changes of repositories, of which each is looked at by itself."""
    chance = random.Random(seed)  # noqa: S311 - a simulation
    looked_at: defaultdict[Kind, Sum] = defaultdict(Sum)
    sample = array("q")
    every = max(repositories // SAMPLE, 1)
    for rank, rate in enumerate(_zipf(repositories, exponent, CHANGES, math.inf)):
        count = _poisson(chance, rate * WATCHED_DAYS)
        looked_at[Kind(count, _class(rate))].add(rate)
        if rank % every == 0:
            sample.append(count)
    return World(TAGS, looked_at, {}, sample)


def pushes(repositories: int, exponent: float, seed: int) -> World:
    """Pushes: namespaces are looked at, and those of their repositories opened that were pushed."""
    namespaces = max(repositories // REPOSITORIES_OF_A_NAMESPACE, 1)

    def homes() -> Iterator[tuple[int, float]]:
        """The namespace and the rate of each repository; the same each time."""
        chance = random.Random(f"homes {seed}")  # noqa: S311 - a simulation
        for rate in _zipf(repositories, exponent, PUSHES, MOST_PUSHES):
            yield int(namespaces * chance.random() ** 2), rate

    whole = array("d", bytes(8 * namespaces))
    for home, rate in homes():
        whole[home] += rate
    chance = random.Random(seed)  # noqa: S311 - a simulation
    counts = array("q", (_poisson(chance, rate * WATCHED_DAYS) for rate in whole))
    looked_at: defaultdict[Kind, Sum] = defaultdict(Sum)
    for count, rate in zip(counts, whole, strict=True):
        looked_at[Kind(count, _class(rate))].add(rate)
    opened: defaultdict[tuple[Kind, int], Sum] = defaultdict(Sum)
    for home, rate in homes():
        opened[Kind(counts[home], _class(whole[home])), _class(rate)].add(rate)
    sample = [*counts[:: max(namespaces // SAMPLE, 1)], max(counts)]
    return World(COUNTLESS, looked_at, opened, sample)


def _zipf(number: int, exponent: float, mean: float, most: float) -> Iterator[float]:
    """Rates by Zipf's law, the greatest first, none above `most`."""
    scale = mean * number / math.fsum(rank**-exponent for rank in range(1, number + 1))
    return (min(scale * rank**-exponent, most) for rank in range(1, number + 1))


def _counted(count: int) -> ChangeRate:
    """What an index remembers of a unit that was watched all the time and never opened freely."""
    return ChangeRate(TAGS, START, float(count), WATCHED_DAYS * 86_400)


def _class(rate: float) -> int:
    return math.floor(math.log10(rate) * _CLASSES) if rate else _EMPTY


def _poisson(chance: random.Random, mean: float) -> int:
    """A random count, of many values rounded."""
    if mean > _EXACT:
        many = max(chance.gauss(mean, math.sqrt(mean)), 1.0)
        return round(10 ** (round(math.log10(many) * _CLASSES * 4) / _CLASSES / 4))
    left, count = chance.random() - math.exp(-mean), 0
    term = math.exp(-mean)
    while left > 0 and term > 0:
        count += 1
        term *= mean / count
        left -= term
    return count


class Row(NamedTuple):
    """What one policy sees at a number of requests a day.

    Attributes:
        world: which changes, and how their rates differ.
        requests: a day.
        policy: by which order.
        hour: the share of changes that are seen within an hour.
        day: within a day.
        month: within 30 days.
        stale: the share of tags that are stale on average; None for pushes.
    """

    world: str
    requests: float
    policy: str
    hour: float
    day: float
    month: float
    stale: float | None


POLICIES = {"round robin": round_robin, "ours": ours, "true rates": knowing}


def rows(repositories: int = REPOSITORIES, seed: int = 3) -> Iterator[Row]:
    """Each kind of change, each exponent, each number of requests, each order."""
    for what, make in (("pushes", pushes), ("silent", silent)):
        for exponent in EXPONENTS:
            world = make(repositories, exponent, seed)
            for requests in REQUESTS:
                for policy, choose in POLICIES.items():
                    age = choose(world, requests * repositories / REPOSITORIES)
                    yield Row(
                        f"{what}, Zipf {exponent:g}",
                        requests,
                        policy,
                        hour=world.seen_within(HOUR, age),
                        day=world.seen_within(1, age),
                        month=world.seen_within(30, age),
                        stale=world.stale(age) if what == "silent" else None,
                    )


def main() -> int:
    """Print the shares, and what the simulation took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.freshness_at_size")
    parser.add_argument("--repositories", type=int, default=REPOSITORIES)
    parser.add_argument("--seed", type=int, default=3)
    wanted = parser.parse_args()
    print(f"{'':<36}{'requests':>12}{'an hour':>10}{'a day':>10}{'30 days':>10}{'stale':>10}")
    for row in rows(wanted.repositories, wanted.seed):
        shares = (row.hour, row.day, row.month)
        print(
            f"{row.world + ': ' + row.policy:<36}{row.requests:>12,}",
            *(f"{share:>9.2%}" for share in shares),
            "" if row.stale is None else f"{row.stale:>9.3%}",
            flush=True,
        )
    print(f"{time.process_time():.0f} s of CPU, {peak():.0f} MiB")
    return 0


def peak() -> float:
    """The most memory that this process had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024


if __name__ == "__main__":
    sys.exit(main())
