"""The promise of the documentation, checked on random histories.

The histories are the same in every run, so that nothing fails by chance; `tests.oracle.soak` looks
for others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.store import open_store
from tests.oracle.grounds import RealGround, ShortGround
from tests.oracle.rounds import play_round
from tests.support.selection import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.store import Store

ROUNDS = range(8)
"""Enough for two workers to share them. By day there are two rounds of the first kind, else one."""

HISTORIES = {
    "sqlite": examples(5, at_night=150),
    "postgresql": examples(3, at_night=100),
    "short": examples(40, at_night=500),
}
"""Of a round, on real databases and on the short way.

At night 2,000 in all on real databases, and 4,000 on the short way.
"""

IN_PART = {
    "sqlite": examples(2, at_night=63),
    "postgresql": examples(2, at_night=63),
    "short": examples(15, at_night=250),
}
"""The same of lists that are shown in part: at night more than 500 on each real database."""

CLOCKS = {
    "sqlite": examples(2, at_night=60),
    "postgresql": examples(1, at_night=40),
    "short": examples(10, at_night=250),
}
"""The same with a clock that jumps: at night 800 on real databases, and 2,000 on the short way."""

OPEN = {
    "sqlite": examples(3, at_night=50),
    "postgresql": examples(2, at_night=50),
    "short": examples(25, at_night=300),
}
"""The same of tags that are listed without a digest, whose registry is down at times."""

OF_THE_PAST = {
    "sqlite": examples(2, at_night=60),
    "postgresql": examples(1, at_night=40),
    "short": examples(20, at_night=1_000),
}
"""The same of lists that are old copies, or empty, or that lag behind."""


def rounds(by_day: int) -> pytest.MarkDecorator:
    """So many rounds by day, and all of them at night."""
    marks = [[] if number < by_day else [pytest.mark.nightly] for number in ROUNDS]
    numbers = [pytest.param(n, marks=each) for n, each in zip(ROUNDS, marks, strict=True)]
    return pytest.mark.parametrize("number", numbers)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = open_store(database_url, create=False)
    yield store
    store.close()


@rounds(2)
@pytest.mark.timeout(1_800)
def test_what_crawls_say_is_what_the_hub_held(number: int, store: Store, database_url: str) -> None:
    """One index for all of them; each has a namespace of its own in it."""
    kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    play_round(number, lambda: RealGround(store), histories=HISTORIES[kind])


@rounds(2)
@pytest.mark.timeout(1_800)
def test_what_crawls_say_is_what_the_hub_held_in_many_more_histories(number: int) -> None:
    play_round(1_000 + number, ShortGround, histories=HISTORIES["short"])


@rounds(1)
@pytest.mark.timeout(1_800)
def test_what_crawls_say_of_lists_in_part_is_what_the_hub_held(
    number: int, store: Store, database_url: str
) -> None:
    kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    play_round(2_000 + number, lambda: RealGround(store), histories=IN_PART[kind], kind="capped")


@rounds(1)
@pytest.mark.timeout(1_800)
def test_what_crawls_say_of_lists_in_part_is_what_the_hub_held_in_many_more_histories(
    number: int,
) -> None:
    play_round(3_000 + number, ShortGround, histories=IN_PART["short"], kind="capped")


@rounds(1)
@pytest.mark.timeout(1_800)
def test_what_crawls_say_is_what_the_hub_held_however_the_clock_jumps(
    number: int, store: Store, database_url: str
) -> None:
    kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    play_round(4_000 + number, lambda: RealGround(store), histories=CLOCKS[kind], kind="clocks")


@rounds(1)
@pytest.mark.timeout(1_800)
def test_what_crawls_say_is_what_the_hub_held_however_the_clock_jumps_in_many_more_histories(
    number: int,
) -> None:
    play_round(5_000 + number, ShortGround, histories=CLOCKS["short"], kind="clocks")


@rounds(1)
@pytest.mark.timeout(1_800)
def test_what_crawls_say_of_tags_without_a_digest_is_what_the_hub_held(
    number: int, store: Store, database_url: str
) -> None:
    kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    play_round(6_000 + number, lambda: RealGround(store), histories=OPEN[kind], kind="open")


@rounds(1)
@pytest.mark.timeout(1_800)
def test_what_crawls_say_of_tags_without_a_digest_is_what_the_hub_held_in_many_more_histories(
    number: int,
) -> None:
    play_round(7_000 + number, ShortGround, histories=OPEN["short"], kind="open")


@rounds(1)
@pytest.mark.timeout(1_800)
def test_what_crawls_say_of_old_copies_of_lists_really_happened(
    number: int, store: Store, database_url: str
) -> None:
    kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    play_round(8_000 + number, lambda: RealGround(store), histories=OF_THE_PAST[kind], kind="past")


@rounds(1)
@pytest.mark.timeout(1_800)
def test_what_crawls_say_of_old_copies_of_lists_really_happened_in_many_more_histories(
    number: int,
) -> None:
    play_round(9_000 + number, ShortGround, histories=OF_THE_PAST["short"], kind="past")
