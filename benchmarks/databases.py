"""Databases to measure on: a file, and an embedded PostgreSQL with the settings of production."""

from __future__ import annotations

import atexit
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from benchmarks import measure
from tests.support.databases import NEEDLESS, postgresql_server, postgresql_url
from tests.support.session import ENDING

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = ("SQLite", "PostgreSQL")

atexit.register(ENDING.close)  # the server ends with a benchmark as it does with the tests


@contextmanager
def empty(kind: str) -> Iterator[str]:
    """The URL of a new database of a kind."""
    if kind != "SQLite":
        _make_safe()
        yield postgresql_url()
        return
    with measure.folder() as folder:
        yield f"sqlite:///{folder / 'index.db'}"


@cache
def _make_safe() -> None:
    """Turn on again what tests do without: so commits survive a crash of the machine."""
    with psycopg.connect(postgresql_server().get_uri(), autocommit=True) as connection:
        for setting in NEEDLESS:
            connection.execute(sql.SQL("ALTER SYSTEM RESET {}").format(sql.Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")
