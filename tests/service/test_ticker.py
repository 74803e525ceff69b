"""The daemon's ticks go on whatever the clock does."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from apscheduler.triggers.interval import IntervalTrigger

from indexer.service.ticker import TickScheduler

PATIENCE = 60
"""Seconds of real time after which a test that hangs ends."""


def test_a_clock_that_was_set_back_a_year_does_not_stop_the_ticks() -> None:
    ticked = threading.Event()
    scheduler = TickScheduler(5.0)
    by_the_old_clock = datetime.now(UTC) + timedelta(days=365)
    trigger = IntervalTrigger(seconds=5, timezone=UTC)
    scheduler.add_job(ticked.set, trigger, next_run_time=by_the_old_clock)
    scheduler.start()
    try:
        assert ticked.wait(PATIENCE)
    finally:
        scheduler.shutdown(wait=False)
