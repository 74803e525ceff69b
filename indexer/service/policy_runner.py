"""Judges by the policies after each crawl, before anybody is told.

What goes wrong with it is logged, and is no reason for a crawl or the daemon to end.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from indexer.core.errors import IndexerError
from indexer.policies import evaluation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from indexer.catalog.ports import Catalog
    from indexer.core.clock import Clock
    from indexer.core.immutable_tags import Immutability
    from indexer.policies.policy import Policy
    from indexer.policies.ports import EvaluationStore

log = logging.getLogger("indexer.daemon")


class PolicyRunner:
    """The policies of one reading of the configuration; new ones start when it is made.

    Args:
        policies: of the configuration.
        evaluations: what is judged, and where findings go.
        catalog: finds what policies name.
        clock: the time.
    """

    def __init__(
        self,
        policies: Sequence[Policy],
        evaluations: EvaluationStore,
        catalog: Catalog,
        clock: Clock,
    ) -> None:
        self._policies = policies
        self._docket = evaluations
        self._locate = evaluation.locator(catalog)
        self._clock = clock
        evaluation.begin(evaluations, policies, clock.now())

    def crawled(self, registry: str, ask: Callable[[str], Immutability | None]) -> None:
        """A crawl of a registry ended: judge what it saw.

        Args:
            registry: its name.
            ask: asks it which tags of a repository it calls immutable.
        """
        try:
            if self._policies:  # what a crawl costs the Hub is a promise to everybody else
                for problem in evaluation.ask_the_hub(
                    self._docket, registry, ask, self._clock.now()
                ):
                    log.warning("%s", problem)
            judged = evaluation.evaluate(
                self._docket, self._policies, self._locate, self._clock.now()
            )
        except IndexerError as error:
            log.error("nothing can be judged: %s", error)  # noqa: TRY400 - the sentence is all
            return
        if judged.new:
            log.warning(
                "%d new violations of policies: see 'indexer violations'",
                judged.new,
                extra={"event": "violated", "violations": judged.new},
            )
