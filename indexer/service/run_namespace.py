"""The one way of a namespace: crawl, ask the Hub, judge, notify. Commands and services take it.

    run_namespace
      judge.begin          new policies start here
      crawler.crawl        registry -> index, and what changed into the change log
      judge_and_notify
        judge              the Hub's word on immutable tags, then the policies -> violations
        notify             change log and violations -> sinks

Nothing depends on who goes it, or on whether they come to its end. How far each policy has judged
is in the index, and no sink's cursor passes that. What was crawled by a process that died before
it judged is judged, and then told once, by whoever comes by next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from indexer.bootstrap import index_and_sources
from indexer.crawl.crawler import crawl

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from indexer.config import RegistrySettings, Settings
    from indexer.core.clock import Clock
    from indexer.core.model import Crawl, Mode
    from indexer.crawl.ports import Observer, Source
    from indexer.crawl.sharding import ShardReaders
    from indexer.service.policy_judge import PolicyJudge
    from indexer.service.reporter import Reporter
    from indexer.store import Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RunContext:
    """What a process has for all the namespaces that it runs.

    Attributes:
        settings: the configuration.
        source_of: a registry, for one crawl of it.
        store: the index.
        clock: the time.
        judge: judges by the policies.
        notify: tells the sinks, or sees that it is done soon; `nobody` where others do it.
        reporter: hears how it went.
    """

    settings: Settings
    source_of: Callable[[RegistrySettings], Source]
    store: Store
    clock: Clock
    judge: PolicyJudge
    notify: Callable[[], object]
    reporter: Reporter


def run_namespace(
    context: RunContext,
    registry: RegistrySettings,
    namespace: str,
    mode: Mode,
    *,
    watched: Callable[[Source], AbstractContextManager[Observer]],
    accepted: frozenset[str] = frozenset(),
    helpers: ShardReaders | None = None,
) -> Crawl:
    """Crawl a namespace, judge what changed by the policies, and tell the sinks of it.

    Args:
        context: of this process.
        registry: where the namespace is.
        namespace: its name.
        mode: how much to trust what is known.
        watched: watches the crawl of a source for as long as it lasts.
        accepted: namespaces and repositories whose removals are believed, however many.
        helpers: others who read parts of it, if it is large.

    Returns:
        The crawl, which also tells what went wrong at the registry.

    Raises:
        Busy: another process is crawling it.
        KeyboardInterrupt: after the crawl was recorded as interrupted; what it saw is not judged.
        ConfigError: the registry's account is not where the configuration says.
        StoreError: the index failed.
    """
    context.judge.begin()
    source = context.source_of(registry)
    with watched(source) as observer:
        done = crawl(
            index_and_sources.target_of(context.settings, registry, namespace, mode, accepted),
            source=source,
            archive=context.store.archive,
            clock=context.clock,
            observer=observer,
            manifests=context.store.manifests,
            helpers=helpers,
        )
    context.reporter.crawled(done)
    judge_and_notify(lambda: context.judge.judge(running=True), context.notify)
    return done


def judge_and_notify(judge: Callable[[], object], notify: Callable[[], T]) -> T:
    """Judge what was not judged yet, whoever crawled it, and only then tell what changed.

    Args:
        judge: does the one.
        notify: does the other.

    Returns:
        What `notify` returns.
    """
    judge()
    return notify()


def nobody() -> None:
    """Tell no sink: another process does."""
