"""Write many values in one of the formats, as they come."""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from indexer.core.printable import shown
from indexer.render.formats import Format
from indexer.render.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

    from indexer.render.column_sets import ColumnSet

T = TypeVar("T")

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for a formula at the start of a cell (OWASP, CSV injection)."""

_LONGEST_CELL = 32_767
"""Characters: what spreadsheets take."""

_NOT_PLAIN = re.compile(r"[^\x00-\x7e]+")
"""What JSON in ASCII writes as `\\uXXXX`: all that is not ASCII, and the control character DEL."""

_encode = msgspec.json.Encoder().encode


def write(
    values: Iterable[T], shape: ColumnSet[T], form: Format, out: TextIO, width: int | None
) -> int:
    """Write the values and return how many there were.

    Args:
        values: drawn as they are written, so that any number of them fits.
        shape: their fields and columns.
        form: `json` is one array, with a record on each line.
        out: the standard output.
        width: of the terminal; None if it is none.
    """
    counted = _Counted(values)
    if form is Format.TABLE:
        out.writelines(f"{line}\n" for line in table(counted, shape.columns, width))
    elif form is Format.JSON:
        _write_array(counted, shape, out)
    elif form is Format.JSONL:
        out.writelines(f"{as_json(shape.record(value))}\n" for value in counted)
    else:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(shape.fields)
        records = (msgspec.to_builtins(shape.record(value)) for value in counted)
        writer.writerows(map(cell, record.values()) for record in records)
    return counted.number


def as_json(record: object, indent: int = 0) -> str:
    """A record as JSON in ASCII: no terminal and no encoding can be hurt by it.

    Args:
        record: what msgspec encodes: a `Struct`, a dataclass, or values of Python.
        indent: spaces for each level of an object on several lines; 0: all on one line.
    """
    try:
        text = msgspec.json.format(_encode(record), indent=indent).decode()
    except UnicodeEncodeError:  # half a character: a name of a file that is no UTF-8
        return json.dumps(msgspec.to_builtins(record), indent=indent or None)
    return _NOT_PLAIN.sub(lambda found: json.dumps(found[0])[1:-1], text)


def cell(value: Any) -> str:
    """A value as a cell of a CSV file: empty for null, and nothing that a spreadsheet runs."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return " ".join(
            cell(item["platform"] if isinstance(item, dict) else item) for item in value
        )
    if not isinstance(value, str):
        return str(value)
    # Judged before it is cleaned: a tab in front makes a formula too.
    quote = "'" if value.startswith(_FORMULA) else ""
    return quote + shown(value, _LONGEST_CELL)


def _write_array(values: Iterable[T], shape: ColumnSet[T], out: TextIO) -> None:
    separator = "["
    for value in values:
        out.write(f"{separator}\n{as_json(shape.record(value))}")
        separator = ","
    out.write("[]\n" if separator == "[" else "\n]\n")


class _Counted(Generic[T]):
    """Values that are counted as they are drawn."""

    def __init__(self, values: Iterable[T]) -> None:
        self._values = values
        self.number = 0

    def __iter__(self) -> Iterator[T]:
        for value in self._values:
            self.number += 1
            yield value
