"""An index in memory, and a fixture that runs tests on it and on databases.

It implements the ports of rooms below the store, but not what only commands and the server use:
that is in `indexer.store.Store`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest

from indexer.store import open_store
from tests.support.databases import new_index
from tests.support.memory_archive import MemoryArchive
from tests.support.memory_evaluations import MemoryEvaluationStore
from tests.support.memory_lookup import MemoryLookup
from tests.support.memory_manifests import MemoryManifestStore
from tests.support.memory_outbox import MemoryOutbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from indexer.store import Store

    Index: TypeAlias = "MemoryIndex | Store"

MEMORY = "memory"

EACH_KIND = (
    MEMORY,
    pytest.param("sqlite", marks=pytest.mark.integration),
    pytest.param("postgresql", marks=[pytest.mark.postgresql, pytest.mark.integration]),
)
"""Parameters of a fixture `index`: in memory in a unit test, and in each kind of database."""


class MemoryIndex:
    """See above. Its parts have the same names as those of a `Store`."""

    def __init__(self) -> None:
        self.archive = MemoryArchive()
        self.catalog = MemoryLookup(self.archive)
        self.evaluations = MemoryEvaluationStore(self.archive)
        self.outbox = MemoryOutbox(self.archive, self.evaluations)
        self.manifests = MemoryManifestStore(self.archive)


def opened(kind: str, folder: Path) -> Iterator[Index]:
    """An empty index of a kind, until the fixture that uses this ends."""
    if kind == MEMORY:
        yield MemoryIndex()
        return
    store = open_store(new_index(kind, folder), create=False)
    yield store
    store.close()
