"""Finds the schema version of a database, and migrates it to ours.

Whether a migration is needed is checked in plain SQL, because Alembic takes longer to load than
most commands run. A migration is one transaction in both databases: if it is killed, the old
schema is still there.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.core import private_file
from indexer.core.errors import StoreError
from indexer.core.printable import shown
from indexer.store.database.engine import Database, use_write_ahead_log

if TYPE_CHECKING:
    from alembic.config import Config

REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
    "0017",
    "0018",
    "0019",
    "0020",
    "0021",
    "0022",
    "0023",
    "0024",
    "0025",
    "0026",
    "0027",
    "0028",
    "0029",
    "0030",
    "0031",
    "0032",
    "0033",
    "0034",
    "0035",
    "0036",
    "0037",
    "0038",
)
"""Every revision of `migrations/`, oldest first; a test compares the two."""

HEAD = REVISIONS[-1]

COPYING = "copying"
"""Takes the revision's place while an index is copied into a database: see `database_copy`."""

_VERSION = "alembic_version"
_OURS = "change_counter"
"""A table in every revision of our schema, and in no other program's."""

_MIGRATING = 0x1D6E7866
"""PostgreSQL's advisory lock for changing the schema."""


def make_ready(database: Database, *, create: bool) -> None:
    """Create the schema in a database, or migrate an older one.

    Args:
        database: the database.
        create: create the schema if there is none.

    Raises:
        StoreError: there is no schema and `create` is False, or it is newer than this program,
            or it belongs to another program.
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
    """Migrate the database at `url` to our schema; create it if there is none.

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
    """The revision of a database; None if it is empty."""
    if database.file is not None and _is_missing(database.file):
        return None
    with database.reading() as connection:
        return _revision(database, connection)


def _is_missing(file: Path) -> bool:
    """Whether a file is known not to exist; without permission to look SQLite reports it later."""
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
    if database.file is not None:
        # Where it cannot be created, SQLite says why.
        with contextlib.suppress(OSError):
            private_file.create(database.file)
    use_write_ahead_log(database)
    from alembic import command  # noqa: PLC0415 - it takes a fifth of a second, and rarely runs

    config = _configuration()
    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATING)))
            connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
            _make_schema(connection)
        found = _revision(database, connection)  # another process may have migrated meanwhile
        if found is not None and found != HEAD and database.file is not None:
            _copy(database, database.file.with_name(f"{database.file.name}.before-{HEAD}"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _make_schema(connection: sa.Connection) -> None:
    """Create the schema that comes first in the search path, if it does not exist."""
    if connection.scalar(sa.select(sa.func.current_schema())) is None:
        path = str(connection.scalar(sa.text("SHOW search_path")))
        name = path.partition(",")[0].strip().strip('"')
        connection.execute(sa.schema.CreateSchema(name, if_not_exists=True))


def _copy(database: Database, target: Path) -> None:
    """Keep a copy of the database before a migration, made by SQLite while readers go on.

    Raises:
        StoreError: there is no space for it, or the folder is not writable.
    """
    import sqlite3  # noqa: PLC0415 - the same

    partial = target.with_name(f"{target.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        private_file.create(partial, like=database.file)
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
    for folder in (package, package.parent):  # an installed wheel, or a checkout
        if (folder / "migrations" / "env.py").is_file():
            return Config(folder / "alembic.ini")
    raise StoreError("the installation is broken: it lacks its migrations; install it again.")
