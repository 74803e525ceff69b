"""Answers a server's query of the change log within a time limit, however long the log is.

A tag's name leads to the repositories that ever had it, and these, if they are few, to their
changes. Else most results are recent, so the nearest ids are scanned first. If that is not enough
and an index helps, as for a repository, the rest is one query. If none helps (as for the name of a
tag that many have), or that query took too long, the log is scanned in steps: see
`indexer.store.changelog.stepped_scan`.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.catalog.answers import AnswerTimeout, ChangePage
from indexer.store.changelog.query import ChangeQuery, Lead
from indexer.store.changelog.rows import change_of
from indexer.store.changelog.stepped_scan import FIRST_STEP, IdRange, scan, split
from indexer.store.database.glob_match import is_literal
from indexer.store.schema.tables import change_counter

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.core.catalog_entries import ChangeFilter
    from indexer.core.model import Change
    from indexer.store.changelog.rows import ChangeRow
    from indexer.store.schema.audience import Audience

SHARE = 0.4
"""The share of the time limit for the one query, and again for the steps after it."""

FEW = 50
"""The most repositories whose changes are read over their index, for a tag's name."""

LAST = sa.select(change_counter.c.last_id)

BEYOND = 2**63 - 1
"""An id that no change has."""


class ChangeSearch:
    """Searches the log for one audience.

    Args:
        read: the rows of a statement, within so many seconds; else raises `AnswerTimeout`.
        ids: the same of a statement of numbers.
        last: the id of the last change; 0 if there is none.
        dialect: of the database.
        audience: what it may see.
        seconds: the time limit of an answer.
        near: how many ids are scanned before anything else.
    """

    def __init__(
        self,
        read: Callable[[sa.Select[ChangeRow], float], list[ChangeRow]],
        ids: Callable[[sa.Select[int]], list[int]],
        last: Callable[[], int],
        *,
        dialect: str,
        audience: Audience,
        seconds: float,
        near: int = FIRST_STEP,
    ) -> None:
        self._read = read
        self._ids = ids
        self._last = last
        self._dialect = dialect
        self._audience = audience
        self._seconds = seconds
        self._near = near

    def look(self, wanted: ChangeFilter, stretch: IdRange, limit: int, *, back: bool) -> ChangePage:
        """The changes in a range of ids, oldest first, or newest first (`back`).

        Raises:
            AnswerTimeout: not even the first step ended in time.
        """
        whole = IdRange(stretch.above, min(stretch.below, self._last() + 1))
        near, rest = split(whole, self._near, back=back)
        query = ChangeQuery(wanted, self._dialect, self._audience)

        def ask(
            part: IdRange, most: int, seconds: float = self._seconds, lead: Lead = Lead.NUMBER
        ) -> list[Change]:
            statement = query.page(lead, part, most, back=back)
            return [change_of(row) for row in self._read(statement, seconds)]

        def ask_few() -> list[Change] | None:
            few = self._few(query)
            if few is None:
                return None
            statement = query.page_of(few, whole, limit, back=back)
            return [change_of(row) for row in self._read(statement, self._seconds * SHARE)]

        with suppress(AnswerTimeout):
            if wanted.tag and is_literal(wanted.tag) and (all_of_few := ask_few()) is not None:
                return ChangePage(all_of_few)
        found = ask(near, limit)
        left = limit - len(found)
        if left == 0 or rest.above + 1 >= rest.below:
            return ChangePage(found)
        with suppress(AnswerTimeout):
            if wanted.tag and not is_literal(wanted.tag) and (all_of_few := ask_few()) is not None:
                return ChangePage(all_of_few)
            if wanted.repository or wanted.namespace or wanted.kinds:  # an index helps with these
                return ChangePage(found + ask(rest, left, self._seconds * SHARE, Lead.ANY))
        end = time.monotonic() + self._seconds * SHARE
        more, until = scan(ask, rest, left, lambda: time.monotonic() > end, back=back)
        return ChangePage(found + more, until)

    def _few(self, query: ChangeQuery) -> list[int] | None:
        """The repositories that ever had a tag that is wanted; None if they are many."""
        candidates = query.candidates()
        assert candidates is not None
        found = self._ids(candidates.limit(FEW + 1))
        return found if len(found) <= FEW else None
