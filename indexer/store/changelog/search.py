"""Answers a server's query of the change log within a time limit, however long the log is.

    few repositories  that are named, or that ever had the tag: by their index, in one query
    few namespaces    by their index, in steps
    else              by number: the nearest ids first, for most results are recent; then kinds in
                      one query over their index, and everything else in steps

A query that took too long is begun again in steps: see `indexer.store.changelog.stepped_scan`. Of
the baseline there is no index by place and id.
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
    from collections.abc import Callable, Sequence

    from indexer.core.catalog_entries import ChangeFilter
    from indexer.core.model import Change
    from indexer.store.changelog.rows import ChangeRow
    from indexer.store.changelog.stepped_scan import ScanResult
    from indexer.store.schema.audience import Audience

    Ask = Callable[..., list[Change]]
    """Changes of a range of ids: the range, the most that are wanted, and the most seconds."""

SHARE = 0.4
"""The share of the time limit for the one query, and again for the steps after it."""

FEW = 50
"""The most repositories, or namespaces, whose changes are read over their index."""

ENOUGH = 2_000
"""Changes of rare kinds that are read over their index, whatever else is asked for."""

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
        query = ChangeQuery(wanted, self._dialect, self._audience)
        whole = self._narrowed(query, stretch)
        if whole is None:
            return ChangePage([])
        if self._is_rare(query):
            return ChangePage(self._asker(query, Lead.KIND, back=back)(whole, limit))
        by_place = self._by_place(query, back=back)
        if by_place is not None:
            return by_place(whole, limit)
        by_number = self._asker(query, Lead.NUMBER, back=back)
        near, rest = split(whole, self._near, back=back)
        first = by_number(near, limit)
        left = limit - len(first)
        if left == 0 or rest.above + 1 >= rest.below:
            return ChangePage(first)
        by_index = self._by_index(query, back=back)
        with suppress(AnswerTimeout):
            if by_index is not None:
                return ChangePage(first + by_index(rest, left, self._seconds * SHARE))
        more, until = self._steps(by_number, rest, left, back=back)
        return ChangePage(first + more, until)

    def _narrowed(self, query: ChangeQuery, stretch: IdRange) -> IdRange | None:
        """The part of a range that the filter's bounds leave; None: nothing."""
        above, below = stretch.above, min(stretch.below, self._last() + 1)
        before, last = query.id_range()
        for bound, is_first in ((before, True), (last, False)):
            if bound is None:
                continue
            found: list[int | None] = [*self._ids(sa.select(bound))]
            if found[0] is None:
                return None
            above = max(above, found[0]) if is_first else above
            below = below if is_first else min(below, found[0] + 1)
        return IdRange(above, below)

    def _is_rare(self, query: ChangeQuery) -> bool:
        """Whether all changes of the wanted kinds can be read in some milliseconds."""
        if not query.kinds or query.wanted.baseline:
            return False
        return self._ids(query.some_of_kinds(ENOUGH))[0] < ENOUGH

    def _by_place(
        self, query: ChangeQuery, *, back: bool
    ) -> Callable[[IdRange, int], ChangePage] | None:
        """Answers from the changes of a few repositories or namespaces; None: they are many."""
        wanted = query.wanted
        named = query.repositories() if query.places() else None
        few = None if named is None else self._few(named)
        if few is None and wanted.tag and is_literal(wanted.tag):
            few = self._few(query.candidates())
        if few is not None:
            ask = self._of_few(query, few, back=back)

            def answer(whole: IdRange, limit: int) -> ChangePage:
                with suppress(AnswerTimeout):
                    return ChangePage(ask(whole, limit, self._seconds * SHARE))
                return ChangePage(*self._steps(ask, whole, limit, back=back))

            return answer
        homes = None if wanted.baseline else query.homes()
        held = None if homes is None else self._few(homes)
        if held is None:
            return None
        in_homes = self._asker(query, Lead.PLACE, back=back, homes=held)
        return lambda whole, limit: ChangePage(*self._steps(in_homes, whole, limit, back=back))

    def _by_index(self, query: ChangeQuery, *, back: bool) -> Ask | None:
        """Asks for what the nearest ids did not have, over an index; None: none helps."""
        wanted = query.wanted
        if wanted.tag and not is_literal(wanted.tag):
            few = self._few(query.candidates())
            if few is not None:
                return self._of_few(query, few, back=back)
        if wanted.kinds and not wanted.baseline:
            return self._asker(query, Lead.KIND, back=back)
        if wanted.kinds or wanted.namespace or wanted.repository:
            return self._asker(query, Lead.ANY, back=back)
        return None

    def _few(self, wanted: sa.Select[int] | None) -> list[int] | None:
        """The ids that are wanted; None if they are many, or took too long to find."""
        assert wanted is not None
        with suppress(AnswerTimeout):
            found = self._ids(wanted.limit(FEW + 1))
            if len(found) <= FEW:
                return found
        return None

    def _of_few(self, query: ChangeQuery, few: list[int], *, back: bool) -> Ask:
        """Asks for changes of a few repositories; of none if there are none."""
        if not few:
            return lambda _part, _most, _seconds=0.0: []
        lead = Lead.REPOSITORY if query.wanted.baseline else Lead.PLACE
        return self._asker(query, lead, back=back, places=few)

    def _asker(
        self,
        query: ChangeQuery,
        lead: Lead,
        *,
        back: bool,
        places: Sequence[int] | None = None,
        homes: Sequence[int] | None = None,
    ) -> Ask:
        """A function that asks for the changes of a range, over an index."""

        def ask(part: IdRange, most: int, seconds: float = self._seconds) -> list[Change]:
            statement = query.page(lead, part, most, back=back, places=places, homes=homes)
            return [change_of(row) for row in self._read(statement, seconds)]

        return ask

    def _steps(self, ask: Ask, part: IdRange, limit: int, *, back: bool) -> ScanResult[Change]:
        end = time.monotonic() + self._seconds * SHARE
        return scan(ask, part, limit, lambda: time.monotonic() > end, back=back)
