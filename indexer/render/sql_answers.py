"""Rows whose columns are known only when they come: answers to questions in SQL."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

from indexer.core import humanize
from indexer.core.printable import shown
from indexer.render.column_sets import ColumnSet
from indexer.render.formats import AnswerFormat, Format
from indexer.render.output import write
from indexer.render.tables import Column

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TextIO

    from indexer.catalog.sql_reports import Value

    Row = tuple[Value, ...]

_ROWS_JUDGED = 100
"""Rows that decide whether a column holds numbers."""

_LONGEST_CELL = 10_000
"""Characters of a cell in a table."""


def write_answer(
    names: Sequence[str],
    rows: Iterable[Row],
    form: AnswerFormat,
    out: TextIO,
    width: int | None,
) -> int:
    """Write the rows and return how many there were.

    Args:
        names: of the columns, each another one.
        rows: drawn as they are written; as Parquet they are held in memory first.
        form: Parquet goes to the bytes behind `out`.
        out: the standard output.
        width: of the terminal; None if it is none.

    Raises:
        UsageError: what Parquet needs is missing.
    """
    if form is AnswerFormat.PARQUET:
        from indexer.render import parquet  # noqa: PLC0415 - it is optional

        held = list(rows)
        parquet.write(names, parquet.kinds_of(names, held), held, out.buffer)
        return len(held)
    stream = iter(rows)
    first = list(islice(stream, _ROWS_JUDGED))
    shape = ColumnSet(
        tuple(names),
        lambda row: dict(zip(names, row, strict=True)),
        tuple(_column(name, place, first) for place, name in enumerate(names)),
    )
    return write(chain(first, stream), shape, Format(form.value), out, width)


def _column(name: str, place: int, first: Sequence[Row]) -> Column[Row]:
    values = [row[place] for row in first if row[place] is not None]
    return Column(
        shown(name, 100),
        lambda row: _text(row[place]),
        right=bool(values) and not any(isinstance(value, str) for value in values),
        folds=True,
    )


def _text(value: Value) -> str:
    return humanize.NOTHING if value is None else shown(str(value), _LONGEST_CELL)
