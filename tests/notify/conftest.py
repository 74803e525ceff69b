from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.store import open_store
from tests.notify.stage import FakeClock
from tests.store.scribe import Scribe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.store import Store


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty index in a new database, of each kind that there is."""
    store = open_store(database_url, create=False)
    yield store
    store.close()


@pytest.fixture
def scribe(store: Store) -> Scribe:
    return Scribe(store.archive)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()
