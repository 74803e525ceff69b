"""The process of `indexer worker`, from start to end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import procrastinate
from procrastinate import exceptions, jobs
from procrastinate.manager import JobManager

from indexer.bootstrap import index_and_sources
from indexer.core.errors import IndexerError, StoreError
from indexer.crawl.cancellation import Cancellation
from indexer.service.crawl_sharding import LEAST, PART_SIZE
from indexer.service.idle_worker import IdleFacts, IdleReporter
from indexer.service.job_queue import CRAWLS, DEAD_SECONDS, SHARDS, Queue, address_of, make_ready
from indexer.service.queue_status import queue_status
from indexer.service.systemd import SystemdNotifier
from indexer.service.worker_jobs import JobRunner, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable

    from procrastinate.jobs import Job

    from indexer.config import ServiceManager, Settings
    from indexer.core.clock import Clock
    from indexer.store import Store

MOST_TRIES = 3
"""Tries of one job that fails, or whose workers die. The daemon puts in what is due hours later."""

KEPT_HOURS = 7 * 24
"""Hours for which a failed job is kept, so that `indexer status` shows it."""

CLEANING_SECONDS = 3_600.0
"""Seconds between two deletions of older jobs."""

FIRST_PAUSE_SECONDS = 10
"""Seconds before the second try; three times as many before the third."""

STOP_SECONDS = 8.0
"""Seconds that jobs may take to record that they were interrupted; ten in all are promised."""

log = logging.getLogger("indexer.worker")


class WorkerOptions(NamedTuple):
    """How workers share work.

    Attributes:
        least: the fewest repositories for sharding a crawl.
        size: repositories in a shard.
        beat: seconds between two heartbeats.
        dead: seconds without a heartbeat after which other workers take over the jobs.
    """

    least: int = LEAST
    size: int = PART_SIZE
    beat: float = 5.0
    dead: float = DEAD_SECONDS


class RetryPolicy(procrastinate.BaseRetryStrategy):
    """Retries a failed job a few times; a stopped job goes to another worker at once."""

    def get_retry_decision(
        self, *, exception: BaseException, job: Job
    ) -> procrastinate.RetryDecision | None:
        """See `BaseRetryStrategy`."""
        if isinstance(exception, Stopped):
            return procrastinate.RetryDecision(retry_in={"seconds": 0})
        if job.attempts + 1 >= MOST_TRIES:
            return None
        return procrastinate.RetryDecision(
            retry_in={"seconds": FIRST_PAUSE_SECONDS * 3**job.attempts}
        )


class _JobManager(JobManager):
    """Puts a job back into the queue, unless the same work was put there since it began.

    A crawl may be asked for again while it runs, and two that wait for the same namespace are
    refused. The job that was broken off would then stay begun for ever, and keep the other waiting.
    """

    async def retry_job_by_id_async(self, job_id: int, *args: Any, **more: Any) -> None:
        """See `JobManager`."""
        try:
            await super().retry_job_by_id_async(job_id, *args, **more)
        except exceptions.UniqueViolation:
            await self.finish_job_by_id_async(job_id, jobs.Status.ABORTED, delete_job=True)


class Worker:
    """Takes jobs and does them until it is told to stop.

    Args:
        settings: the configuration.
        store: the index.
        clock: the time.
        manager: the service manager that started the process, if any.
        options: how it shares work with other workers.

    Raises:
        UsageError: the index is in a database that machines cannot share.
        StoreError: the queue cannot be used.
        ConfigError: an account is not where the configuration says.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        store: Store,
        clock: Clock,
        manager: ServiceManager,
        options: WorkerOptions = WorkerOptions(),  # noqa: B008 - frozen
    ) -> None:
        self._options = options
        self._clock = clock
        self._address = address_of(settings.database.url)
        make_ready(self._address)
        self._width = settings.daemon.crawls
        self._notifier = SystemdNotifier(manager)
        self._stop = Cancellation()
        self._sources = index_and_sources.Sources(settings, clock, budget=store.budget)
        for registry, _ in settings.namespaces():
            self._sources.prepare(registry)
        self._queue = Queue(self._address)
        self._idle = IdleReporter(
            settings,
            lambda: IdleFacts(queue_status(settings.database.url), store.catalog.crawl_history()),
            clock,
        )
        self._jobs = JobRunner(
            settings,
            self._sources,
            store=store,
            queue=self._queue,
            clock=clock,
            stop=self._stop,
            least=options.least,
            size=options.size,
        )

    def run(self) -> None:
        """Work until SIGTERM or SIGINT."""
        with self._queue:
            asyncio.run(self._work())
        self._sources.close()

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(self._width + 2, "job"))
        ending = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ending.set)
        app = self._app()
        async with app.open_async():
            worker = asyncio.create_task(
                app.run_worker_async(
                    queues=[CRAWLS, SHARDS],
                    concurrency=self._width,
                    delete_jobs="successful",
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=STOP_SECONDS,
                    update_heartbeat_interval=self._options.beat,
                    stalled_worker_timeout=self._options.dead,
                )
            )
            rescue = asyncio.create_task(self._look_after(app))
            log.info("started: %d jobs at a time", self._width, extra={"event": "started"})
            self._notifier.ready("working")
            told = asyncio.create_task(ending.wait())
            await asyncio.wait({worker, rescue, told}, return_when=asyncio.FIRST_COMPLETED)
            await self._end(worker, rescue, told)

    async def _end(self, worker: asyncio.Task[Any], *others: asyncio.Task[Any]) -> None:
        log.info("stopping", extra={"event": "stopping"})
        self._notifier.stopping()
        broke_off = worker.done() and not worker.cancelled() and worker.exception()
        self._stop.set()
        for task in (worker, *others):
            task.cancel()
        for task in (worker, *others):
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
        await asyncio.to_thread(self._jobs.wait_until_idle, STOP_SECONDS)
        log.info("stopped", extra={"event": "stopped"})
        if broke_off:
            raise broke_off

    def _app(self) -> procrastinate.App:
        app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(conninfo=self._address, min_size=1, max_size=4)
        )
        app.job_manager = _JobManager(app.connector)

        @app.task(name=CRAWLS, queue=CRAWLS, retry=RetryPolicy())
        def crawl(registry: str, namespace: str) -> None:
            self._told(lambda: self._jobs.crawl(registry, namespace))

        @app.task(name=SHARDS, queue=SHARDS, retry=RetryPolicy())
        def shard(registry: str, namespace: str, mode: str, shard: Any) -> None:
            self._told(lambda: self._jobs.shard(registry, namespace, mode, shard))

        return app

    @staticmethod
    def _told(work: Callable[[], None]) -> None:
        """Do a job, and log its error before the queue records it as failed."""
        try:
            work()
        except Stopped:
            raise
        except IndexerError as error:
            log.error("%s", error)  # noqa: TRY400 - the sentence is all there is to it
            raise
        except Exception:
            log.exception("unexpected error in a job; the worker continues")
            raise

    def _say_if_idle(self) -> None:
        try:
            sentence = self._idle.look(is_busy=not self._jobs.is_idle)
        except StoreError:
            return  # what the worker does with the same database says so
        if sentence:
            log.info("%s", sentence, extra={"event": "idle"})

    async def _look_after(self, app: procrastinate.App) -> None:
        """Give the jobs of dead workers to others, and send the service manager signs of life."""
        manager = app.job_manager
        cleaned = self._clock.monotonic() - CLEANING_SECONDS  # deletes old jobs at once
        while True:
            await asyncio.sleep(self._options.beat)
            await asyncio.to_thread(self._say_if_idle)
            self._notifier.alive(self._idle.status)
            if self._clock.monotonic() - cleaned >= CLEANING_SECONDS:
                cleaned = self._clock.monotonic()
                await manager.delete_old_jobs(
                    KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
                )
            await manager.prune_stalled_workers(self._options.dead)
            stalled = await manager.get_stalled_jobs(seconds_since_heartbeat=self._options.dead)
            for job in stalled:
                assert job.id is not None
                # Another worker may have been faster.
                with contextlib.suppress(exceptions.ConnectorException):
                    if job.attempts + 1 >= MOST_TRIES:
                        log.error("job %d is given up: its workers died", job.id)
                        await manager.finish_job_by_id_async(
                            job.id, jobs.Status.FAILED, delete_job=False
                        )
                    else:
                        log.warning("the worker of job %d died: the job is done again", job.id)
                        await manager.retry_job_by_id_async(job.id, datetime.now(UTC))
