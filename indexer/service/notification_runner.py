"""Tells the configured sinks what changed: after crawls, and again when a sink may be tried again.

In a thread of its own, so that a receiver that hangs keeps no crawl waiting. What a sink was told
is in the index, so a restart tells it what was not taken.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from indexer.core.errors import IndexerError
from indexer.core.printable import shown
from indexer.notify.delivery import deliver, register

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from indexer.core.clock import Clock
    from indexer.notify.delivery import DeliveryOutcome, Recipient
    from indexer.notify.ports import Outbox

LOOK_SECONDS = 60.0
"""Between two looks whether a sink that was held back may be told."""

log = logging.getLogger("indexer.daemon")


class NotificationRunner:
    """Tells some sinks. Safe to use from threads.

    Args:
        addresses: whom to tell.
        outbox: what there is to tell, and how far each has come.
        clock: the time.
        called: how this program is called.
        start: lets a delivery go on by itself.
    """

    def __init__(
        self,
        addresses: Sequence[Recipient],
        outbox: Outbox,
        clock: Clock,
        called: str,
        start: Callable[[str, Callable[[], None]], None],
    ) -> None:
        self._addresses = addresses
        self._outbox = outbox
        self._clock = clock
        self._called = called
        self._start = start
        self._lock = threading.Lock()
        self._busy = False
        self._next = 0.0
        self._said: dict[str, str] = {}
        register(outbox, [address.sink for address in addresses], clock.now())

    def soon(self) -> None:
        """Something may have changed: tell it at the next look."""
        self._next = 0.0

    def tick(self) -> None:
        """Begin to tell, if it is time to and nobody is at it."""
        now = self._clock.monotonic()
        with self._lock:
            if not self._addresses or self._busy or now < self._next:
                return
            self._busy = True
            self._next = now + LOOK_SECONDS
        self._start("telling", self._tell)

    def _tell(self) -> None:
        """Tell every sink what it was not told yet, whatever comes of it."""
        try:
            outcomes = deliver(self._outbox, self._addresses, self._clock, self._called)
            for outcome in outcomes:
                self._log(outcome)
        except IndexerError as error:
            log.error("nobody can be told: %s", error)  # noqa: TRY400 - the sentence is all there is to it
        except BaseException:
            log.exception("telling broke off; the daemon goes on")
        finally:
            self._busy = False

    def _log(self, outcome: DeliveryOutcome) -> None:
        for problem in outcome.problems:
            log.warning("%s", problem)
        if outcome.messages:
            log.info(
                "sink '%s': %d messages, %d changes",
                shown(outcome.sink),
                outcome.messages,
                outcome.changes,
                extra={"event": "told", "sink": outcome.sink, "changes": outcome.changes},
            )
        trouble = outcome.error or outcome.held
        if trouble and trouble != self._said.get(outcome.sink):
            level = logging.WARNING if outcome.error else logging.INFO
            log.log(level, "sink '%s': %s", shown(outcome.sink), shown(trouble))
        self._said[outcome.sink] = trouble
