"""Grants a role of PostgreSQL the right to read the index, and checks that it can do no more."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.core.errors import StoreError, UsageError
from indexer.core.printable import shown
from indexer.store.database.engine import Database

if TYPE_CHECKING:
    from collections.abc import Sequence

_SCHEMA_VERSION = "alembic_version"
"""Tells a reader whether the index has this program's schema; needed with views alone too."""

_ROLE = sa.text("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = :role")
_RELATIONS = sa.text(
    "SELECT relname, relkind = 'v' FROM pg_catalog.pg_class"
    " WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v')"
    " ORDER BY relname"
)
_MAY = sa.text(
    "SELECT has_table_privilege(:role, format('%I.%I', current_schema(), CAST(:name AS text)),"
    " CAST(:rights AS text))"
)
_WRITING = "INSERT, UPDATE, DELETE, TRUNCATE"


class Granted(NamedTuple):
    """What a role may read: how many tables and views, in which schema."""

    schema: str
    tables: int
    views: int


def grant_reader(url: str, role: str, *, views_only: bool = False) -> Granted:
    """Let a role read the index, all that an upgrade adds later included; in one transaction.

    Args:
        url: of the index, as its owner.
        role: an existing role.
        views_only: only the views (`report_…`), and no table.

    Raises:
        UsageError: the index is in SQLite, or the role is unknown or may do more than read.
        StoreError: the user of `url` may not grant it, or the database failed.
    """
    with closing(Database(url)) as database:
        if database.is_sqlite:
            raise UsageError(
                "SQLite has no roles: who may read the file may read the index. Give the group "
                "of the readers the right to read it ('chmod 640')."
            )
        with database.writing() as connection:
            _check_role(connection, role)
            return _grant(connection, role, database.shown, views_only=views_only)


def _check_role(connection: sa.Connection, role: str) -> None:
    is_superuser = connection.execute(_ROLE, {"role": role}).scalar()
    if is_superuser is None:
        raise UsageError(
            f"the server has no role '{shown(role, 60)}': create it first, with "
            f"'CREATE ROLE {shown(role, 60)} LOGIN', or check the spelling."
        )
    if is_superuser:
        raise UsageError(f"'{shown(role, 60)}' is a superuser and may write all: name another.")


def _grant(connection: sa.Connection, role: str, where: str, *, views_only: bool) -> Granted:
    relations = connection.execute(_RELATIONS).all()
    names = [name for name, is_view in relations if is_view or not views_only]
    if _SCHEMA_VERSION not in {name for name, _ in relations}:
        raise StoreError(f"there is no index in {where} yet: 'indexer db upgrade' makes one.")
    if views_only:
        names.append(_SCHEMA_VERSION)
    quoted = connection.dialect.identifier_preparer.quote
    schema = str(connection.execute(sa.text("SELECT current_schema()")).scalar())
    to = quoted(role)
    statements = [f"GRANT USAGE ON SCHEMA {quoted(schema)} TO {to}"]
    statements += [f"GRANT SELECT ON {quoted(schema)}.{quoted(name)} TO {to}" for name in names]
    if not views_only:
        statements.append(
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA {quoted(schema)} GRANT SELECT ON TABLES TO {to}"
        )
    for statement in statements:
        connection.exec_driver_sql(statement)  # the names have their % doubled
    _check_rights(connection, role, names, [name for name, _ in relations])
    views = sum(is_view for _, is_view in relations)
    return Granted(schema, len(names) - views, views)


def _check_rights(
    connection: sa.Connection, role: str, readable: Sequence[str], every: Sequence[str]
) -> None:
    """Check what the role may do now: a GRANT of somebody else than the owner only warns."""

    def may(name: str, rights: str) -> bool:
        values = {"role": role, "name": name, "rights": rights}
        return bool(connection.execute(_MAY, values).scalar())

    for name in readable:
        if not may(name, "SELECT"):
            raise StoreError(
                f"'{shown(role, 60)}' may still not read {name}: only the owner of the tables can "
                "grant it. Run this as the owner."
            )
    for name in every:
        if may(name, _WRITING):
            raise UsageError(
                f"'{shown(role, 60)}' may write to {name}, so it is more than a reader: name "
                "another, or revoke that right."
            )
