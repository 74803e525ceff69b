"""Prints what crawls, policies and notifications did, for the commands that run them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from indexer.bootstrap import index_and_sources
from indexer.core.catalog_entries import ChangeFilter
from indexer.core.humanize import count
from indexer.core.model import ChangeKind, CrawlStatus
from indexer.render.crawl_report import crawl_report
from indexer.service.policy_judge import PolicyJudge
from indexer.service.reporter import Reporter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.cli.context import CommandContext
    from indexer.core.errors import IndexerError
    from indexer.core.model import Change, Crawl
    from indexer.notify.delivery import DeliveryOutcome
    from indexer.store import Store

EXAMPLES = 5
"""Changes that a summary shows besides the removals."""

REMOVED_EXAMPLES = 20
"""Removals that a summary shows."""

REMOVALS = frozenset({ChangeKind.REPOSITORY_REMOVED, ChangeKind.TAG_REMOVED})


class ConsoleReporter(Reporter):
    """Reports on the terminal.

    Args:
        session: the running command.
        store: the index, read for examples of what changed.
        crawls: whether to report each crawl on standard output.
    """

    def __init__(self, session: CommandContext, store: Store, *, crawls: bool = False) -> None:
        self._session = session
        self._store = store
        self._crawls = crawls
        self._held: dict[str, str] = {}
        self.is_told = True

    def crawled(self, done: Crawl) -> None:
        """See `Reporter`."""
        is_fine = done.status is CrawlStatus.COMPLETE and not done.errors
        if not self._crawls or (is_fine and self._session.common.quiet):
            return
        for line in crawl_report(done, self._examples(done), self._session.program):
            self._session.out.write(f"{line}\n")
        self._session.out.flush()

    def _examples(self, done: Crawl) -> list[Change]:
        """What was removed, and some of the other changes, in the order of the log."""
        of_crawl = ChangeFilter(
            crawl=done.id, until_crawl=done.id, registry=done.registry, namespace=done.namespace
        )
        removed = replace(of_crawl, kinds=REMOVALS, limit=REMOVED_EXAMPLES)
        others = replace(of_crawl, kinds=frozenset(ChangeKind) - REMOVALS, limit=EXAMPLES)
        found = [
            change for wanted in (removed, others) for change in self._store.catalog.changes(wanted)
        ]
        return sorted(found, key=lambda change: change.id)

    def problem(self, sentence: str) -> None:
        """See `Reporter`."""
        self._session.complain(sentence)

    def violated(self, number: int) -> None:
        """See `Reporter`."""
        self._session.complain(
            f"{count(number, 'new violation')} of policies: see "
            f"'{self._session.program} violations'."
        )

    def told(self, outcome: DeliveryOutcome) -> None:
        """See `Reporter`. `is_told` becomes False if a sink failed, and until its next try."""
        for problem in outcome.problems:
            self._session.complain(problem)
        if outcome.error:
            self.is_told = False
            self._session.complain(f"sink '{outcome.sink}': {outcome.error}")
        elif outcome.has_failed:
            self.is_told = False
        if not outcome.error and outcome.held and outcome.held != self._held.get(outcome.sink):
            self._session.note(f"sink '{outcome.sink}': {outcome.held}.")
        self._held[outcome.sink] = outcome.held

    def not_judged(self, error: IndexerError) -> NoReturn:
        """See `Reporter`."""
        raise error


@contextmanager
def judge_of(session: CommandContext, store: Store, reporter: Reporter) -> Iterator[PolicyJudge]:
    """A `PolicyJudge` for a command that does not crawl."""
    sources = index_and_sources.Sources(session.settings, session.clock)
    try:
        yield PolicyJudge(session.settings, sources.of, store, session.clock, reporter)
    finally:
        sources.close()
