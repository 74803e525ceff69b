"""The change log, asked so that an answer comes in time, however long it is.

Most of what is asked for is near: so the nearest numbers are looked at one by one. What is not
there, and an index leads to, is asked at once. What none leads to, as a tag's name in whichever
repository, and whatever took too long after all, is looked for in steps: see
`indexer.store.changelog.stepped_scan`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from indexer.catalog.browser import AnswerTimeout, ChangePage
from indexer.store.changelog import change_pages, rows
from indexer.store.changelog.stepped_scan import FIRST_STEP, IdRange, scan, split

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from indexer.core.model import Change, ChangeFilter

SHARE = 0.4
"""Of the time that an answer may take, for asking at once, and as much for the steps after that."""

BEYOND = 2**63 - 1
"""A number that no change has."""


class ChangeSearch:
    """The log as one audience sees it.

    Args:
        read: the rows of a statement, if they come within so many seconds, else `AnswerTimeout`.
        dialect: of the database.
        visible: what is said of repositories that the audience may see.
        seconds: how long an answer may take.
        near: how many numbers are looked at one by one before anything else.
    """

    def __init__(
        self,
        read: Callable[[sa.Select[Any], float], list[Any]],
        dialect: str,
        visible: list[sa.ColumnElement[bool]],
        seconds: float,
        near: int = FIRST_STEP,
    ) -> None:
        self._read = read
        self._dialect = dialect
        self._visible = visible
        self._seconds = seconds
        self._near = near

    def look(self, wanted: ChangeFilter, stretch: IdRange, limit: int, *, back: bool) -> ChangePage:
        """The changes of a stretch, oldest first, or newest first.

        Raises:
            TooLong: not even a beginning could be made in time.
        """
        whole = IdRange(stretch.above, min(stretch.below, self.last() + 1))
        near, rest = split(whole, self._near, back=back)

        def ask(
            part: IdRange, most: int, seconds: float = self._seconds, *, by_number: bool = True
        ) -> list[Change]:
            statement = change_pages.page(
                wanted, self._dialect, visible=self._visible, limit=most, stretch=part, back=back,
                by_number=by_number,
            )  # fmt: skip
            return [rows.change_of(row) for row in self._read(statement, seconds)]

        found = ask(near, limit)
        left = limit - len(found)
        if left == 0 or rest.above + 1 >= rest.below:
            return ChangePage(found)
        if change_pages.is_indexed(wanted):
            try:
                return ChangePage(found + ask(rest, left, self._seconds * SHARE, by_number=False))
            except AnswerTimeout:
                pass
        end = time.monotonic() + self._seconds * SHARE
        more, until = scan(ask, rest, left, lambda: time.monotonic() > end, back=back)
        return ChangePage(found + more, until)

    def last(self) -> int:
        """The number of the last change; 0 if there is none."""
        return int(self._read(change_pages.LAST, self._seconds)[0].last_id)
