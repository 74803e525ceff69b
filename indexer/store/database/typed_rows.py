"""Rows with types: a statement declares its columns, and mypy checks their use.

SQLAlchemy's tables carry no types that mypy could use, so a statement whose rows are read elsewhere
is declared with a `NamedTuple` of its columns:

    class KindCount(NamedTuple):
        kind: int
        number: int

    TALLY = typed(KindCount, sa.select(change.c.kind, sa.func.count().label("number")))

    for row in read(connection, TALLY):
        row.number  # an int

The rows are SQLAlchemy's own, which have the same fields in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

_PARTITION = 1_000
"""Rows that are taken from the driver at a time; one by one takes three times as long."""

Row = TypeVar("Row", bound=tuple[Any, ...])
Scalar = TypeVar("Scalar", str, int)
"""The columns of a row: a `NamedTuple`."""

Value = str | int | float | bytes | bool | None
"""The value of a column or of a parameter."""

Values = Mapping[str, Value | Sequence[Value]]
"""Parameters of a statement, by name; a list for one that expands to several."""

Columns = dict[str, Value]
"""Columns of a row to write, by name."""

Cells = tuple[Value, ...]
"""The values of a row, in the order of a statement's columns."""


def typed(row: type[Row], statement: sa.Select[Any]) -> sa.Select[Row]:
    """Declare the type of a statement's rows.

    Args:
        row: a `NamedTuple`.
        statement: its columns have the names of the fields, in their order.
    """
    names = tuple(statement.selected_columns.keys())
    assert names == getattr(row, "_fields", None), (row, names)
    return statement


def read(
    connection: sa.Connection, statement: sa.Select[Row], values: Values | None = None
) -> list[Row]:
    """All rows of a statement."""
    found: Any = connection.execute(statement, values)
    rows: list[Row] = found.all()
    return rows


def first(
    connection: sa.Connection, statement: sa.Select[Row], values: Values | None = None
) -> Row | None:
    """The first row of a statement; None if it has none."""
    return next(iter(read(connection, statement.limit(1), values)), None)


def stream(
    connection: sa.Connection,
    statement: sa.Select[Row],
    values: Values | None = None,
    size: int | None = None,
) -> Iterator[Row]:
    """Stream the rows of a statement.

    Args:
        connection: to read from.
        statement: a query.
        values: its parameters.
        size: how many rows a server sends at a time; None: all.
    """
    if size is not None:
        statement = statement.execution_options(yield_per=size)
    found: Any = connection.execute(statement, values)
    for rows in found.partitions(size or _PARTITION):
        yield from rows
