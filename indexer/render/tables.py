"""Tables that fit the terminal: one row is one line.

In a narrow terminal cells take their short form, columns are left out by rank, and what is still
too long is shortened. The first rows decide the widths and the others are streamed, so that a
million rows need no memory. If the output is not a terminal, nothing is shortened or left out.
(Rich's tables keep every row in memory, and need four seconds for ten thousand of them.)
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import Enum
from itertools import chain, islice
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

T = TypeVar("T")

ROWS_MEASURED = 1_000
"""How many rows decide the widths of the columns."""

NOTHING = "-"
"""The text of a cell without a value."""

_GAP = "  "

_MARK = "…"
"""Where a text was shortened."""


class Cut(Enum):
    """How a cell that is too long is shortened. The value: the fewest columns that it keeps."""

    MIDDLE = 24
    """Names: their beginning and their end tell them apart."""
    END = 20
    """Sentences and lists."""
    DIGEST = 7
    """Digests: their first digits, without a mark; every command takes 7 digits and more."""


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """A column of a table.

    Attributes:
        title: its heading.
        text: the text of a cell; one line, safe to print.
        short: the text of a cell if space is scarce; None: the same.
        right: whether to align right, as for numbers.
        cut: how a cell that is too long is shortened; None: it is not.
        least: the fewest columns of the terminal that it keeps; None: as `cut` says.
        rank: where the table is too wide, the columns of the greatest rank are left out first; the
            names and digests that a table is about have 0.
        field: what `--columns` calls it; empty: it shows no single field.
    """

    title: str
    text: Callable[[T], str]
    short: Callable[[T], str] | None = None
    right: bool = False
    cut: Cut | None = None
    least: int | None = None
    rank: int = 0
    field: str = ""


class _Sized(NamedTuple, Generic[T]):
    """A column, the form of its cells, and how wide it is."""

    column: Column[T]
    text: Callable[[T], str]
    width: int

    @property
    def least(self) -> int:
        """The fewest columns of the terminal that it needs."""
        if self.column.cut is None:
            return self.width
        return min(self.width, self.column.least or self.column.cut.value)


def table(
    rows: Iterable[T],
    columns: Sequence[Column[T]],
    width: int | None,
    left_out: list[str] | None = None,
) -> Iterator[str]:
    """Yield the lines of a table, the headings first; none if there is no row.

    Args:
        rows: consumed as the lines are.
        columns: from left to right.
        width: of the terminal; None: unlimited.
        left_out: takes the headings of the columns that are left out, with the first line; not of
            those without a value.
    """
    stream = iter(rows)
    first = list(islice(stream, ROWS_MEASURED))
    if not first:
        return
    sized = [_natural(first, column, column.text) for column in columns]
    if width is not None and _total(sized) > width:
        sized = _fitted(first, columns, width)
    if left_out is not None:
        shown = {each.column.title for each in sized}
        missing = (each for each in columns if each.title not in shown)
        left_out += [each.title for each in missing if _has_values(first, each)]
    yield _line([each.column.title for each in sized], sized, width)
    for row in chain(first, stream):
        yield _line([each.text(row) for each in sized], sized, width)


def cells_of(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


def fold(text: str, width: int) -> list[str]:
    """Break a text into pieces that fit: between words, or else after a `/`, `:` or `-`."""
    pieces = []
    while cells_of(text) > width:
        cut = len(_beginning(text, width)) or 1
        between = text.rfind(" ", 0, cut + 1)
        after = 1 + max(text.rfind(mark, 0, cut) for mark in "/:-")
        if between > 0:
            cut = between
        elif after > cut // 2:
            cut = after
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*pieces, text]


def shortened(text: str, width: int, cut: Cut) -> str:
    """Shorten a text to a number of columns of a terminal."""
    if cells_of(text) <= width:
        return text
    if cut is Cut.DIGEST:
        return _beginning(text, width)
    if cut is Cut.END:
        return f"{_beginning(text, width - 1).rstrip()}{_MARK}"
    end = _beginning(text[::-1], (width - 1) // 2)[::-1]
    return f"{_beginning(text, width - 1 - cells_of(end))}{_MARK}{end}"


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _beginning(text: str, width: int) -> str:
    """As much of a text as fits."""
    taken = 0
    for index, character in enumerate(text):
        taken += _cells(character)
        if taken > width:
            return text[:index]
    return text


def _natural(rows: Sequence[T], column: Column[T], text: Callable[[T], str]) -> _Sized[T]:
    """A column that is wide enough for its heading and for each cell of these rows."""
    return _Sized(column, text, max(cells_of(column.title), *(cells_of(text(row)) for row in rows)))


def _has_values(rows: Sequence[T], column: Column[T]) -> bool:
    return any(column.text(row) != NOTHING for row in rows)


def _total(sized: Sequence[_Sized[T]]) -> int:
    return sum(each.width for each in sized) + len(_GAP) * (len(sized) - 1)


def _fitted(rows: Sequence[T], columns: Sequence[Column[T]], width: int) -> list[_Sized[T]]:
    """Shorten cells and leave out columns until the table fits: at least one column stays."""
    sized = [_natural(rows, column, column.short or column.text) for column in columns]
    if _total(sized) > width:  # those without a value leave their room to the others
        sized = [each for each in sized if _has_values(rows, each.column)] or sized[:1]
    by_rank = sorted(enumerate(sized), key=lambda it: (it[1].column.rank, it[0]))
    while len(by_rank) > 1 and _least(each for _, each in by_rank) > width:
        by_rank.pop()
    kept = [each for _, each in sorted(by_rank, key=lambda it: it[0])]
    if _total(kept) > width:
        return _narrowed(kept, width)
    for place, each in enumerate(kept):  # where space is left, the long form
        full = _natural(rows, each.column, each.column.text)
        if _total(kept) - each.width + full.width <= width:
            kept[place] = full
    return kept


def _least(sized: Iterable[_Sized[T]]) -> int:
    return sum(each.least + len(_GAP) for each in sized) - len(_GAP)


def _narrowed(sized: list[_Sized[T]], width: int) -> list[_Sized[T]]:
    """Narrow columns that can be cut until the table fits, the widest first."""
    if len(sized) == 1:
        return [sized[0]._replace(width=width)]
    while (excess := _total(sized) - width) > 0:
        order = sorted(
            (place for place, each in enumerate(sized) if each.width > each.least),
            key=lambda place: sized[place].width,
            reverse=True,
        )
        widest = sized[order[0]]
        floor = max(widest.least, sized[order[1]].width if len(order) > 1 else 0)
        less = min(excess, max(widest.width - floor, 1))
        sized[order[0]] = widest._replace(width=widest.width - less)
    digests = [each.width for each in sized if each.column.cut is Cut.DIGEST]
    return [
        each._replace(width=min(digests)) if each.column.cut is Cut.DIGEST else each
        for each in sized
    ]


def _line(cells: Sequence[str], sized: Sequence[_Sized[T]], width: int | None) -> str:
    return _GAP.join(
        _cell(cell, each, is_bounded=width is not None)
        for cell, each in zip(cells, sized, strict=True)
    ).rstrip()


def _cell(cell: str, sized: _Sized[T], *, is_bounded: bool) -> str:
    """A cell, shortened where the terminal asks for it, and as wide as its column."""
    taken = cells_of(cell)
    if is_bounded and taken > sized.width:
        cell = shortened(cell, sized.width, sized.column.cut or Cut.END)
        taken = cells_of(cell)
    space = " " * (sized.width - taken)
    return space + cell if sized.column.right else cell + space
