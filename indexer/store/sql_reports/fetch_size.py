"""How many rows of an answer to fetch at a time: a few large ones must not fill the memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.store.sql_reports.sql_statement import Raw

_BYTES = 1024 * 1024
"""The bytes of rows that are wanted at a time."""

_MOST_ROWS = 1_000


class FetchSize:
    """Learns from the rows that came how many to fetch next.

    Attributes:
        rows: how many; one at first.
    """

    def __init__(self) -> None:
        self.rows = 1

    def learn(self, fetched: Sequence[Raw]) -> None:
        """Fetch more next time after small rows, and fewer after large ones."""
        size = sum(map(size_of, fetched))
        if size > _BYTES:
            self.rows = max(1, self.rows * _BYTES // size)
        elif size < _BYTES // 2:
            self.rows = min(2 * self.rows, _MOST_ROWS)


def size_of(row: Raw) -> int:
    """Bytes of a row, about."""
    return sum([len(value) if isinstance(value, str | bytes) else 8 for value in row])
