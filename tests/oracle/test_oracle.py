"""The promise of the documentation, checked on random histories.

The histories are the same in every run, so that nothing fails by chance; `tests.oracle.soak` looks
for others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from indexer.store import open_store
from tests.oracle.grounds import RealGround, ShortGround
from tests.oracle.rounds import play_round
from tests.support.selection import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.store import Store
    from tests.oracle.rounds import KindName

ROUNDS = range(8)
"""Enough for two workers to share them; by day one or two of them are played."""


class Kind(NamedTuple):
    """A kind of history, and how many of it are played in a round."""

    name: KindName
    seed: int
    """Of the first round."""
    sqlite: int
    postgresql: int
    memory: int
    rounds_by_day: int = 1


KINDS = (
    Kind(
        "plain",
        0,
        examples(5, at_night=150),
        examples(3, at_night=100),
        examples(40, at_night=500),
        2,
    ),
    Kind(
        "capped",
        2_000,
        examples(2, at_night=63),
        examples(2, at_night=63),
        examples(15, at_night=250),
    ),
    Kind(
        "clocks",
        4_000,
        examples(2, at_night=60),
        examples(1, at_night=40),
        examples(10, at_night=250),
    ),
    Kind(
        "open",
        6_000,
        examples(3, at_night=50),
        examples(2, at_night=50),
        examples(25, at_night=300),
    ),
    Kind(
        "past",
        8_000,
        examples(2, at_night=60),
        examples(1, at_night=40),
        examples(20, at_night=1_000),
    ),
)

EACH_ROUND = pytest.mark.parametrize(
    ("kind", "number"),
    [
        pytest.param(
            kind,
            number,
            id=f"{kind.name}-{number}",
            marks=[] if number < kind.rounds_by_day else [pytest.mark.nightly],
        )
        for kind in KINDS
        for number in ROUNDS
    ],
)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = open_store(database_url, create=False)
    yield store
    store.close()


@EACH_ROUND
@pytest.mark.timeout(1_800)
def test_what_crawls_say_is_what_the_hub_held(
    kind: Kind, number: int, store: Store, database_url: str
) -> None:
    """One index for all of them; each has a namespace of its own in it."""
    histories = kind.sqlite if database_url.startswith("sqlite") else kind.postgresql
    play_round(kind.seed + number, lambda: RealGround(store), histories=histories, kind=kind.name)


@EACH_ROUND
@pytest.mark.timeout(1_800)
def test_what_crawls_say_is_what_the_hub_held_in_many_more_histories(
    kind: Kind, number: int
) -> None:
    """The same without a database."""
    play_round(kind.seed + 1_000 + number, ShortGround, histories=kind.memory, kind=kind.name)
