"""Counts of many repositories by the day, where some were not listed on each day, or not told."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.catalog.stats import Counts, StatsQuestion, StatsScope
from indexer.core.model import Repository
from tests.store.scribe import START, Scribe

if TYPE_CHECKING:
    from indexer.store import Store

DAY = timedelta(days=1)
DAYS = 6
FIRST, LAST = 2, 4
NAMESPACES = "one", "two"

Days = dict[int, Counts]
"""What was told of one repository, by the number of the day."""


def told(chance: random.Random) -> dict[str, Days]:
    """Of each repository: there are days on which it was not listed, and counts not told."""

    def number(most: int) -> int | None:
        return None if chance.random() < 0.3 else chance.randrange(most)

    return {
        f"{namespace}/{name}": {
            day: Counts(number(100), number(9), number(1_000))
            for day in range(DAYS)
            if chance.random() < 0.7
        }
        for namespace in NAMESPACES
        for name in "abcd"
    }


def crawled(store: Store, counts: dict[str, Days]) -> None:
    for day in range(DAYS):
        for namespace in NAMESPACES:
            scribe = Scribe(store.archive, namespace, now=START + day * DAY)
            record = scribe.begin()
            listed = [
                Repository(
                    name,
                    START,
                    pulls=days[day].pulls,
                    stars=days[day].stars,
                    storage_size=days[day].storage_size,
                )
                for name, days in counts.items()
                if name.startswith(namespace) and day in days
            ]
            scribe.list(record, listed, removed=())
            scribe.finish(record)


def known(days: Days, field: str, first: int, last: int) -> list[int]:
    """What was told of a count in some days, the last one included."""
    found = [getattr(days[day], field) for day in sorted(days) if first <= day <= last]
    return [each for each in found if each is not None]


def gain(days: Days, field: str, first: int, last: int) -> int | None:
    """By how much a count grew: since it was told before, or first in these days."""
    before, here = known(days, field, 0, first - 1)[-1:], known(days, field, first, last)
    all_ = [*before, *here]
    return all_[-1] - all_[0] if here and len(all_) > 1 else None


def total(numbers: list[int | None]) -> int | None:
    found = [each for each in numbers if each is not None]
    return sum(found) if found else None


@pytest.mark.parametrize("first", [0, FIRST])
def test_sums_and_gains_are_those_of_a_plain_count(store: Store, first: int) -> None:
    counts = told(random.Random(7))  # noqa: S311 - no secret
    crawled(store, counts)
    since = START + first * DAY if first else None
    asked = StatsQuestion(since, START + LAST * DAY, START, 10)
    found = store.catalog.stats(StatsScope("docker.io"), asked)
    assert len(found.days) == LAST + 1 - first
    for day, each in enumerate(found.days, first):
        for field in Counts._fields:
            latest = [
                next(iter(known(days, field, 0, day)[::-1]), None) for days in counts.values()
            ]
            assert getattr(each.counts, field) == total(latest)
        assert each.pulls_gained == total(
            [gain(days, "pulls", day, day) for days in counts.values()]
        )
    for entry in found.repositories:
        mine = counts[entry.repository]
        assert entry.gained == Counts(*(gain(mine, each, first, LAST) for each in Counts._fields))
