from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.support import query_plans, selection
from tests.support.databases import KINDS, empty_database, new_index
from tests.support.logging_state import logging_as_it_was
from tests.support.memory_index import EACH_KIND, opened
from tests.support.session import ENDING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.memory_index import Index


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # What is started in the background ignores Ctrl-C, and so would the programs under test.
    signal.signal(signal.SIGINT, signal.default_int_handler)


# How long an example takes depends on what else the machine does.
settings.register_profile(
    "any machine", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    selection.add_option(parser)


def pytest_configure(config: pytest.Config) -> None:
    selection.begin(config)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return selection.is_of_no_unit(collection_path, config)


@pytest.hookimpl(tryfirst=True)  # before -m selects by the marks that this gives
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    selection.select(config, items)


def pytest_sessionfinish() -> None:
    ENDING.close()


@pytest.fixture(autouse=True)
def unit_tests_open_nothing(request: pytest.FixtureRequest) -> Iterator[None]:
    """See `tests.support.selection`."""
    if request.node.get_closest_marker("unit") is None:
        yield
        return
    with selection.opening_nothing():
        yield


@pytest.fixture(autouse=True)
def every_statement_is_served_by_an_index() -> Iterator[None]:
    """See `tests.support.query_plans`."""
    yield
    scans = query_plans.STATEMENTS.scans()
    assert not scans, "not in tests/support/permitted_scans.py:\n" + "\n".join(map(str, scans))


@pytest.fixture(autouse=True)
def log_stays_as_it_was() -> Iterator[None]:
    """A command that ran within a test's process leaves its way of logging to no other test."""
    with logging_as_it_was():
        yield


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new index with nothing in it, in each kind of database that there is."""
    return new_index(request.param, tmp_path)


@pytest.fixture(params=EACH_KIND)
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    """A new index with nothing in it: in memory, and in each kind of database that there is."""
    yield from opened(request.param, tmp_path)


@pytest.fixture(params=KINDS)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new database without a schema, of each kind that there is."""
    return empty_database(request.param, tmp_path)
