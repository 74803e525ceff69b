"""Rows with types: a statement says which columns it gives, and mypy follows them.

SQLAlchemy's tables carry no types that mypy could use, so a statement whose rows are read elsewhere
is declared with a `NamedTuple` of its columns:

    class KindCount(NamedTuple):
        kind: int
        number: int

    TALLY = typed(KindCount, sa.select(change.c.kind, sa.func.count().label("number")))

    for row in read(connection, TALLY):
        row.number  # an int

What comes are SQLAlchemy's own rows, which have the same fields in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

Row = TypeVar("Row", bound=tuple[Any, ...])
"""The columns of a row: a `NamedTuple`."""

Value = str | int | float | bytes | bool | None
"""What a column holds, and what a parameter may be."""

Values = Mapping[str, Value | Sequence[Value]]
"""Parameters of a statement, by name; a list where one expands to several."""

Columns = dict[str, Value]
"""Columns of a row that is written, by name."""

Cells = tuple[Value, ...]
"""Columns of a row, in the order of a statement."""


def typed(row: type[Row], statement: sa.Select[Any]) -> sa.Select[Row]:
    """A statement that gives such rows.

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
    """The first row of a statement; None: it has none."""
    return next(iter(read(connection, statement.limit(1), values)), None)


def stream(
    connection: sa.Connection,
    statement: sa.Select[Row],
    values: Values | None = None,
    size: int | None = None,
) -> Iterator[Row]:
    """The rows of a statement as they come; fetched `size` at a time where that is given."""
    if size is not None:
        statement = statement.execution_options(yield_per=size)
    found: Any = connection.execute(statement, values)
    yield from found
