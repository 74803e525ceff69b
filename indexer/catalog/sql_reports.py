"""What `indexer sql` and `indexer export` get from the index: columns and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Value = str | int | float | None
"""Of a cell. Times are text as SQLite writes them (`2026-03-02 09:30:00`, UTC); truth is 1 or 0."""

Kind = Literal["text", "integer", "time"]
"""What a column of a view holds, besides nulls."""


class ReportResult:
    """Columns and rows, which are drawn once.

    Args:
        names: of the columns, each another one.
        rows: as the database gives them.
        most_rows: after so many the rest is left out.
    """

    def __init__(
        self, names: tuple[str, ...], rows: Iterator[tuple[Value, ...]], most_rows: int
    ) -> None:
        self.names = names
        self.is_cut = False
        """Whether there were more rows; known when the last one was drawn."""
        self._rows = rows
        self._most_rows = most_rows

    def __iter__(self) -> Iterator[tuple[Value, ...]]:
        for number, row in enumerate(self._rows):
            if number == self._most_rows:
                self.is_cut = True
                return
            yield row
