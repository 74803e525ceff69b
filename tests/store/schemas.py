"""Schemas of databases, migrated and compared, outside of the program."""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic.config import Config

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent.parent


def alembic_of_the_checkout() -> Config:
    return Config(ROOT / "alembic.ini")


@contextmanager
def connected(url: str) -> Iterator[sa.Connection]:
    """A connection of our own, in a transaction."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def execute(url: str, *statements: str) -> None:
    with connected(url) as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def revision(url: str) -> str | None:
    """What the database itself says of its schema."""
    with connected(url) as connection:
        found = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


_SQLITE = ("SELECT type, name, tbl_name, sql FROM sqlite_master",)
_POSTGRESQL = (
    """
    SELECT table_name, column_name, data_type, collation_name, column_default, is_nullable
    FROM information_schema.columns WHERE table_schema = 'public'
    """,
    "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
    """,
    "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'",
)


def described(url: str) -> list[tuple[str, ...]]:
    """Everything that is in a database's schema, in a fixed order."""
    with connected(url) as connection:
        queries = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL
        rows = [row for query in queries for row in connection.execute(sa.text(query))]
    return sorted(tuple(_plain(str(part)) for part in row) for row in rows)


def _plain(text: str) -> str:
    """DDL without what means nothing: quotes, white space, and the order of a table's lines."""
    text = re.sub(r"\s+", " ", text.replace('"', "")).strip()
    head, _, body = text.partition("(")
    if not head.startswith("CREATE TABLE"):
        return text
    lines = sorted(line.strip() for line in _split(body.removesuffix(")")))
    return f"{head}({', '.join(lines)})"


def _split(body: str) -> list[str]:
    """Divide at the commas that no brackets enclose."""
    depth, lines = 0, [""]
    for sign in body:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and not depth:
            lines.append("")
        else:
            lines[-1] += sign
    return lines
