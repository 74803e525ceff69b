"""The daemon's looks at what is to be told: after crawls, and again when a sink may be tried again.

In a thread of its own, so that a receiver that hangs keeps no crawl waiting. What a sink was told
is in the index, so a restart tells it what was not taken.
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
"""Between two looks whether something was left to be judged, or a sink may be told again."""

log = logging.getLogger("indexer.daemon")


class NotificationRunner:
    """Judges what others left, and tells the sinks. Safe to use from threads.

    Args:
        judge: judges by the policies.
        notifier: tells the sinks.
        clock: the time.
        start: lets a delivery go on by itself.
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
        """Something may have changed: tell it at the next look."""
        self._next = 0.0

    def tick(self) -> None:
        """Begin to tell, if it is time to and nobody is at it."""
        now = self._clock.monotonic()
        with self._lock:
            if self._busy or now < self._next:
                return
            self._busy = True
            self._next = now + LOOK_SECONDS
        self._start("telling", self._look)

    def _look(self) -> None:
        """Judge, then tell every sink what it was not told yet, whatever comes of it."""
        try:
            judge_and_notify(self._judge.catch_up, self._notifier.tell)
        except IndexerError as error:
            log.error("nobody can be told: %s", error)  # noqa: TRY400 - the sentence is all there is to it
        except KeyboardInterrupt:
            log.info("telling was stopped; what was not told is told later")
        except BaseException:
            log.exception("telling broke off; the daemon goes on")
        finally:
            self._busy = False
