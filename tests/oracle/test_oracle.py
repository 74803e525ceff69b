"""The promise of the documentation, held against random histories.

The histories are the same in every run, so that nothing fails by chance; `tests.oracle.soak` looks
for others.
"""

from __future__ import annotations

import os
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

IN_CI = bool(os.environ.get("CI"))
EACH = {"sqlite": 150 if IN_CI else 8, "postgresql": 100 if IN_CI else 4}
"""Histories of a round on real databases: 2,000 in all in CI."""

SHORT = 500 if IN_CI else 50
"""Histories of a round on the short way."""


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = open_store(database_url, create=False)
    yield store
    store.close()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("number", range(ROUNDS))
def test_what_crawls_say_is_what_the_hub_held(number: int, store: Store, database_url: str) -> None:
    """One index for all of them; each has a namespace of its own in it."""
    kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    play_round(number, lambda: RealGround(store), histories=EACH[kind])


@pytest.mark.timeout(900)
@pytest.mark.parametrize("number", range(1_000, 1_000 + ROUNDS))
def test_what_crawls_say_is_what_the_hub_held_in_many_more_histories(number: int) -> None:
    play_round(number, ShortGround, histories=SHORT)
