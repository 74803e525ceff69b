"""Logs how crawls, judging and notifying went."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from indexer.core.humanize import count
from indexer.core.model import CrawlStatus
from indexer.core.printable import shown, without_name
from indexer.crawl.ports import Observer
from indexer.service.reporter import Reporter

if TYPE_CHECKING:
    from indexer.core.errors import IndexerError
    from indexer.core.model import Cost, Crawl
    from indexer.notify.delivery import DeliveryOutcome

MOST_PROBLEMS = 10
"""The most problems of one crawl that are logged at once; its row in the index has more."""

MOST_REMEMBERED = 1_000
"""The most problems of judging that are remembered, so that each is logged once."""

log = logging.getLogger("indexer.daemon")


class LogReporter(Reporter):
    """Logs each step. A problem that stays the same is logged once."""

    def __init__(self) -> None:
        self._problems: set[str] = set()
        self._trouble: dict[str, str] = {}

    def crawled(self, done: Crawl) -> None:
        """See `Reporter`."""
        seconds = (done.finished_at - done.started_at).total_seconds() if done.finished_at else 0.0
        changes = sum(done.changes.values())
        news = f"{changes} {'change' if changes == 1 else 'changes'}"
        fine = done.status is CrawlStatus.COMPLETE
        log.log(
            logging.INFO if fine else logging.WARNING,
            "%s: %s after %.1f s and %d requests: %s%s",
            f"{done.registry}/{shown(done.namespace)}",
            done.status,
            seconds,
            done.spent.requests,
            news if done.status is not CrawlStatus.FAILED else shown(" ".join(done.errors)),
            "" if fine or not done.errors else f", {count(len(done.errors), 'problem')}",
            extra={
                "event": "crawled",
                "registry": done.registry,
                "namespace": done.namespace,
                "crawl": done.id,
                "mode": done.mode.value,
                "status": done.status.value,
                "seconds": round(seconds, 3),
                "requests": done.spent.requests,
                "bytes": done.spent.bytes,
                "changes": changes,
                "errors": len(done.errors),
            },
        )

    def problem(self, sentence: str) -> None:
        """See `Reporter`."""
        if sentence in self._problems:
            return
        log.warning("%s", sentence)
        if len(self._problems) >= MOST_REMEMBERED:
            self._problems.clear()
        self._problems.add(sentence)

    def violated(self, number: int) -> None:
        """See `Reporter`."""
        log.warning(
            "%s of policies: see 'indexer violations'",
            count(number, "new violation"),
            extra={"event": "violated", "violations": number},
        )

    def told(self, outcome: DeliveryOutcome) -> None:
        """See `Reporter`."""
        for problem in outcome.problems:
            log.warning("%s", problem)
        if outcome.messages:
            log.info(
                "sink '%s': %s, %s",
                shown(outcome.sink),
                count(outcome.messages, "message"),
                count(outcome.changes, "change"),
                extra={"event": "told", "sink": outcome.sink, "changes": outcome.changes},
            )
        trouble = outcome.error or outcome.held
        if trouble and trouble != self._trouble.get(outcome.sink):
            level = logging.WARNING if outcome.error else logging.INFO
            log.log(level, "sink '%s': %s", shown(outcome.sink), shown(trouble))
        self._trouble[outcome.sink] = trouble

    def not_judged(self, error: IndexerError) -> None:
        """See `Reporter`."""
        log.error("cannot evaluate the policies: %s", error)


class LogObserver(Observer):
    """Logs a crawl's problems as they occur."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._problems = 0

    def listing(self, registry: str, namespace: str) -> None:
        """See `Observer`."""

    def opening(self, total: int) -> None:
        """See `Observer`."""
        if total:
            log.debug("%s: %s to read", self._name, count(total, "repository"))

    def opened(self, repository: str, done: int, spent: Cost) -> None:
        """See `Observer`."""

    def problem(self, sentence: str) -> None:
        """See `Observer`."""
        self._problems += 1
        if self._problems <= MOST_PROBLEMS:
            log.warning("%s: %s", self._name, shown(without_name(sentence, self._name)))

    def remark(self, sentence: str) -> None:
        """See `Observer`."""
        log.info("%s: %s", self._name, shown(sentence))
