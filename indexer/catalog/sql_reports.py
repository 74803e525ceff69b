"""What the index can be asked in SQL: the port of `indexer sql` and `indexer export`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

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


class Reports(Protocol):
    """One state of the index, which questions cannot change."""

    def ask(
        self, text: str, values: Mapping[str, Value], *, seconds: float, most_rows: int
    ) -> AbstractContextManager[ReportResult]:
        """Ask one question in SQL.

        Args:
            text: one SELECT, with parameters as `:name`.
            values: for each parameter.
            seconds: that the database may work on it, all its rows together.
            most_rows: of the answer.

        Raises:
            UsageError: the SQL is wrong, or would do more than ask; it points at the place.
            Limited: it took too long, be it while the rows are drawn.
            StoreError: the database failed.
        """

    def views(self) -> Mapping[str, Mapping[str, Kind]]:
        """The views, and the columns of each in their order."""

    def rows(self, view: str) -> Iterator[tuple[Value, ...]]:
        """All rows of a view, by `id` where it has one. All views are read of the same state.

        One answer at a time: asking again ends the one before.
        """
