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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.store import Store

ROUNDS = 8
"""Enough for two workers to share them."""

BY_DAY = {"sqlite": 8, "postgresql": 4, "short": 50}
"""Histories of a round, on real databases and on the short way."""

BY_NIGHT = {"sqlite": 150, "postgresql": 100, "short": 500}
"""2,000 in all on real databases, and 4,000 on the short way."""

each_amount = pytest.mark.parametrize(
    "amounts",
    [
        pytest.param(BY_DAY, id="by-day"),
        pytest.param(BY_NIGHT, id="by-night", marks=pytest.mark.nightly),
    ],
)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = open_store(database_url, create=False)
    yield store
    store.close()


@each_amount
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("number", range(ROUNDS))
def test_what_crawls_say_is_what_the_hub_held(
    number: int, amounts: dict[str, int], store: Store, database_url: str
) -> None:
    """One index for all of them; each has a namespace of its own in it."""
    kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    play_round(number, lambda: RealGround(store), histories=amounts[kind])


@each_amount
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("number", range(1_000, 1_000 + ROUNDS))
def test_what_crawls_say_is_what_the_hub_held_in_many_more_histories(
    number: int, amounts: dict[str, int]
) -> None:
    play_round(number, ShortGround, histories=amounts["short"])
