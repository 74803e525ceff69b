"""Another program keeps the SQLite file locked for longer than a crawl waits."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import ConfigError
from indexer.store import open_store
from tests.crash.hindered import assert_told, run
from tests.crash.test_kills import is_sound
from tests.crash.world import indexed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from indexer.hub_simulator import Received, Simulator
    from tests.crash.world import World
    from tests.end_to_end.program import Program

LOCKED = "index.db' is locked by another program: try again when that has finished."


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "index.db"


@pytest.fixture
def database_url(file: Path) -> str:
    """Of a crawl that waits for a moment only, where half a minute is the rule."""
    return f"sqlite:///{file}?timeout=0.1"


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Somebody else writes, and does not come to an end."""
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def test_a_database_that_is_locked_cannot_be_crawled_into(program: Program, file: Path) -> None:
    program.good("crawl", "-q")
    with locked(file):
        assert_told(run(program, "crawl", "-q"), LOCKED)
    program.good("crawl", "-q")


def test_a_database_that_is_locked_can_be_asked(program: Program, file: Path) -> None:
    program.good("crawl", "-q")
    before = program.good("repos", "--format", "csv").out
    with locked(file):
        assert program.good("repos", "--format", "csv").out == before


def test_an_index_cannot_be_made_in_a_file_that_is_locked(program: Program, file: Path) -> None:
    with locked(file):
        assert_told(run(program, "crawl", "-q"), LOCKED)
    program.good("crawl", "-q")


def test_a_lock_in_the_middle_of_a_crawl_ends_it_and_keeps_what_was_committed(
    program: Program, simulator: Simulator, world: World, file: Path, database_url: str
) -> None:
    with (
        closing(open_store(database_url, create=True)),
        closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other,
    ):

        def lock(received: Received) -> None:
            if received.number == len(world.state):  # most of it was asked for
                other.execute("BEGIN IMMEDIATE")

        other.execute("PRAGMA busy_timeout = 10000")
        simulator.on_request(lock)
        assert_told(run(program, "crawl", "-q"), LOCKED)
        other.execute("ROLLBACK")
    assert is_sound(f"sqlite:///{file}")
    program.good("crawl", "-q")
    with closing(open_store(database_url, create=False)) as store:
        assert indexed(store) == world.state


@pytest.mark.parametrize("text", ["soon", "-1", "inf", "nan", "1e9"])
def test_an_invalid_number_of_seconds_to_wait_is_refused_with_a_sentence(
    file: Path, text: str
) -> None:
    with pytest.raises(ConfigError, match="its timeout is not a number of seconds"):
        open_store(f"sqlite:///{file}?timeout={text}", create=True)
