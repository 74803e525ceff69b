"""Handles a namespace that is due: the daemon crawls it, or leaves it to workers."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from typing import TYPE_CHECKING

from indexer.service.log_reporter import LogObserver
from indexer.service.run_namespace import run_namespace

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.core.model import Crawl
    from indexer.crawl.schedule.next_crawl import NextCrawl
    from indexer.service.run_namespace import RunContext
    from indexer.service.scheduler import PlannedNamespace

log = logging.getLogger("indexer.daemon")


class CrawlRunner:
    """Crawls namespaces in this process, with one version of the configuration.

    Args:
        context: the settings, the store and the other objects that a crawl needs.
    """

    def __init__(self, context: RunContext) -> None:
        self._context = context

    def __call__(self, planned: PlannedNamespace, due: NextCrawl) -> Crawl:
        """Crawl one namespace, judge the changes, and request notification."""
        log_due(planned, due)
        entry = self._context.settings.entry(planned.registry, planned.namespace)
        assert due.mode is not None
        assert entry is not None  # it was planned by this configuration
        return run_namespace(
            self._context,
            entry,
            planned.namespace,
            due.mode,
            observing=lambda _source: nullcontext(LogObserver(planned.name)),
        )


class WorkerDispatch:
    """Puts crawls into the workers' queue.

    Args:
        put: puts a namespace into the queue; False if it is waiting there already.
    """

    def __init__(self, put: Callable[[str, str], bool]) -> None:
        self._put = put

    def __call__(self, planned: PlannedNamespace, due: NextCrawl) -> None:
        """Put a namespace into the queue; the worker decides itself what is due."""
        if self._put(planned.registry, planned.namespace):
            log_due(planned, due, ", and left to the workers")


def log_due(planned: PlannedNamespace, due: NextCrawl, more: str = "") -> None:
    """Log that a namespace is due."""
    mode = due.mode.value if due.mode else None
    extra = {"registry": planned.registry, "namespace": planned.namespace, "mode": mode}
    log.info("%s: %s%s", planned.name, due.reason, more, extra={"event": "due", **extra})
