"""Telling people, on behalf of commands: before and after what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.bootstrap import notification_sinks
from indexer.notify.delivery import deliver, register

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.cli.context import CommandContext
    from indexer.config.sinks import SinkSettings
    from indexer.notify.delivery import DeliveryOutcome
    from indexer.store import Store


class Telling:
    """Sinks, ready to be told.

    Args:
        session: of the command.
        sinks: which of the configuration's.

    Raises:
        ConfigError: one cannot be used as it is configured.
    """

    def __init__(self, session: CommandContext, sinks: Sequence[SinkSettings]) -> None:
        self._session = session
        self._addresses = notification_sinks.addresses(sinks)

    def begin(self, store: Store, cursor: int | None = None) -> list[str]:
        """See that new sinks start here, before anything happens; the names of those."""
        sinks = [address.sink for address in self._addresses]
        return register(store.outbox, sinks, self._session.now(), cursor)

    def tell(self, store: Store, *, impatient: bool = False) -> list[DeliveryOutcome]:
        """Tell every sink, and say what went wrong."""
        outcomes = deliver(
            store.outbox,
            self._addresses,
            self._session.clock,
            self._session.called,
            impatient=impatient,
        )
        for outcome in outcomes:
            for problem in outcome.problems:
                self._session.complain(problem)
            if outcome.error:
                self._session.complain(f"sink '{outcome.sink}': {outcome.error}")
            elif outcome.held:
                self._session.note(f"sink '{outcome.sink}': {outcome.held}.")
        return outcomes
