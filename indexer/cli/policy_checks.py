"""Judging by the policies, on behalf of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core.humanize import count
from indexer.policies import evaluation

if TYPE_CHECKING:
    from indexer.bootstrap.index_and_sources import Sources
    from indexer.cli.context import CommandContext
    from indexer.config import RegistrySettings
    from indexer.store import Store


class Judging:
    """The policies of the configuration, and the one that there always is: the Hub's own."""

    def __init__(self, session: CommandContext) -> None:
        self._session = session
        self._policies = session.settings.policies

    def begin(self, store: Store) -> None:
        """See that new policies start here, before anything happens."""
        evaluation.begin(store.evaluations, self._policies, self._session.now())

    def ask(self, store: Store, sources: Sources, registry: RegistrySettings) -> None:
        """Ask a Docker Hub which tags it calls immutable, where tags have just moved or gone.

        Only for who has policies: what a crawl costs the Hub is a promise (docs/how-it-works.md).
        """
        if registry.type != "dockerhub" or not self._policies:
            return
        ask = sources.of(registry).immutability
        for problem in evaluation.ask_the_hub(
            store.evaluations, registry.name, ask, self._session.now()
        ):
            self._session.complain(problem)

    def judge(self, store: Store) -> None:
        """Judge what was not judged yet, and say so if anything is against a policy."""
        locate = evaluation.locator(store.catalog)
        judged = evaluation.evaluate(store.evaluations, self._policies, locate, self._session.now())
        if judged.new:
            self._session.complain(
                f"{count(judged.new, 'new violation')} of policies: see "
                f"'{self._session.called} violations'."
            )

    def idle(self, store: Store) -> list[str]:
        """A sentence for each policy that matches nothing."""
        return evaluation.matching_nothing(
            store.evaluations, self._policies, evaluation.locator(store.catalog)
        )
