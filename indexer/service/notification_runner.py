"""Judges and notifies in the daemon: after crawls, and when a sink may be retried.

It has a thread of its own, so that a receiver that hangs delays no crawl. How far each sink was
notified is in the index, so a restart sends what was not delivered.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from indexer.core.errors import IndexerError
from indexer.service.run_namespace import judge_and_notify

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.core.clock import Clock
    from indexer.service.policy_judge import PolicyJudge
    from indexer.service.sink_notifier import SinkNotifier

LOOK_SECONDS = 60.0
"""Seconds between two checks for changes to judge or to send."""

log = logging.getLogger("indexer.daemon")


class NotificationRunner:
    """Judges what other processes left, and notifies the sinks. Safe to use from threads.

    Args:
        judge: judges by the policies.
        notifier: notifies the sinks.
        clock: the time.
        start: runs a function in a thread of a given name.
    """

    def __init__(
        self,
        judge: PolicyJudge,
        notifier: SinkNotifier,
        clock: Clock,
        start: Callable[[str, Callable[[], None]], None],
    ) -> None:
        self._judge = judge
        self._notifier = notifier
        self._clock = clock
        self._start = start
        self._lock = threading.Lock()
        self._busy = False
        self._next = 0.0

    def soon(self) -> None:
        """Something may have changed: notify at the next tick."""
        self._next = 0.0

    def tick(self) -> None:
        """Start notifying, if it is time and no earlier start still runs."""
        now = self._clock.monotonic()
        with self._lock:
            if self._busy or now < self._next:
                return
            self._busy = True
            self._next = now + LOOK_SECONDS
        self._start("telling", self._look)

    def _look(self) -> None:
        """Judge, then notify every sink. Never raises."""
        try:
            judge_and_notify(self._judge.catch_up, self._notifier.tell)
        except IndexerError as error:
            log.error("cannot notify: %s", error)  # noqa: TRY400 - the sentence is all there is to it
        except KeyboardInterrupt:
            log.info("stopped while notifying; the rest is sent later")
        except BaseException:
            log.exception("unexpected error while notifying; the daemon continues")
        finally:
            self._busy = False
