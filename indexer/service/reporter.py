"""Who hears how crawling, judging and notifying went: a command prints it, a service logs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from indexer.core.errors import IndexerError
    from indexer.core.model import Crawl
    from indexer.notify.delivery import DeliveryOutcome


class Reporter(Protocol):
    """Hears of each step of `indexer.service.run_namespace`. Called from threads."""

    def crawled(self, done: Crawl) -> None:
        """A crawl has ended, whatever its status."""

    def problem(self, sentence: str) -> None:
        """A policy could not be judged, or the Hub not be asked; the rest goes on."""

    def violated(self, number: int) -> None:
        """So many new violations were found; at least one."""

    def told(self, outcome: DeliveryOutcome) -> None:
        """What became of one sink."""

    def not_judged(self, error: IndexerError) -> None:
        """Nothing could be judged. May raise: then nobody is told anything either."""
