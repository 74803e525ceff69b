"""One process of those that share an index: what it has to run namespaces, and what it said."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from indexer.config import RegistrySettings, Settings
from indexer.core.model import Mode
from indexer.notify.delivery import Recipient
from indexer.notify.links import Links
from indexer.notify.sink import Sink
from indexer.policies.policy import Forbidden, Policy
from indexer.policies.violation import Severity
from indexer.service.policy_judge import PolicyJudge
from indexer.service.reporter import Reporter
from indexer.service.run_namespace import RunContext, judge_and_notify, run_namespace
from indexer.service.sink_notifier import SinkNotifier
from tests.notify.stage import FakeClock, Keeps
from tests.support.crawls import Watcher
from tests.support.memory_registry import MemoryRegistry, MemorySource

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from indexer.core.errors import IndexerError
    from indexer.core.immutable_tags import Immutability
    from indexer.core.model import Crawl
    from indexer.notify.delivery import DeliveryOutcome
    from indexer.store import Store

HUB = RegistrySettings(namespaces=("acme",))
STILL = Policy("still", forbid=frozenset(Forbidden))


@dataclass
class Hears(Reporter):
    """Keeps what it hears."""

    crawls: list[Crawl] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    violations: int = 0
    outcomes: list[DeliveryOutcome] = field(default_factory=list)
    errors: list[IndexerError] = field(default_factory=list)

    def crawled(self, done: Crawl) -> None:
        self.crawls.append(done)

    def problem(self, sentence: str) -> None:
        self.problems.append(sentence)

    def violated(self, number: int) -> None:
        self.violations += number

    def told(self, outcome: DeliveryOutcome) -> None:
        self.outcomes.append(outcome)

    def not_judged(self, error: IndexerError) -> None:
        self.errors.append(error)


class AskedSource(MemorySource):
    """A source that also says which tags are immutable."""

    def __init__(self, registry: MemoryRegistry, ask: Callable[[str], Immutability | None]) -> None:
        super().__init__(registry)
        self._hub = ask

    def immutability(self, repository: str) -> Immutability | None:
        return self._hub(repository)


def says_nothing(_repository: str) -> Immutability | None:
    return None


@dataclass
class BusyClock(FakeClock):
    """A clock; while somebody waits by it, something happens elsewhere."""

    meanwhile: Callable[[], None] = lambda: None

    def wait(self, seconds: float) -> None:
        self.meanwhile()
        super().wait(seconds)


@dataclass
class Process:
    """A process on an index, with a sink that wants every change, and one that wants violations.

    Attributes:
        store: the index.
        policies: that it has configured.
        hub: the registry that it has configured.
        registry: what it crawls.
        ask: what the Hub says of immutable tags.
        before: called with each request before it is answered.
        clock: the time.
    """

    store: Store
    policies: Sequence[Policy] = (STILL,)
    hub: RegistrySettings = HUB
    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    ask: Callable[[str], Immutability | None] = says_nothing
    before: Callable[[str], None] = lambda _request: None
    clock: BusyClock = field(default_factory=BusyClock)
    hears: Hears = field(default_factory=Hears)
    everything: Keeps = field(default_factory=Keeps)
    alarms: Keeps = field(default_factory=Keeps)

    def __post_init__(self) -> None:
        settings = Settings(registries=(self.hub,), policies=tuple(self.policies))
        recipients = [
            Recipient(Sink("everything"), self.everything),
            Recipient(Sink("alarms", severity=Severity.LOW), self.alarms),
        ]
        self.notifier = SinkNotifier(
            recipients,
            self.store.outbox,
            self.clock,
            Links("indexer"),
            self.hears,
            judges=self.policies,
        )
        self.judge = PolicyJudge(settings, self._source, self.store, self.clock, self.hears)
        self.context = RunContext(
            settings,
            self._source,
            self.store,
            self.clock,
            self.judge,
            self.notifier.tell,
            self.hears,
        )

    def begins(self) -> None:
        """New sinks and policies start here."""
        self.notifier.begin()
        self.judge.begin()

    def runs(self) -> Crawl:
        """Run the namespace, as everybody does who crawls."""
        return run_namespace(
            self.context,
            HUB,
            "acme",
            Mode.INCREMENTAL,
            observing=lambda _source: nullcontext(Watcher()),
        )

    def comes_by(self) -> None:
        """Judge and tell without a crawl, as `notify run` does."""
        judge_and_notify(self.judge.judge, self.notifier.tell)

    def found(self) -> list[tuple[str, str]]:
        """Policy and tag of each violation."""
        return [
            (each.found.policy, each.found.tag)
            for each in self.store.evaluations.violations(only_open=False)
        ]

    def _source(self, _registry: RegistrySettings) -> AskedSource:
        source = AskedSource(self.registry, self.ask)
        source.before = self.before
        return source
