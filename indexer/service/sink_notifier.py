"""Notifies the configured sinks of changes, for every command and service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.notify.delivery import deliver, register
from indexer.policies.policy import THE_HUBS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from indexer.core.clock import Clock
    from indexer.notify.delivery import DeliveryOutcome, Recipient
    from indexer.notify.links import Links
    from indexer.notify.ports import Outbox
    from indexer.policies.policy import Policy
    from indexer.service.reporter import Reporter


class SinkNotifier:
    """Notifies some sinks. Safe to use from threads.

    Args:
        recipients: the sinks and their channels.
        outbox: what there is to send, and each sink's cursor.
        clock: the time.
        links: what links and commands in messages begin with.
        reporter: is told the outcome for each sink.
        judges: the policies of this process; for others a sink reports that it waits for them.
    """

    def __init__(
        self,
        recipients: Sequence[Recipient],
        outbox: Outbox,
        clock: Clock,
        links: Links,
        reporter: Reporter,
        *,
        judges: Iterable[Policy],
    ) -> None:
        self._recipients = recipients
        self._outbox = outbox
        self._clock = clock
        self._links = links
        self._reporter = reporter
        self._judges = {THE_HUBS, *(policy.name for policy in judges)}

    def begin(self, cursor: int | None = None) -> list[str]:
        """Give new sinks a cursor at the end of the log, or at `cursor`. Call it before crawling.

        Returns:
            The names of those that are new.
        """
        sinks = [each.sink for each in self._recipients]
        return register(self._outbox, sinks, self._clock.now(), cursor) if sinks else []

    def tell(self, *, impatient: bool = False) -> list[DeliveryOutcome]:
        """Send every sink what it has not been sent yet, as far as it is judged.

        Args:
            impatient: retry sinks that failed a short while ago, too.

        Raises:
            StoreError: the index failed.
        """
        self.begin()
        if not self._recipients:
            return []
        outcomes = deliver(
            self._outbox,
            self._recipients,
            self._clock,
            self._links,
            impatient=impatient,
            judges=self._judges,
        )
        for outcome in outcomes:
            self._reporter.told(outcome)
        return outcomes
