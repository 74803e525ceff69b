from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from indexer.hub_simulator import Simulator
from tests.crash.world import NAMESPACE, World
from tests.end_to_end.program import Program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFIGURATION = """\
[[registry]]
hub_url = "{url}"
namespaces = ["{namespace}"]
"""


@pytest.fixture
def chance() -> random.Random:
    """Chance, from the seed that pytest prints at its head (`--randomly-seed` repeats it)."""
    return random.Random(random.getrandbits(64))  # noqa: S311 - no secret


@pytest.fixture
def world(chance: random.Random) -> World:
    return World(chance)


@pytest.fixture
def simulator(world: World) -> Iterator[Simulator]:
    with Simulator(world.hub) as simulator:
        yield simulator


@pytest.fixture
def database_url(empty_database_url: str) -> str:
    """A database without a schema: the programs make their index, and may be killed at that."""
    return empty_database_url


@pytest.fixture
def program(simulator: Simulator, tmp_path: Path, database_url: str) -> Program:
    """The command, configured to crawl the world into each kind of database."""
    folder = tmp_path / "here"
    folder.mkdir()
    text = CONFIGURATION.format(url=simulator.url, namespace=NAMESPACE)
    (folder / "indexer.toml").write_text(text, encoding="utf-8")
    return Program(folder, INDEXER_DATABASE_URL=database_url, INDEXER_CONFIG="indexer.toml")
