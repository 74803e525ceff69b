"""Tables that fit the terminal: in a narrow one, columns are shortened, then folded.

The first rows decide the widths and the others are streamed, so that a million rows need no memory.
If the output is not a terminal, nothing is shortened or folded. (Rich's tables keep every row in
memory, and need four seconds for ten thousand of them.)
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

T = TypeVar("T")

ROWS_MEASURED = 1_000
"""How many rows decide the widths of the columns."""

LEAST_WIDTH = 8
"""Least width of a column that folds (or the width of its heading). A terminal too narrow for that
gets lines that are too long. With this value every table fits into 80 columns.
"""

_GAP = "  "


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """A column of a table.

    Attributes:
        title: its heading.
        text: the text of a cell; one line, safe to print.
        short: the text of a cell if space is scarce; None: the same.
        right: whether to align right, as for numbers.
        folds: whether a cell that is too long continues on the next line.
        optional: whether it is left out where the table is wider than the terminal.
        field: what `--columns` calls it; empty: it shows no single field.
    """

    title: str
    text: Callable[[T], str]
    short: Callable[[T], str] | None = None
    right: bool = False
    folds: bool = False
    optional: bool = False
    field: str = ""


def table(rows: Iterable[T], columns: Sequence[Column[T]], width: int | None) -> Iterator[str]:
    """Yield the lines of a table, the headings first; none if there is no row.

    Args:
        rows: consumed as the lines are.
        columns: from left to right.
        width: of the terminal; None: unlimited.
    """
    stream = iter(rows)
    first = list(islice(stream, ROWS_MEASURED))
    if not first:
        return
    texts = [column.text for column in columns]
    widths = _natural(first, columns, texts)
    if width is not None and _total(widths) > width:
        columns = [column for column in columns if not column.optional]
        texts = [column.text for column in columns]
        widths = _natural(first, columns, texts)
    if width is not None and _total(widths) > width:
        texts = [column.short or column.text for column in columns]
        widths = _folded(_natural(first, columns, texts), columns, width)
    bounded = width is not None
    yield _line([column.title for column in columns], widths, columns)
    for row in chain(first, stream):
        cells = [text(row) for text in texts]
        if bounded and any(cells_of(c) > w for c, w in zip(cells, widths, strict=True)):
            yield from _lines(cells, widths, columns)
        else:
            yield _line(cells, widths, columns)


def cells_of(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def fold(text: str, width: int) -> list[str]:
    """Break a text into pieces that fit: between words, or else after a `/`, `:` or `-`."""
    pieces = []
    while cells_of(text) > width:
        cut = taken = 0
        for index, character in enumerate(text):
            taken += _cells(character)
            if taken > width and index:
                break
            cut = index + 1
        between = text.rfind(" ", 0, cut + 1)
        after = 1 + max(text.rfind(mark, 0, cut) for mark in "/:-")
        if between > 0:
            cut = between
        elif after > cut // 2:
            cut = after
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*pieces, text]


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _natural(
    rows: Sequence[T], columns: Sequence[Column[T]], texts: Sequence[Callable[[T], str]]
) -> list[int]:
    return [
        max(len(column.title), *(cells_of(text(row)) for row in rows))
        for column, text in zip(columns, texts, strict=True)
    ]


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _folded(widths: list[int], columns: Sequence[Column[T]], width: int) -> list[int]:
    """Narrow the columns that fold until the table fits, the widest first."""
    widths = list(widths)
    least = {
        index: max(LEAST_WIDTH, cells_of(column.title))
        for index, column in enumerate(columns)
        if column.folds
    }
    while (excess := _total(widths) - width) > 0:
        order = sorted(
            (index for index in least if widths[index] > least[index]),
            key=lambda index: widths[index],
            reverse=True,
        )
        if not order:
            break
        widest = order[0]
        floor = max(least[widest], widths[order[1]] if len(order) > 1 else 0)
        widths[widest] -= min(excess, max(widths[widest] - floor, 1))
    return widths


def _line(cells: Sequence[str], widths: Sequence[int], columns: Sequence[Column[T]]) -> str:
    padded = [
        " " * (width - cells_of(cell)) + cell if column.right else _padded(cell, width)
        for cell, width, column in zip(cells, widths, columns, strict=True)
    ]
    return _GAP.join(padded).rstrip()


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - cells_of(cell))


def _lines(
    cells: Sequence[str], widths: Sequence[int], columns: Sequence[Column[T]]
) -> Iterator[str]:
    folded = [
        fold(cell, width) if column.folds else [cell]
        for cell, width, column in zip(cells, widths, columns, strict=True)
    ]
    for index in range(max(map(len, folded))):
        yield _line(
            [pieces[index] if index < len(pieces) else "" for pieces in folded], widths, columns
        )
