from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.store import open_store
from tests.store.scribe import Scribe
from tests.support.databases import KINDS, new_index
from tests.support.memory_archive import MemoryArchive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from indexer.crawl.ports import Archive
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


@pytest.fixture(params=["memory", *KINDS])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    """An empty archive of each kind that there is, the tests' own among them."""
    if request.param == "memory":
        yield MemoryArchive()
        return
    store = open_store(new_index(request.param, tmp_path), create=False)
    yield store.archive
    store.close()
