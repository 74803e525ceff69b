"""The results of `indexer sql` and `indexer export`: columns and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Value = str | int | float | None
"""A cell. Times are text as SQLite writes them (`2026-03-02 09:30:00`, UTC); booleans 1 or 0."""

Kind = Literal["text", "integer", "time"]
"""The type of a view's column; nulls aside."""


class ReportResult:
    """Columns and rows. The rows can be read once.

    Args:
        names: of the columns, all different.
        rows: as the database returns them.
        most_rows: rows beyond this number are dropped.
        most_bytes: rows beyond this size of all cells together are dropped.
    """

    def __init__(
        self,
        names: tuple[str, ...],
        rows: Iterator[tuple[Value, ...]],
        most_rows: int,
        most_bytes: int,
    ) -> None:
        self.names = names
        self.cut_at: Literal["rows", "bytes"] | None = None
        """At which limit rows were dropped; known once the last row was read."""
        self._rows = rows
        self._most_rows = most_rows
        self._most_bytes = most_bytes

    def __iter__(self) -> Iterator[tuple[Value, ...]]:
        size = 0
        for number, row in enumerate(self._rows):
            size += sum([len(cell) if isinstance(cell, str) else 8 for cell in row])
            if number == self._most_rows:
                self.cut_at = "rows"
            elif size > self._most_bytes:
                self.cut_at = "bytes"
            if self.cut_at:
                return
            yield row
