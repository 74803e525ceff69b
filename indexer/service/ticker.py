"""Calls a function at an interval. APScheduler does nothing else: it stores and decides nothing."""

from __future__ import annotations

import contextlib
import logging
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from apscheduler.executors.base import BaseExecutor, run_job
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LAST_WORDS_SECONDS = 1.0
"""Seconds that the scheduler's own thread may take to end."""


class _InThreads(BaseExecutor):  # type: ignore[misc]  # it has no types
    """Runs jobs in daemon threads; APScheduler's own pools would keep the process from ending."""

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:
        arguments = (job, run_times)
        threading.Thread(target=self._run, args=arguments, name="tick", daemon=True).start()

    def _run(self, job: Any, run_times: list[datetime]) -> None:
        events = run_job(job, job._jobstore_alias, run_times, self._logger.name)  # noqa: SLF001 - its own executors do so
        self._run_job_success(job.id, events)


class TickScheduler(BackgroundScheduler):  # type: ignore[misc]  # it has no types
    """A scheduler for jobs of one interval, which a clock that is set back does not stop.

    APScheduler waits for the time of the next run, however far ahead that is by the new clock.

    Args:
        seconds: the interval.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(executors={"default": _InThreads()}, timezone=UTC)
        self._seconds = seconds

    def _process_jobs(self) -> float | None:
        wait: float | None = super()._process_jobs()
        if wait is None or wait <= self._seconds:
            return wait
        for job in self.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))
        return 0.0


@contextlib.contextmanager
def every(seconds: float, tick: Callable[[], None]) -> Iterator[None]:
    """Call `tick` now and at an interval: never concurrently, and once for all missed times."""
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # it logs each tick
    scheduler = TickScheduler(seconds)
    scheduler.add_job(
        tick,
        IntervalTrigger(seconds=seconds, timezone=UTC),
        next_run_time=datetime.now(UTC),
        max_instances=1,
        coalesce=True,
        misfire_grace_time=None,  # however late
    )
    scheduler.start()
    try:
        yield
    finally:
        ending = threading.Thread(
            target=scheduler.shutdown, kwargs={"wait": False}, name="untick", daemon=True
        )
        ending.start()
        ending.join(LAST_WORDS_SECONDS)
