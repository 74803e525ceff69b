"""Which tests run in which command.

`make check` runs the unit tests: those of the folders in `UNIT`, except those marked as integration
tests. A unit test opens no database, no connection and no process; one that does fails, and has to
get the mark, so that it runs in `make test` only.

`make test` runs everything except what is marked `nightly`: the same properties on more and larger
examples. `make test-all` (`pytest --nightly`) runs that too, and draws more examples where a test
takes their number from `examples`.
"""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).resolve().parent.parent

UNIT = (
    "bootstrap",
    "cli",
    "config",
    "core",
    "crawl",
    "manifests",
    "notify",
    "pins",
    "policies",
    "ratelimit",
    "render",
    "sources/docker_hub",
)
"""The folders whose tests are unit tests, if they are not marked."""

WORLD = frozenset({"database_url", "empty_database_url", "simulator"})
"""Fixtures that open what a unit test must not: a test that uses one needs no mark."""

OPENING = {
    "sqlite3.connect": "a database",
    "indexer.tests.database": "a database",
    "socket.connect": "a connection",
    "socket.bind": "a server",
    "subprocess.Popen": "a process",
    "os.posix_spawn": "a process",
    "os.fork": "a process",
}
"""Events of Python's audit hooks, and those of `tests.support.databases`."""


class _Night:
    """Whether it is night; set before any module with tests is imported."""

    has_come = False


def add_option(parser: pytest.Parser) -> None:
    """Know `--nightly`."""
    parser.addoption(
        "--nightly", action="store_true", help="run what is marked nightly too: it takes an hour"
    )


def begin(config: pytest.Config) -> None:
    """Know whether it is night."""
    _Night.has_come = config.getoption("nightly")


def examples(by_day: int, *, at_night: int) -> int:
    """How many examples a property is tried with."""
    return at_night if _Night.has_come else by_day


def is_of_no_unit(folder: Path, config: pytest.Config) -> bool | None:
    """Whether to skip a folder because only unit tests are wanted."""
    if config.getoption("markexpr") != "unit" or not folder.is_dir():
        return None
    name = f"{folder.relative_to(TESTS).as_posix()}/"
    near = any(f"{unit}/".startswith(name) or name.startswith(f"{unit}/") for unit in UNIT)
    return None if near or folder == TESTS else True


def select(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the unit tests, and leave out nightly ones without `--nightly`."""
    in_units = {file: in_a_unit(file) for file in {item.path for item in items}}
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        is_marked = item.get_closest_marker("integration") is not None
        if in_units[item.path] and not is_marked and not fixtures & WORLD:
            item.add_marker("unit")
    if not config.getoption("nightly"):
        left = [item for item in items if item.get_closest_marker("nightly")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if not item.get_closest_marker("nightly")]


def in_a_unit(file: Path) -> bool:
    """Whether a file is in one of the folders."""
    return any(file.is_relative_to(TESTS / unit) for unit in UNIT)


class _Watch:
    """Notes what a test opens. It is a singleton, because Python cannot remove audit hooks."""

    def __init__(self) -> None:
        self.opened: set[str] | None = None
        self.older: frozenset[int] = frozenset()
        """Threads that an earlier test left to end by themselves: what they open is not noted."""
        sys.addaudithook(self._hear)

    def _hear(self, event: str, _: tuple[Any, ...]) -> None:
        if self.opened is None or event not in OPENING:
            return
        if threading.get_ident() not in self.older:
            self.opened.add(f"{OPENING[event]} ({event})")


_WATCH = _Watch()


@contextmanager
def opening_nothing() -> Iterator[None]:
    """Fail if a unit test opens what it must not."""
    opened: set[str] = set()
    older = (each.ident for each in threading.enumerate() if each is not threading.main_thread())
    _WATCH.older = frozenset(each for each in older if each is not None)
    _WATCH.opened = opened
    try:
        yield
    finally:
        _WATCH.opened = None
    if opened:
        pytest.fail(
            f"a unit test opened {', '.join(sorted(opened))}: mark it with "
            "@pytest.mark.integration (see tests/support/selection.py)",
            pytrace=False,
        )
