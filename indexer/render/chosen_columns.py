"""`--columns`: only the fields of a record that are named, in that order, in every format."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from indexer.core import humanize
from indexer.core.errors import UsageError
from indexer.core.printable import shown
from indexer.render.column_sets import ColumnSet
from indexer.render.tables import Column, Cut

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

LONGEST_CELL = 1_000
"""Characters of a cell in a table."""

_BYTES = frozenset({"size", "storage_size"})


def chosen(shape: ColumnSet[T], text: str | None) -> ColumnSet[T]:
    """Reduce the values to the fields that are named; None keeps all.

    Args:
        shape: how the values are written.
        text: names of fields, as JSON has them, separated by commas.

    Raises:
        UsageError: there is no field of that name.
    """
    if text is None:
        return shape
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    for name in names:
        if name not in shape.fields:
            known = ", ".join(shape.fields)
            raise UsageError(f"there is no column '{shown(name)}'; there are {known}.")
    return ColumnSet(
        names,
        lambda value: {name: getattr(shape.record(value), name) for name in names},
        tuple(_column(shape, name) for name in names),
    )


def _column(shape: ColumnSet[T], name: str) -> Column[T]:
    for column in shape.columns:
        if column.field == name:
            return column
    field = _reader(shape.record, name)
    return Column(
        f"{name.replace('_', ' ').upper()}",
        lambda value: _cell(name, field(value)),
        right=name in _BYTES,
        cut=Cut.MIDDLE,
        field=name,
    )


def _reader(record: Callable[[T], object], name: str) -> Callable[[T], Any]:
    return lambda value: getattr(record(value), name)


def _cell(name: str, value: Any) -> str:
    """A field as a cell: as in the tables that have a column for it."""
    if value is None:
        return humanize.NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return humanize.short_time(value)
    if isinstance(value, int):
        return humanize.size(value) if name in _BYTES else str(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(shown(str(each), LONGEST_CELL) for each in value) or humanize.NOTHING
    return shown(" ".join(str(value).split()), LONGEST_CELL) or humanize.NOTHING
