"""Judging by the policies, for every command and service: one process at a time.

Whoever comes by judges what nobody has judged yet, by whomever it was crawled: the Hub is asked
about immutable tags first, then the policies are evaluated. Correct without the lock too, for
cursors never go back and a violation is recorded once; with it nobody does the work twice.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache
from typing import TYPE_CHECKING

from indexer.core.errors import IndexerError
from indexer.policies import evaluation
from indexer.policies.hub_settings import ask_the_hub

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.config import RegistrySettings, Settings
    from indexer.core.clock import Clock
    from indexer.core.immutable_tags import Immutability
    from indexer.crawl.ports import Source
    from indexer.service.reporter import Reporter
    from indexer.store import Store

PATIENCE_SECONDS = 30.0
"""How long another process is waited for that judges. Then it is left to that: nobody is told what
is not judged.
"""

LOOK_SECONDS = 0.1
"""Between two looks whether it has finished."""


class PolicyJudge:
    """The policies of one reading of the configuration. Safe to use from threads.

    Args:
        settings: the configuration.
        source_of: a registry, to ask a Docker Hub which tags it calls immutable.
        store: what is judged, and where findings go.
        clock: the time.
        reporter: hears what was found, and what went wrong.
    """

    def __init__(
        self,
        settings: Settings,
        source_of: Callable[[RegistrySettings], Source],
        store: Store,
        clock: Clock,
        reporter: Reporter,
    ) -> None:
        self._policies = settings.policies
        self._hubs = [each for each in settings.registries if each.type == "dockerhub"]
        self._source_of = source_of
        self._evaluations = store.evaluations
        self._locate = evaluation.locator(store.catalog)
        self._clock = clock
        self._reporter = reporter

    def begin(self) -> None:
        """See that new policies start here, before anything happens."""
        evaluation.begin(self._evaluations, self._policies, self._clock.now())

    def judge(self, *, running: bool = False) -> None:
        """Judge what nobody has judged yet.

        Args:
            running: also what crawls that still run have seen so far, which is for who has just
                crawled: a large crawl must not keep everybody from being told. Others leave it
                until that crawl has ended, and has fetched what tells kinds of retags apart.
        """
        try:
            self.begin()
            until = self._until(running=running)
            if self._is_behind(until) or any(each.is_about_state for each in self._policies):
                self._judge(until)
        except IndexerError as error:
            self._reporter.not_judged(error)

    def catch_up(self) -> None:
        """Judge what crawls that have ended left: of others, or of a process that died.

        What is there is not looked through for it: that is done after each crawl.
        """
        try:
            self.begin()
            until = self._until(running=False)
            if self._is_behind(until):
                self._judge(until)
        except IndexerError as error:
            self._reporter.not_judged(error)

    def _until(self, *, running: bool) -> int:
        evaluations = self._evaluations
        return evaluations.last_change() if running else evaluations.last_before_running()

    def _is_behind(self, until: int) -> bool:
        """Whether a policy of ours has not judged so far."""
        evaluations, now = self._evaluations, self._clock.now()
        ours = {each.name for each in evaluation.judged_by(evaluations, self._policies, now)}
        return any(each.name in ours and each.cursor < until for each in evaluations.policies(now))

    def _judge(self, until: int) -> None:
        with ExitStack() as turn:
            if not self._is_our_turn(turn):
                self._reporter.problem(
                    "another process is judging by the policies: it is told later what that judges"
                )
                return
            for problem in self._ask_the_hubs():
                self._reporter.problem(problem)
            judged = evaluation.evaluate(
                self._evaluations, self._policies, self._locate, self._clock.now(), until
            )
        for warning in judged.warnings:
            self._reporter.problem(warning)
        if judged.new:
            self._reporter.violated(judged.new)

    def _is_our_turn(self, turn: ExitStack) -> bool:
        """Wait until nobody else judges, and keep it so until `turn` ends; False: it takes long."""
        last_look = self._clock.monotonic() + PATIENCE_SECONDS
        while not turn.enter_context(self._evaluations.alone()):
            if self._clock.monotonic() >= last_look:
                return False
            self._clock.wait(LOOK_SECONDS)
        return True

    def _ask_the_hubs(self) -> list[str]:
        """Ask for what nobody has asked for yet, wherever tags were retagged or removed.

        Only for who has policies: what a crawl costs the Hub is a promise (docs/how-it-works.md).
        """
        problems = []
        for registry in self._hubs if self._policies else ():
            ask = self._asker(registry)
            problems += ask_the_hub(self._evaluations, registry.name, ask, self._clock.now())
        return problems

    def _asker(self, registry: RegistrySettings) -> Callable[[str], Immutability | None]:
        source = cache(lambda: self._source_of(registry))  # connected for the first question only
        return lambda repository: source().immutability(repository)
