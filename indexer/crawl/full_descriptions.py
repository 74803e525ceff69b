"""Reads the full descriptions of repositories, after their tags, in a crawl with `details`.

Lists do not have them, so each costs a request. Only repositories that are new, or whose date moved
since their description was read, are requested, the newest first. What could not be read is due in
the next crawl with `details`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from indexer.core.errors import SourceError, SourceLost, Unavailable
from indexer.core.humanize import count
from indexer.core.model import FullDescription
from indexer.core.thread_pool import in_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from indexer.core.model import Repository
    from indexer.crawl.ports import CrawlRecord, Source

BATCH = 50
"""Descriptions written in one transaction; at most so many are lost if the process dies."""

LOST_AFTER = 5
"""Repositories in a row for which the registry is unavailable before this gives up."""


def read_full_descriptions(
    source: Source,
    record: CrawlRecord,
    listed: Mapping[str, Repository],
    *,
    concurrency: int,
    now: Callable[[], datetime],
    problem: Callable[[str], object],
) -> None:
    """Read and record the full descriptions that are due, of the wanted repositories.

    Args:
        source: where they are.
        record: what is due, and where it is written.
        listed: repositories as this crawl saw them. One that was requested by its name has its full
            description, and is not requested again.
        concurrency: how many are asked for at the same time.
        now: the time.
        problem: called with a sentence for what could not be read.
    """
    due = {name: date for name, date in record.undescribed().items() if source.wants(name)}
    here = {name: listed[name].full_description for name in due if name in listed}
    batch = [
        FullDescription(name, text, due[name]) for name, text in here.items() if text is not None
    ]
    left = [name for name in due if here.get(name) is None]
    reading = _Reading(problem)
    for one in reading.answers(source, left, concurrency):
        batch.append(FullDescription(one.name, one.full_description or "", due[one.name]))
        if len(batch) >= BATCH:
            record.record_descriptions(batch, now())
            batch = []
    record.record_descriptions(batch, now())
    unread = len(left) - reading.done
    if unread:
        problem(
            f"{count(unread, 'full description')} left for the next crawl that is asked for details"
        )


class _Reading:
    """Asks for repositories until there are no more, or no further request makes sense."""

    def __init__(self, problem: Callable[[str], object]) -> None:
        self.done = 0
        self._problem = problem
        self._in_a_row = 0
        self._lost = False

    def answers(self, source: Source, names: list[str], width: int) -> Iterator[Repository]:
        """The repositories that could be read. One that was removed meanwhile is left out."""
        for name, outcome in in_threads(self._until_lost(names), partial(_ask, source), width):
            if isinstance(outcome, SourceError):
                self._fail(name, outcome)
            elif isinstance(outcome, BaseException):
                raise outcome
            else:
                self._in_a_row = 0
                self.done += 1
                if outcome is not None:
                    yield outcome

    def _until_lost(self, names: list[str]) -> Iterator[str]:
        for name in names:
            if self._lost:
                return
            yield name

    def _fail(self, name: str, error: SourceError) -> None:
        is_first = not self._lost
        self._in_a_row = self._in_a_row + 1 if isinstance(error, Unavailable) else 0
        self._lost |= isinstance(error, SourceLost) or self._in_a_row >= LOST_AFTER
        if not isinstance(error, SourceLost):
            self.done += 1
        if is_first:
            self._problem(f"{name}: its full description could not be read: {error}")


def _ask(source: Source, name: str) -> Repository | None:
    return source.repository(name)
