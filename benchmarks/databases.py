"""Databases to measure on: a file, and an embedded PostgreSQL."""

from __future__ import annotations

import atexit
from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchmarks import measure
from tests.support.databases import postgresql_url
from tests.support.session import ENDING

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = ("SQLite", "PostgreSQL")

atexit.register(ENDING.close)  # the server ends with a benchmark as it does with the tests


@contextmanager
def empty(kind: str) -> Iterator[str]:
    """The URL of a new database of a kind."""
    if kind != "SQLite":
        yield postgresql_url()
        return
    with measure.folder() as folder:
        yield f"sqlite:///{folder / 'index.db'}"
