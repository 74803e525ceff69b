"""The promise of the documentation, held against random histories on real databases.

The histories are the same in every run, so that nothing fails by chance; `tests.oracle.soak` looks
for others.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from indexer.store import open_store
from tests.oracle.rounds import play_round

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.store import Store

ROUNDS = 8
"""Enough for two workers to share them, on each database."""

EACH = (
    {"sqlite": 150, "postgresql": 100} if os.environ.get("CI") else {"sqlite": 8, "postgresql": 4}
)
"""Histories of a round: 2,000 in all in CI."""


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = open_store(database_url, create=True)
    yield store
    store.close()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("number", range(ROUNDS))
def test_what_crawls_say_is_what_the_hub_held(number: int, store: Store, database_url: str) -> None:
    play_round(number, store, histories=EACH[database_url.partition(":")[0].partition("+")[0]])
