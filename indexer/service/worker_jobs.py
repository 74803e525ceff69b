"""What a job does: conduct a crawl and judge what it saw, or read a shard of one."""

from __future__ import annotations

import logging
import queue
import threading
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from indexer.bootstrap import index_and_sources
from indexer.config.timetables import timetable_of
from indexer.core.errors import Busy, ConfigError, Ended
from indexer.core.model import Mode
from indexer.core.printable import shown
from indexer.crawl.cancellation import CancellableSource
from indexer.crawl.crawler import read_shard
from indexer.crawl.schedule.next_crawl import hinted_crawl, next_crawl
from indexer.service.crawl_sharding import LEAST, PART_SIZE, WorkerShardReaders
from indexer.service.due_crawl import crawl_due
from indexer.service.job_queue import shard_of
from indexer.service.log_reporter import LogObserver, LogReporter
from indexer.service.policy_judge import PolicyJudge
from indexer.service.run_namespace import RunContext, notify_nobody

if TYPE_CHECKING:
    from indexer.config import RegistrySettings, Settings
    from indexer.core.clock import Clock
    from indexer.crawl.cancellation import Cancellation
    from indexer.crawl.ports import Source
    from indexer.service.job_queue import Queue
    from indexer.store import Store

log = logging.getLogger("indexer.worker")


class Stopped(Exception):
    """The worker ends; another one takes the job."""


class JobRunner:
    """Does the jobs of one worker. Safe to use from threads.

    Args:
        settings: the configuration.
        sources: connections to the registries.
        store: the index.
        queue: where further jobs are put.
        clock: the time.
        stop: cancels everything.
        least: the fewest repositories for sharding a crawl.
        size: repositories in a shard.
    """

    def __init__(
        self,
        settings: Settings,
        sources: index_and_sources.Sources,
        *,
        store: Store,
        queue: Queue,
        clock: Clock,
        stop: Cancellation,
        least: int = LEAST,
        size: int = PART_SIZE,
    ) -> None:
        self._settings = settings
        self._sources = sources
        self._store = store
        self._queue = queue
        self._clock = clock
        self._stop = stop
        self._least = least
        self._size = size
        reporter = LogReporter()
        judge = PolicyJudge(settings, self._source_of, store, clock, reporter)
        self._context = RunContext(  # the daemon notifies the sinks
            settings, self._source_of, store, clock, judge, notify_nobody, reporter
        )
        self._changed = threading.Condition()
        self._conducting = 0
        self._reading = 0

    @property
    def is_idle(self) -> bool:
        """Whether no job is being done here."""
        with self._changed:
            return not (self._conducting or self._reading)

    def crawl(self, registry: str, namespace: str) -> None:
        """Crawl a namespace if it is due; returns when it is done, or is being sharded.

        A sharded crawl is conducted in a thread that goes on after that: it mostly waits, and must
        not keep this worker from other jobs.
        """
        outcome: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        is_shared = threading.Event()

        def share() -> None:
            is_shared.set()
            outcome.put(None)

        def conduct() -> None:
            error: BaseException | None = None
            with self._changed:
                self._conducting += 1
            try:
                self._conduct(registry, namespace, share)
            except BaseException as caught:  # noqa: BLE001 - raised below, or logged there
                error = caught
            finally:
                with self._changed:
                    self._conducting -= 1
                    self._changed.notify_all()
            if not is_shared.is_set():
                outcome.put(error)
            elif error is not None and not isinstance(error, KeyboardInterrupt):
                log.error("%s/%s: unexpected error", registry, shown(namespace), exc_info=error)

        threading.Thread(target=conduct, name=f"{registry}/{namespace}", daemon=True).start()
        error = outcome.get()
        if isinstance(error, Busy):
            log.info("%s", error)
        elif isinstance(error, KeyboardInterrupt):
            raise Stopped from None
        elif error is not None:
            raise error

    def shard(self, registry: str, namespace: str, mode: str, shard: Any) -> None:
        """Read a shard of a crawl that another worker conducts, and store the result for it.

        Raises:
            Stopped: the worker ends.
        """
        with self._changed:
            self._reading += 1
        try:
            self._shard(registry, namespace, mode, shard)
        finally:
            with self._changed:
                self._reading -= 1

    def _shard(self, registry: str, namespace: str, mode: str, shard: Any) -> None:
        settings, given = self._registry(registry, namespace), shard_of(shard)
        target = index_and_sources.target_of(self._settings, settings, namespace, Mode(mode))
        name = f"{registry}/{shown(namespace)}"
        try:
            read = read_shard(
                given,
                target,
                source=self._source_of(settings),
                archive=self._store.archive,
                clock=self._clock,
                observer=LogObserver(name),
            )
        except Ended as ended:
            log.info("%s: %s", name, ended)
        except KeyboardInterrupt:
            raise Stopped from None
        else:
            self._store.shard_results.put(given.crawl, given.number, read)
            log.info(
                "%s: shard %d of crawl %d, %d repositories, %d requests",
                name,
                given.number + 1,
                given.crawl,
                len(given.queue),
                read.spent.requests,
                extra={"event": "shard", "crawl": given.crawl, "shard": given.number},
            )

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait until no crawl is conducted here; False if that takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._conducting, seconds)

    def _conduct(self, registry: str, namespace: str, share: Any) -> None:
        settings, name = self._registry(registry, namespace), f"{registry}/{shown(namespace)}"
        schedule = self._settings.schedule_of(registry, namespace)
        found = self._store.catalog.crawl_history({(registry, namespace)})
        history, now = found[0] if found else None, self._clock.now()
        due = next_crawl(timetable_of(schedule), name, history, now)
        waiting = self._store.hints.waiting().get((registry, namespace), ())
        if due.mode is None:
            due = hinted_crawl(waiting, history, now) or due
        if due.mode is None:
            log.info("%s: nothing to do: %s", name, due.reason)
            return
        log.info("%s: %s", name, due.reason, extra={"event": "due", "mode": due.mode.value})
        shard_readers = WorkerShardReaders(
            self._queue,
            self._store.shard_results,
            self._stop,
            share,
            least=self._least,
            size=self._size,
        )
        crawl_due(
            self._context,
            settings,
            namespace,
            due,
            observing=lambda _source: nullcontext(LogObserver(name)),
            shard_readers=shard_readers,
        )

    def _source_of(self, registry: RegistrySettings) -> Source:
        return CancellableSource(self._sources.of(registry), self._stop)

    def _registry(self, host: str, namespace: str) -> RegistrySettings:
        entry = self._settings.entry(host, namespace)
        if entry is None:
            raise ConfigError(
                f"the registry '{shown(host)}' is not configured here: workers need the "
                "configuration of the daemon."
            )
        return entry
