from __future__ import annotations

import shutil
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from indexer.store import open_store
from indexer.web.access_rules import AccessRules
from tests.support.databases import sqlite_index
from tests.web.content import two_days
from tests.web.serving import OWNER, Running, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from indexer.store import Store

READ_ONLY = AccessRules(tokens=(OWNER,))
"""Without hooks: there is no request that writes."""


@pytest.fixture(autouse=True)
def _a_minute_later(request: pytest.FixtureRequest) -> Iterator[None]:
    """The wrong tokens that a test sent do not slow down the next test of the same site."""
    yield
    for value in request.node.funcargs.values():
        if isinstance(value, Running):
            value.clock.seconds += 60


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Store]:
    """An empty index in SQLite; `tests/store` asks both databases the same."""
    with closing(open_store(sqlite_index(tmp_path / "index.db"), create=False)) as store:
        yield store


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with what `index` holds, to be copied."""
    file = tmp_path_factory.mktemp("told") / "index.db"
    with closing(open_store(sqlite_index(file), create=False)) as store:
        two_days(store)
    return file


@pytest.fixture
def index(told: Path, tmp_path: Path) -> Iterator[Store]:
    """The test's own copy of what `tests.web.content` tells."""
    with closing(_copied(told, tmp_path)) as store:
        yield store


@pytest.fixture(scope="module")
def site(told: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A site over what `index` holds too, for the tests of a module that only read."""
    with (
        closing(_copied(told, tmp_path_factory.mktemp("site"))) as store,
        running(store, READ_ONLY) as served,
    ):
        yield served


@pytest.fixture(scope="module")
def closed_site(told: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The same, but closed to who has not the token."""
    rules = AccessRules(tokens=(OWNER,), closed=True)
    with (
        closing(_copied(told, tmp_path_factory.mktemp("closed"))) as store,
        running(store, rules) as served,
    ):
        yield served


@pytest.fixture
def own_site(index: Store) -> Iterator[Running]:
    """A site over `index`, for a test that changes it, or counts what is asked; it has hooks."""
    with running(index) as served:
        yield served


def _copied(file: Path, folder: Path) -> Store:
    copy = folder / "index.db"
    shutil.copyfile(file, copy)
    return open_store(f"sqlite:///{copy}", create=False)
