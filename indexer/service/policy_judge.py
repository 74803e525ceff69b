"""Judges by the policies, for every command and service: one process at a time.

Each process judges everything that has not been judged yet, whoever crawled it: it asks the Hub
about immutable tags first, then evaluates the policies. The lock only avoids doubled work: cursors
never go back and a violation is stored once, so the result is correct without it.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache
from typing import TYPE_CHECKING

from indexer.core.errors import IndexerError
from indexer.manifests.referrer_reader import read_referrers
from indexer.policies import evaluation
from indexer.policies.hub_settings import ask_the_hub
from indexer.policies.looks import looks_of
from indexer.policies.signed_images import ask_for_signatures

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from indexer.config import RegistrySettings, Settings
    from indexer.core.clock import Clock
    from indexer.core.immutable_tags import Immutability
    from indexer.crawl.ports import Source
    from indexer.manifests.ports import ManifestSource
    from indexer.manifests.signatures import Referrer
    from indexer.policies.looks import Look
    from indexer.policies.signed_images import SignedImage
    from indexer.service.reporter import Reporter
    from indexer.store import Store

PATIENCE_SECONDS = 30.0
"""Seconds to wait for another process that is judging. After that the rest is left to it: sinks
are never notified of changes that are not judged.
"""

LOOK_SECONDS = 0.1
"""Seconds between two tries to take the lock."""


BEGIN_SECONDS = 60.0
"""Seconds between two looks whether the policies have cursors, and are known to be in use."""


class PolicyJudge:
    """Judges by the policies of one version of the configuration. Safe to use from threads.

    Args:
        settings: the configuration.
        source_of: connects to a registry, to ask a Docker Hub which tags it makes immutable.
        store: the evidence, and where findings are stored.
        clock: the time.
        reporter: is told what was found, and what went wrong.
    """

    def __init__(
        self,
        settings: Settings,
        source_of: Callable[[RegistrySettings], Source],
        store: Store,
        clock: Clock,
        reporter: Reporter,
    ) -> None:
        self._settings = settings
        self._policies = settings.policies
        self._hubs = [each for each in settings.registries if each.type == "dockerhub"]
        self._source_of = source_of
        self._evaluations = store.evaluations
        self._locate = evaluation.locator(store.catalog)
        self._clock = clock
        self._reporter = reporter
        self._begun_at: float | None = None

    @property
    def _needs_manifests(self) -> bool:
        """Whether manifests that a crawl fetches at its end may decide what is a violation."""
        are_fetched = any(each.manifests != "none" for each in self._settings.registries)
        return are_fetched and any(policy.allow for policy in self._policies)

    def begin(self) -> None:
        """Give new policies a cursor at the end of the log, before anything is crawled.

        They keep it: so a process that crawls many namespaces does not look each time.
        """
        now = self._clock.monotonic()
        if self._begun_at is None or now - self._begun_at >= BEGIN_SECONDS:
            evaluation.begin(self._evaluations, self._policies, self._clock.now())
            self._begun_at = now

    def judge(self, *, running: bool = False) -> None:
        """Judge what has not been judged yet.

        Args:
            running: also judge what crawls that still run have stored so far. Only a process that
                has just crawled does so, because a large crawl must not block all notifications.
                Others wait until that crawl has ended and has fetched the manifests that tell kinds
                of retags. So does everybody whose policies allow some kinds, where manifests are
                fetched: a retag whose kind is not known yet would be a violation.
        """
        try:
            self.begin()
            until = self._until(running=running)
            if self._is_behind(until) or any(each.is_about_state for each in self._policies):
                self._judge(until)
        except IndexerError as error:
            self._reporter.not_judged(error)

    def catch_up(self) -> None:
        """Judge what ended crawls left: those of other processes, or of one that died.

        Present tags are not judged here: that happens after each crawl.
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
        if running and not self._needs_manifests:
            return evaluations.last_change()
        return evaluations.last_before_running()

    def _is_behind(self, until: int) -> bool:
        """Whether one of our policies has not judged up to `until`."""
        states = self._evaluations.policies(self._clock.now())
        ours = {each.name for each in evaluation.judged_by(states, self._policies)}
        return any(each.name in ours and each.cursor < until for each in states)

    def _judge(self, until: int) -> None:
        with ExitStack() as turn:
            if not self._is_our_turn(turn):
                self._reporter.problem(
                    "another process is evaluating the policies: its violations are reported later"
                )
                return
            for problem in self._ask_the_hubs():
                self._reporter.problem(problem)
            looks = looks_of(self._evaluations, self._policies, self._clock.now())
            problems, undecided = self._ask_for_signatures(looks)
            for problem in problems:
                self._reporter.problem(problem)
            judged = evaluation.evaluate(
                self._evaluations,
                self._policies,
                self._locate,
                self._clock.now(),
                until,
                looks=looks,
                undecided=undecided,
            )
        for warning in judged.warnings:
            self._reporter.problem(warning)
        if judged.new:
            self._reporter.violated(judged.new)

    def _is_our_turn(self, turn: ExitStack) -> bool:
        """Wait for the lock, and hold it until `turn` ends; False: it took too long."""
        last_look = self._clock.monotonic() + PATIENCE_SECONDS
        while not turn.enter_context(self._evaluations.alone()):
            if self._clock.monotonic() >= last_look:
                return False
            self._clock.wait(LOOK_SECONDS)
        return True

    def _ask_the_hubs(self) -> list[str]:
        """Ask the Hub about immutable tags of repositories whose tags were retagged or removed.

        Only with configured policies: docs/how-it-works.md promises what a crawl costs the Hub.
        """
        problems = []
        for host in dict.fromkeys(each.host for each in self._hubs) if self._policies else ():
            problems += ask_the_hub(self._evaluations, host, self._asker(host), self._clock.now())
        return problems

    def _ask_for_signatures(self, looks: Sequence[Look]) -> tuple[list[str], set[SignedImage]]:
        """Ask registries for the signatures of images that must be signed."""
        problems: list[str] = []
        undecided: set[SignedImage] = set()
        hosts = {place[0] for look in looks if look.policy.signed for place in look.places}
        for host in dict.fromkeys(each.host for each in self._settings.registries):
            if host not in hosts:
                continue
            told, unknown = ask_for_signatures(
                self._evaluations, looks, host, self._signature_asker(host), self._clock.now()
            )
            problems += told
            undecided |= unknown
        return problems, undecided

    def _signature_asker(
        self, host: str
    ) -> Callable[[str, str, Collection[str]], tuple[Referrer, ...] | None]:
        @cache  # each is connected for its first question only
        def contents(entry: RegistrySettings) -> ManifestSource | None:
            return self._source_of(entry).contents

        def ask(repository: str, digest: str, tags: Collection[str]) -> tuple[Referrer, ...] | None:
            entry = self._settings.entry(host, repository.rpartition("/")[0])
            source = contents(entry) if entry else None
            return None if source is None else read_referrers(source, repository, digest, tags)

        return ask

    def _asker(self, host: str) -> Callable[[str], Immutability | None]:
        @cache  # each is connected for its first question only
        def source(entry: RegistrySettings) -> Source:
            return self._source_of(entry)

        def ask(repository: str) -> Immutability | None:
            entry = self._settings.entry(host, repository.partition("/")[0])
            return source(entry).immutability(repository) if entry else None

        return ask
