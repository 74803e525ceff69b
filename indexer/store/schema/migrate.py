"""The schema's version: which one a database has, and how it gets to ours.

Whether anything is to be done is asked in plain SQL, for Alembic takes longer to load than most
commands run. A migration is one transaction in both databases: a killed one leaves the schema
that was there before.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.core.errors import StoreError
from indexer.core.printable import shown
from indexer.store.database.engine import Database, use_write_ahead_log

if TYPE_CHECKING:
    from alembic.config import Config

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011")
"""Every revision of `migrations/`, oldest first; a test compares the two."""

HEAD = REVISIONS[-1]

COPYING = "copying"
"""Stands for the revision while an index is copied into a database: see `database_copy`."""

_VERSION = "alembic_version"
_OURS = "change_counter"
"""A table that no other program has, of every revision."""

_MIGRATING = 0x1D6E7866
"""The advisory lock of PostgreSQL under which the schema is changed."""


def make_ready(database: Database, *, create: bool) -> None:
    """See that a database has our schema: make it, or bring an older one up to date.

    Args:
        database: which one.
        create: make the schema where there is none.

    Raises:
        StoreError: there is none and none is to be made, or it is newer than this program, or
            it belongs to another.
    """
    found = revision_of(database)
    if found == HEAD:
        return
    if found is None and not create:
        raise StoreError(
            f"there is no index in {database.shown} yet: 'indexer crawl NAMESPACE' makes one."
        )
    _upgrade(database, found)


def upgrade(url: str) -> None:
    """Bring the database at `url` to our schema; make it if there is none.

    Raises:
        StoreError: as `make_ready`.
    """
    with contextlib.closing(Database(url)) as database:
        make_ready(database, create=True)


def current(url: str) -> str:
    """The revision of the schema of the database at `url`.

    Raises:
        StoreError: there is no index, or it cannot be read.
    """
    with contextlib.closing(Database(url)) as database:
        found = revision_of(database)
    if found is None:
        raise StoreError(
            f"there is no index in {database.shown} yet: 'indexer db upgrade' makes one."
        )
    return f"{found} (of this program)" if found == HEAD else f"{found} (this program's: {HEAD})"


def revision_of(database: Database) -> str | None:
    """The revision of a database; None if there is nothing in it at all."""
    if database.file is not None and _is_missing(database.file):
        return None
    with database.reading() as connection:
        return _revision(database, connection)


def _is_missing(file: Path) -> bool:
    """Whether a file is known not to be there: where we may not look, SQLite says so itself."""
    try:
        return not file.exists()
    except OSError:
        return False


def _revision(database: Database, connection: sa.Connection) -> str | None:
    tables = set(sa.inspect(connection).get_table_names())
    found = None
    if _VERSION in tables:
        found = connection.scalar(sa.text(f"SELECT version_num FROM {_VERSION}"))  # noqa: S608 - ours
    if (found is None and tables - {_VERSION}) or (found is not None and _OURS not in tables):
        raise StoreError(
            f"the database {database.shown} belongs to another program: choose another."
        )
    return None if found is None else str(found)


def _upgrade(database: Database, found: str | None) -> None:
    if found == COPYING:
        raise StoreError(
            f"the copy into {database.shown} was not finished: run 'indexer db copy' again."
        )
    if found is not None and found not in REVISIONS:
        raise StoreError(
            f"the database {database.shown} was made by a newer version of this program (schema "
            f"{shown(found, 40)}, this one knows {HEAD}): install the newer version."
        )
    use_write_ahead_log(database)
    from alembic import command  # noqa: PLC0415 - it takes a fifth of a second, and rarely runs

    config = _configuration()
    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATING)))
            connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
            _make_schema(connection)
        found = _revision(database, connection)  # another process may have been here meanwhile
        if found is not None and found != HEAD and database.file is not None:
            _copy(database, database.file.with_name(f"{database.file.name}.before-{HEAD}"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _make_schema(connection: sa.Connection) -> None:
    """Make the schema that the URL puts first in the search path, if there is none on it."""
    if connection.scalar(sa.select(sa.func.current_schema())) is None:
        path = str(connection.scalar(sa.text("SHOW search_path")))
        name = path.partition(",")[0].strip().strip('"')
        connection.execute(sa.schema.CreateSchema(name, if_not_exists=True))


def _copy(database: Database, target: Path) -> None:
    """Keep what was there before: a whole copy, made by SQLite while readers go on.

    Raises:
        StoreError: there is no room for it, or the folder may not be written.
    """
    import sqlite3  # noqa: PLC0415 - the same

    partial = target.with_name(f"{target.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        with database.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            with contextlib.closing(sqlite3.connect(partial)) as copy:
                driver.backup(copy)
        partial.replace(target)
    except (sqlite3.Error, OSError):
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise StoreError(
            f"the schema of the database {database.shown} has to change, and the copy that is kept "
            f"of it, '{shown(target.name)}', cannot be written: make room for it beside the "
            "database, and see that the folder may be written."
        ) from None


def _configuration() -> Config:
    from alembic.config import Config  # noqa: PLC0415 - the same

    package = Path(__file__).resolve().parent.parent.parent
    for home in (package, package.parent):  # an installed wheel, or a checkout
        if (home / "migrations" / "env.py").is_file():
            return Config(home / "alembic.ini")
    raise StoreError("the installation is broken: it lacks its migrations; install it again.")
