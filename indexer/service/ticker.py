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


@contextlib.contextmanager
def every(seconds: float, tick: Callable[[], None]) -> Iterator[None]:
    """Call `tick` now and at an interval: never concurrently, and once for all missed times."""
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # it logs each tick
    scheduler = BackgroundScheduler(executors={"default": _InThreads()}, timezone=UTC)
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
