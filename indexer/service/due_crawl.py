"""Handles a namespace that is due: the daemon crawls it, or leaves it to workers."""

from __future__ import annotations

import contextlib
import logging
from contextlib import nullcontext
from typing import TYPE_CHECKING

from indexer.bootstrap.registry_connections import wanted_names
from indexer.core.errors import StoreError
from indexer.core.model import CrawlStatus
from indexer.crawl.schedule.next_crawl import hinted_parts
from indexer.service.log_reporter import LogObserver
from indexer.service.run_namespace import run_namespace
from indexer.store.crawl.push_hints import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from indexer.config import RegistrySettings
    from indexer.core.model import Crawl
    from indexer.crawl.ports import Observer, Source
    from indexer.crawl.schedule.next_crawl import NextCrawl
    from indexer.crawl.sharding import ShardReaders
    from indexer.service.due_namespaces import PlannedNamespace
    from indexer.service.run_namespace import RunContext

QUEUED_SECONDS = 30.0
"""Seconds after which a crawl is put into the workers' queue again, lest it was lost there."""

log = logging.getLogger("indexer.daemon")


class CrawlRunner:
    """Crawls namespaces in this process, with one version of the configuration.

    Args:
        context: the settings, the store and the other objects that a crawl needs.
    """

    def __init__(self, context: RunContext) -> None:
        self._context = context

    def __call__(self, planned: PlannedNamespace, due: NextCrawl) -> Sequence[Crawl]:
        """Crawl one namespace or parts of it, judge the changes, and request notification."""
        log_due(planned, due)
        entry = self._context.settings.entry(planned.registry, planned.namespace)
        assert entry is not None  # it was planned by this configuration
        return crawl_due(
            self._context,
            entry,
            planned.namespace,
            due,
            observing=lambda _source: nullcontext(LogObserver(planned.name)),
        )


def crawl_due(
    context: RunContext,
    entry: RegistrySettings,
    namespace: str,
    due: NextCrawl,
    *,
    observing: Callable[[Source], AbstractContextManager[Observer]],
    shard_readers: ShardReaders | None = None,
) -> Sequence[Crawl]:
    """Crawl what is due: the namespace, or the repositories that hooks named, one by one.

    Repositories that the configuration leaves out are not crawled. If nothing could be read, a hint
    of a repository that the index does not know waits again, for it is written nowhere else: what
    is known stays pending. The next try waits as after any failure.

    Args:
        context: of this process.
        entry: where the namespace is.
        namespace: its name.
        due: what to crawl.
        observing: makes an observer of a crawl, for as long as it lasts.
        shard_readers: workers that read shards of a large crawl.

    Raises:
        IndexerError: as `run_namespace`.
    """
    assert due.mode is not None
    wanted, hints = wanted_names(entry), context.store.hints
    # Taken before: what hooks say during the crawl is for the next one.
    taken = hints.take(entry.host, namespace)
    named = hinted_parts((*due.parts, *taken)) if due.parts else ()
    parts = [part for part in named if wanted.has(part)] if named else [None]
    try:
        crawls = [
            run_namespace(
                context,
                entry,
                namespace,
                due.mode,
                observing=observing,
                shard_readers=shard_readers,
                part=part,
            )
            for part in parts
        ]
    except BaseException:
        if taken:
            with contextlib.suppress(StoreError):  # they are pending all the same
                hints.put_back(entry.host, namespace, taken)
        raise
    if UNKNOWN in taken and crawls and crawls[-1].status is CrawlStatus.FAILED:
        hints.put_back(entry.host, namespace, [UNKNOWN])
    return crawls


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
