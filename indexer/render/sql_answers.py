"""Writes the rows that a query in SQL returned."""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING

from indexer.core import humanize
from indexer.core.printable import shown
from indexer.render.column_sets import ColumnSet
from indexer.render.formats import AnswerFormat, Format
from indexer.render.output import write
from indexer.render.tables import Column, Cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TextIO

    from indexer.catalog.sql_reports import Value

    Row = tuple[Value, ...]

_ROWS_JUDGED = 100
"""How many first rows decide whether a column holds numbers."""

_DIGEST = re.compile("sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})", re.ASCII)

LEAST_OF_SQL = 12
"""What every column of an answer keeps of a narrow terminal: the query chose them all."""

_LONGEST_CELL = 10_000
"""The most characters of a cell in a table."""


def write_answer(
    names: Sequence[str],
    rows: Iterable[Row],
    form: AnswerFormat,
    out: TextIO,
    width: int | None,
    left_out: list[str] | None = None,
) -> int:
    """Write the rows and return how many there were.

    Args:
        names: the names of the columns; no two are the same.
        rows: consumed one by one; for Parquet all are held in memory first.
        form: the format; Parquet is written to the binary buffer of `out`.
        out: the standard output.
        width: columns of the terminal; None if the output is not a terminal.
        left_out: takes the columns that a narrow terminal has no room for.

    Raises:
        UsageError: pyarrow, which Parquet needs, is not installed.
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
    return write(chain(first, stream), shape, Format(form.value), out, width, left_out)


def _column(name: str, place: int, first: Sequence[Row]) -> Column[Row]:
    values = [row[place] for row in first if row[place] is not None]
    return Column(
        shown(name, 100),
        lambda row: _text(row[place]),
        lambda row: _short(row[place]),
        right=bool(values) and not any(isinstance(value, str) for value in values),
        cut=Cut.MIDDLE,
        least=LEAST_OF_SQL,
    )


def _short(value: Value) -> str:
    """A cell for a narrow terminal: of a digest its first digits."""
    is_long = isinstance(value, str) and _DIGEST.fullmatch(value) is not None
    return humanize.short_digest(str(value)) if is_long else _text(value)


def _text(value: Value) -> str:
    return humanize.NOTHING if value is None else shown(str(value), _LONGEST_CELL)
