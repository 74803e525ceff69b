"""Shows the progress of a crawl: a live line on a terminal, else log lines; nothing with -q."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING

from indexer.core.humanize import count
from indexer.core.printable import shown, without_name
from indexer.crawl.ports import Observer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from indexer.cli.context import CommandContext
    from indexer.cli.progress_line import ProgressLine
    from indexer.core.model import Cost
    from indexer.crawl.ports import Source

STEPS = 10
"""How many log lines report the repositories of one namespace."""

MOST_PROBLEMS = 10
"""Problems of one namespace that are shown at once; the report at the end has them too."""


class Progress(Observer):
    """Shows the progress of crawls, one at a time."""

    def __init__(self, session: CommandContext) -> None:
        self._session = session
        self._live: ProgressLine | None = None
        self._source: Source | None = None
        self._name = ""
        self._total = self._problems = 0

    @contextmanager
    def shown(self, source: Source) -> Iterator[Observer]:
        """Watch one crawl. The live line is erased at the end, before the report."""
        self._source = source
        self._problems = 0
        if not self._session.may_draw:
            yield self
            return
        from indexer.cli.progress_line import ProgressLine  # noqa: PLC0415 - rich is for terminals

        with ProgressLine() as self._live:
            yield self
        self._live = None

    def listing(self, registry: str, namespace: str) -> None:
        """See `Observer`."""
        self._name = f"{registry}/{shown(namespace)}"
        if self._live:
            self._live.begin(self._name)
        else:
            self._session.note(f"{self._name}: listing its repositories")

    def opening(self, total: int) -> None:
        """See `Observer`."""
        self._total = total
        if self._live:
            self._live.opening(total)
        elif total:
            self._session.note(f"{self._name}: {count(total, 'repository')} to read")

    def opened(self, repository: str, done: int, spent: Cost) -> None:
        """See `Observer`."""
        if self._live:
            self._live.opened(shown(repository), done, self._requests(spent))
        elif done % math.ceil(self._total / STEPS) == 0 or done == self._total:
            whole = count(self._total, "repository")
            self._session.note(f"{self._name}: {done:,} of {whole}, {self._requests(spent)}")

    def problem(self, sentence: str) -> None:
        """See `Observer`."""
        self._problems += 1
        if self._live:
            self._live.problem(self._problems)
        elif self._problems <= MOST_PROBLEMS:
            self._session.note(f"{self._name}: {without_name(sentence, self._name)}")

    def remark(self, sentence: str) -> None:
        """See `Observer`."""
        self._session.note(f"{self._name}: {sentence}")

    def waiting(self, until: datetime, reason: str) -> None:
        """The registry's rate limit makes us wait. Called from any thread."""
        is_today = until.date() == self._session.now().date()
        day = "" if is_today else f"{until:%Y-%m-%d} "
        sentence = f"waiting until {day}{until:%H:%M:%S} UTC ({shown(reason)})"
        if self._live:
            self._live.waiting(sentence)
        else:
            self._session.note(f"{self._name}: {sentence}")

    def _requests(self, spent: Cost) -> str:
        """The requests sent, and how many the registry still allows."""
        limit = self._source.rate_limit if self._source else None
        left = f", {limit.remaining:,} left" if limit and limit.remaining is not None else ""
        return f"{count(spent.requests, 'request')}{left}"
