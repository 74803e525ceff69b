"""Which tests run when.

`make check` runs the unit tests: those of the folders in `UNIT`, but for what is marked as an
integration test there. A unit test opens no database, no connection and no process, and one that
does fails and says so: it gets the mark, and runs with all others in `make test`.

`make test` runs everything but what is marked `nightly`: the same questions asked of more and
larger worlds. `make test-all` (`pytest --nightly`) runs that too.
"""

from __future__ import annotations

import sys
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
"""Fixtures that open what a unit test must not: whoever asks for one needs no mark."""

OPENING = {
    "sqlite3.connect": "a database",
    "indexer.tests.database": "a database",
    "socket.connect": "a connection",
    "socket.bind": "a server",
    "subprocess.Popen": "a process",
    "os.posix_spawn": "a process",
    "os.fork": "a process",
}
"""What Python tells an audit hook, and `tests.support.databases` with it."""


def add_option(parser: pytest.Parser) -> None:
    """Know `--nightly`."""
    parser.addoption(
        "--nightly", action="store_true", help="run what is marked nightly too: it takes an hour"
    )


def is_of_no_unit(folder: Path, config: pytest.Config) -> bool | None:
    """Whether a folder need not be looked at, for only unit tests are wanted."""
    if config.getoption("markexpr") != "unit" or not folder.is_dir():
        return None
    name = f"{folder.relative_to(TESTS).as_posix()}/"
    near = any(f"{unit}/".startswith(name) or name.startswith(f"{unit}/") for unit in UNIT)
    return None if near or folder == TESTS else True


def select(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the unit tests, and leave those for the night if it is not night."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        is_marked = item.get_closest_marker("integration") is not None
        if in_a_unit(item.path) and not is_marked and not fixtures & WORLD:
            item.add_marker("unit")
    if not config.getoption("nightly"):
        left = [item for item in items if item.get_closest_marker("nightly")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if not item.get_closest_marker("nightly")]


def in_a_unit(file: Path) -> bool:
    """Whether a file is in one of the folders."""
    return any(file.is_relative_to(TESTS / unit) for unit in UNIT)


class _Watch:
    """Notes what is opened while somebody wants to know. Python keeps audit hooks for ever."""

    def __init__(self) -> None:
        self.opened: set[str] | None = None
        sys.addaudithook(self._hear)

    def _hear(self, event: str, _: tuple[Any, ...]) -> None:
        if self.opened is not None and event in OPENING:
            self.opened.add(f"{OPENING[event]} ({event})")


_WATCH = _Watch()


@contextmanager
def opening_nothing() -> Iterator[None]:
    """Fail if a unit test opens what it must not."""
    opened: set[str] = set()
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
