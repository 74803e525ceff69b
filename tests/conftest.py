from __future__ import annotations

import logging
import signal
from typing import TYPE_CHECKING

import pytest

from tests.support.databases import postgresql_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # What is started in the background ignores Ctrl-C, and so would the programs under test.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A command that ran within a test's process leaves its way of logging to no other test."""
    log = logging.getLogger("indexer")
    level, propagate, handlers = log.level, log.propagate, log.handlers[:]
    yield
    log.setLevel(level)
    log.propagate, log.handlers[:] = propagate, handlers


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new, empty database, of each kind that there is."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'index.db'}"
    return postgresql_url()
