"""Crawl a namespace, ask the Hub, judge, notify: the only place where these are wired together.

    run_namespace
      judge.begin          new policies get a cursor at the end of the log
      crawler.crawl        registry -> index, and changes into the change log
      judge_and_notify
        judge              the Hub's settings of immutable tags, then the policies -> violations
        notify             change log and violations -> sinks

The result does not depend on which process runs it, or on whether it gets to its end. How far each
policy has judged is in the index, and no sink's cursor passes that. If a process dies between
crawling and judging, the next process judges its changes and then notifies the sinks, once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from indexer.bootstrap import index_and_sources
from indexer.bootstrap.registry_connections import of_part
from indexer.core.model import Mode
from indexer.crawl.crawler import crawl
from indexer.crawl.dry_run import DryRunArchive

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from indexer.config import RegistrySettings, Settings
    from indexer.core.clock import Clock
    from indexer.core.model import Crawl
    from indexer.crawl.dry_run import Removal
    from indexer.crawl.ports import Observer, Source
    from indexer.crawl.sharding import ShardReaders
    from indexer.service.policy_judge import PolicyJudge
    from indexer.service.reporter import Reporter
    from indexer.store import Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RunContext:
    """What a process uses for every namespace that it runs.

    Attributes:
        settings: the configuration.
        source_of: connects to a registry, for one crawl of it.
        store: the index.
        clock: the time.
        judge: judges by the policies.
        notify: notifies the sinks, now or soon; `notify_nobody` where another process does.
        reporter: is told how it went.
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
    observing: Callable[[Source], AbstractContextManager[Observer]],
    accepted: frozenset[str] = frozenset(),
    shard_readers: ShardReaders | None = None,
    part: str | None = None,
) -> Crawl:
    """Crawl a namespace, judge the changes by the policies, and notify the sinks.

    Args:
        context: of this process.
        registry: where the namespace is.
        namespace: its name.
        mode: how much of it to read.
        observing: returns the crawl's observer, as a context manager around the crawl.
        accepted: namespaces and repositories whose removals are not held back.
        shard_readers: workers that read shards of a large crawl.
        part: read only this repository, or this tag of a repository.

    Returns:
        The crawl, which also says what went wrong at the registry.

    Raises:
        Busy: another process is crawling it.
        KeyboardInterrupt: after the crawl was recorded as interrupted; its changes are not judged.
        ConfigError: the registry's account is not where the configuration says.
        StoreError: the index failed.
    """
    context.judge.begin()
    source = context.source_of(of_part(registry, part) if part else registry)
    target = index_and_sources.target_of(
        context.settings, registry, namespace, mode, accepted, part
    )
    with observing(source) as observer:
        done = crawl(
            target,
            source=source,
            archive=context.store.archive,
            clock=context.clock,
            observer=observer,
            manifests=context.store.manifests,
            shard_readers=shard_readers,
        )
    context.reporter.crawled(done)
    judge_and_notify(lambda: context.judge.judge(running=True), context.notify)
    return done


def preview_removals(
    context: RunContext,
    registry: RegistrySettings,
    namespace: str,
    *,
    observing: Callable[[Source], AbstractContextManager[Observer]],
    accepted: frozenset[str],
) -> tuple[Crawl, list[Removal]]:
    """Crawl a namespace without recording anything.

    Args:
        context: of this process.
        registry: where the namespace is.
        namespace: its name.
        observing: makes an observer of the crawl, for as long as it lasts.
        accepted: namespaces and repositories whose removals would not be held back.

    Returns:
        The crawl, which is not recorded, and what it would record as removed.
    """
    source = context.source_of(registry)
    target = index_and_sources.target_of(
        context.settings, registry, namespace, Mode.INCREMENTAL, accepted
    )
    archive = DryRunArchive(context.store.archive)
    with observing(source) as observer:
        done = crawl(target, source=source, archive=archive, clock=context.clock, observer=observer)
    return done, archive.removals


def judge_and_notify(judge: Callable[[], object], notify: Callable[[], T]) -> T:
    """Judge what has not been judged yet, whoever crawled it, and only then notify.

    Args:
        judge: judges.
        notify: notifies.

    Returns:
        What `notify` returns.
    """
    judge()
    return notify()


def notify_nobody() -> None:
    """Notify no sink: another process does."""
