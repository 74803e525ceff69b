"""The change log, asked so that an answer comes in time, however long it is.

Most of what is asked for is near: so the nearest numbers are looked at one by one. What is not
there, and an index leads to, is asked at once. What none leads to, as a tag's name in whichever
repository, and whatever took too long after all, is looked for in steps: see
`indexer.store.changelog.stepped_scan`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.catalog.answers import AnswerTimeout, ChangePage
from indexer.store.changelog.query import ChangeQuery, Lead
from indexer.store.changelog.rows import change_of
from indexer.store.changelog.stepped_scan import FIRST_STEP, IdRange, scan, split
from indexer.store.schema.tables import change_counter

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.core.catalog_entries import ChangeFilter
    from indexer.core.model import Change
    from indexer.store.changelog.rows import ChangeRow

SHARE = 0.4
"""Of the time that an answer may take, for asking at once, and as much for the steps after that."""

LAST = sa.select(change_counter.c.last_id)

BEYOND = 2**63 - 1
"""A number that no change has."""


class ChangeSearch:
    """The log as one audience sees it.

    Args:
        read: the rows of a statement, if they come within so many seconds, else `AnswerTimeout`.
        last: the number of the last change; 0 if there is none.
        dialect: of the database.
        visible: what is said of repositories that the audience may see.
        seconds: how long an answer may take.
        near: how many numbers are looked at one by one before anything else.
    """

    def __init__(
        self,
        read: Callable[[sa.Select[ChangeRow], float], list[ChangeRow]],
        last: Callable[[], int],
        dialect: str,
        visible: list[sa.ColumnElement[bool]],
        seconds: float,
        near: int = FIRST_STEP,
    ) -> None:
        self._read = read
        self._last = last
        self._dialect = dialect
        self._visible = visible
        self._seconds = seconds
        self._near = near

    def look(self, wanted: ChangeFilter, stretch: IdRange, limit: int, *, back: bool) -> ChangePage:
        """The changes of a stretch, oldest first, or newest first.

        Raises:
            AnswerTimeout: not even a beginning could be made in time.
        """
        whole = IdRange(stretch.above, min(stretch.below, self._last() + 1))
        near, rest = split(whole, self._near, back=back)
        query = ChangeQuery(wanted, self._dialect, self._visible)

        def ask(
            part: IdRange, most: int, seconds: float = self._seconds, lead: Lead = Lead.NUMBER
        ) -> list[Change]:
            statement = query.page(lead, part, most, back=back)
            return [change_of(row) for row in self._read(statement, seconds)]

        found = ask(near, limit)
        left = limit - len(found)
        if left == 0 or rest.above + 1 >= rest.below:
            return ChangePage(found)
        if wanted.repository or wanted.namespace or wanted.kinds:  # an index leads to these
            try:
                return ChangePage(found + ask(rest, left, self._seconds * SHARE, Lead.ANY))
            except AnswerTimeout:
                pass
        end = time.monotonic() + self._seconds * SHARE
        more, until = scan(ask, rest, left, lambda: time.monotonic() > end, back=back)
        return ChangePage(found + more, until)
