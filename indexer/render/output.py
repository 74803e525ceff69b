"""Writes values in one of the formats, one by one as they arrive."""

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
"""Beginnings of a cell that a spreadsheet reads as a formula (OWASP, CSV injection)."""

_LONGEST_CELL = 32_767
"""The most characters of a cell that spreadsheets accept."""

_NOT_PLAIN = re.compile(r"[^\x00-\x7e]+")
"""What is escaped as `\\uXXXX`: everything outside ASCII, and the control character DEL."""

_encode = msgspec.json.Encoder().encode


def write(
    values: Iterable[T],
    shape: ColumnSet[T],
    form: Format,
    out: TextIO,
    width: int | None,
    left_out: list[str] | None = None,
) -> int:
    """Write the values and return how many there were.

    Args:
        values: consumed one by one, so there may be more than memory holds.
        shape: the fields and columns of these values.
        form: `json` is one array, with a record on each line.
        out: the standard output.
        width: columns of the terminal; None if the output is not a terminal.
        left_out: takes the headings of the columns that a narrow terminal has no room for.
    """
    counted = _Counted(values)
    if form is Format.TABLE:
        out.writelines(f"{line}\n" for line in table(counted, shape.columns, width, left_out))
    elif form is Format.JSON:
        _write_array(counted, shape, out)
    elif form is Format.JSONL:
        out.writelines(f"{as_json(shape.record(value))}\n" for value in counted)
    else:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(map(cell, shape.fields))
        records = (msgspec.to_builtins(shape.record(value)) for value in counted)
        writer.writerows(map(cell, record.values()) for record in records)
    return counted.number


def as_json(record: object, indent: int = 0) -> str:
    """A record as JSON in ASCII, which is safe for every terminal and encoding.

    Args:
        record: a `Struct`, a dataclass, or built-in values.
        indent: spaces for each level of an object on several lines; 0: all on one line.
    """
    try:
        text = msgspec.json.format(_encode(record), indent=indent).decode()
    except UnicodeEncodeError:  # a lone surrogate: a file name that is not UTF-8
        return json.dumps(msgspec.to_builtins(record), indent=indent or None)
    if text.isascii() and "\x7f" not in text:  # nearly always; the pattern looks at each character
        return text
    return _NOT_PLAIN.sub(lambda found: json.dumps(found[0])[1:-1], text)


def cell(value: Any) -> str:
    """A value as a cell of a CSV file: empty for null, and never a formula for a spreadsheet."""
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
    # Checked before it is cleaned: a leading tab makes a formula too.
    quote = "'" if value.startswith(_FORMULA) else ""
    return quote + shown(value, _LONGEST_CELL)


def _write_array(values: Iterable[T], shape: ColumnSet[T], out: TextIO) -> None:
    separator = "["
    for value in values:
        out.write(f"{separator}\n{as_json(shape.record(value))}")
        separator = ","
    out.write("[]\n" if separator == "[" else "\n]\n")


class _Counted(Generic[T]):
    """Counts the values while they are consumed."""

    def __init__(self, values: Iterable[T]) -> None:
        self._values = values
        self.number = 0

    def __iter__(self) -> Iterator[T]:
        for value in self._values:
            self.number += 1
            yield value
