"""The few statements that SQLAlchemy writes for each database by another name."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import sqlalchemy as sa

T = TypeVar("T")

CHUNK = 5_000
"""Values in one IN list; both databases take some 32,000 parameters."""


def insert(connection: sa.Connection, table: sa.Table) -> Any:
    """An INSERT that knows ON CONFLICT. `Any`: the two dialects share no class that does."""
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The values, so many at a time as one statement takes."""
    rest = iter(values)
    while chunk := list(itertools.islice(rest, size)):
        yield chunk
