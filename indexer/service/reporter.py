"""The port for reports of crawling, judging and notifying: commands print, services log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from indexer.core.errors import IndexerError
    from indexer.core.model import Crawl
    from indexer.notify.delivery import DeliveryOutcome


class Reporter(Protocol):
    """Is told of each step of `indexer.service.run_namespace`. Called from threads."""

    def crawled(self, done: Crawl) -> None:
        """A crawl has ended, whatever its status."""

    def problem(self, sentence: str) -> None:
        """A policy could not be judged, or the Hub could not be asked; the rest continues."""

    def violated(self, number: int) -> None:
        """New violations were found; `number` is at least one."""

    def told(self, outcome: DeliveryOutcome) -> None:
        """The outcome of notifying one sink."""

    def not_judged(self, error: IndexerError) -> None:
        """Nothing could be judged. May raise; then no sink is notified either."""
