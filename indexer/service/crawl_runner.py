"""One crawl as the daemon runs it: in a thread, stoppable, with its story in the log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from indexer.bootstrap import index_and_sources
from indexer.core.model import CrawlStatus
from indexer.core.printable import shown
from indexer.crawl.cancellation import CancellableSource
from indexer.crawl.crawler import crawl
from indexer.crawl.ports import Observer

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.config import Settings
    from indexer.core.clock import Clock
    from indexer.core.model import Cost, Crawl
    from indexer.crawl.cancellation import Cancellation
    from indexer.crawl.next_crawl import NextCrawl
    from indexer.crawl.ports import Archive
    from indexer.manifests.ports import ManifestStore
    from indexer.service.scheduler import PlannedNamespace

MOST_PROBLEMS = 10
"""Problems of one crawl that are logged as they come; its row in the index has more."""

log = logging.getLogger("indexer.daemon")


class CrawlRunner:
    """Crawls namespaces as one reading of the configuration wants it.

    Args:
        settings: the configuration.
        sources: the registries, as it has them.
        archive: where crawls are written.
        clock: all time goes through it.
        stop: ends every crawl.
        manifests: where manifests are kept, if the configuration asks for any.
        after: is told of each crawl that ended.
    """

    def __init__(
        self,
        settings: Settings,
        sources: index_and_sources.Sources,
        *,
        archive: Archive,
        clock: Clock,
        stop: Cancellation,
        manifests: ManifestStore | None = None,
        after: Callable[[Crawl], None] | None = None,
    ) -> None:
        self._settings = settings
        self._sources = sources
        self._archive = archive
        self._clock = clock
        self._stop = stop
        self._library = manifests
        self._after = after

    def __call__(self, planned: PlannedNamespace, due: NextCrawl) -> Crawl:
        """Crawl one namespace, and tell how it went."""
        log_due(planned, due)
        assert due.mode is not None
        registry = self._settings.registry(planned.registry)
        done = crawl(
            index_and_sources.target_of(self._settings, registry, planned.namespace, due.mode),
            source=CancellableSource(self._sources.of(registry), self._stop),
            archive=self._archive,
            clock=self._clock,
            observer=LogObserver(planned.name),
            manifests=self._library,
        )
        log_crawl(done, planned.name)
        if self._after is not None:
            self._after(done)
        return done


class WorkerDispatch:
    """Leaves crawls to workers.

    Args:
        put: lets a namespace be crawled; False if that is waiting to be done already.
    """

    def __init__(self, put: Callable[[str, str], bool]) -> None:
        self._put = put

    def __call__(self, planned: PlannedNamespace, due: NextCrawl) -> None:
        """Put a namespace in their queue; they find out for themselves what is due of it."""
        if self._put(planned.registry, planned.namespace):
            log_due(planned, due, ", and left to the workers")


def log_due(planned: PlannedNamespace, due: NextCrawl, more: str = "") -> None:
    """Log that a namespace is due."""
    mode = due.mode.value if due.mode else None
    extra = {"registry": planned.registry, "namespace": planned.namespace, "mode": mode}
    log.info("%s: %s%s", planned.name, due.reason, more, extra={"event": "due", **extra})


def log_crawl(done: Crawl, name: str) -> None:
    """Log what a crawl did."""
    seconds = (done.finished_at - done.started_at).total_seconds() if done.finished_at else 0.0
    changes = sum(done.changes.values())
    news = f"{changes} {'change' if changes == 1 else 'changes'}"
    fine = done.status is CrawlStatus.COMPLETE
    log.log(
        logging.INFO if fine else logging.WARNING,
        "%s: %s after %.1f s and %d requests: %s%s",
        name,
        done.status,
        seconds,
        done.spent.requests,
        news if done.status is not CrawlStatus.FAILED else shown(" ".join(done.errors)),
        "" if fine or not done.errors else f", {len(done.errors)} problems",
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


class LogObserver(Observer):
    """Logs what could not be read."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._problems = 0

    def listing(self, registry: str, namespace: str) -> None:
        """See `Observer`."""

    def opening(self, total: int) -> None:
        """See `Observer`."""
        if total:
            log.debug("%s: %d repositories to read", self._name, total)

    def opened(self, repository: str, done: int, spent: Cost) -> None:
        """See `Observer`."""

    def problem(self, sentence: str) -> None:
        """See `Observer`."""
        self._problems += 1
        if self._problems <= MOST_PROBLEMS:
            log.warning("%s: %s", self._name, shown(sentence))
