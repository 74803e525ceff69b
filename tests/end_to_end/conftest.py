from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.hub_simulator import Hub, Simulator
from tests.end_to_end.program import Program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFIGURATION = """\
[[registry]]
hub_url = "{url}"
namespaces = ["acme"]
"""


def a_team() -> Hub:
    """A hub on which a team has three repositories."""
    hub = Hub()
    for name, tags in (("acme/api", 5), ("acme/web", 3), ("acme/worker", 2)):
        hub.add_repository(name, description=f"This is {name}")
        for number in range(tags):
            hub.push(name, f"1.{number}")
    return hub


def configured(folder: Path, simulator: Simulator) -> Program:
    """The command in a folder with a configuration that leads to the simulator."""
    folder.mkdir()
    (folder / "indexer.toml").write_text(CONFIGURATION.format(url=simulator.url), encoding="utf-8")
    return Program(folder)


@pytest.fixture
def hub() -> Hub:
    return a_team()


@pytest.fixture
def simulator(hub: Hub) -> Iterator[Simulator]:
    with Simulator(hub) as simulator:
        yield simulator


@pytest.fixture
def database_url(empty_database_url: str) -> str:
    """A database without a schema: the programs make their index."""
    return empty_database_url


@pytest.fixture
def program(simulator: Simulator, tmp_path: Path) -> Program:
    return configured(tmp_path / "here", simulator)


@pytest.fixture
def crawled(program: Program, simulator: Simulator) -> Program:
    """The same after its first crawl."""
    program.good("crawl", "-q")
    simulator.clear()
    return program
