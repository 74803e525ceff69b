"""The process of `indexer daemon`, from start to end."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, NamedTuple

from indexer.bootstrap import index_and_sources, notification_sinks
from indexer.config.timetables import timetable_of
from indexer.core.errors import IndexerError
from indexer.core.printable import shown
from indexer.crawl.cancellation import CancellableSource, Cancellation
from indexer.notify.links import Links
from indexer.service.due_crawl import QUEUED_SECONDS, CrawlRunner, WorkerDispatch
from indexer.service.due_namespaces import PlannedNamespace
from indexer.service.hint_watch import HintWatch
from indexer.service.log_reporter import LogReporter
from indexer.service.notification_runner import NotificationRunner
from indexer.service.policy_judge import PolicyJudge
from indexer.service.run_namespace import RunContext
from indexer.service.scheduler import Plan, Scheduler, at_once, in_a_thread
from indexer.service.signals import RELOADING, STOPPING, signal_inbox
from indexer.service.sink_notifier import SinkNotifier
from indexer.service.systemd import SystemdNotifier
from indexer.service.ticker import every

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from indexer.config import RegistrySettings, ServiceManager, Settings
    from indexer.core.clock import Clock
    from indexer.crawl.ports import Source
    from indexer.store import Store

TICK_SECONDS = 5.0
"""Seconds between two checks for what is due."""

STOP_SECONDS = 8.0
"""Seconds that crawls may take to record that they were interrupted; ten in all are promised."""

log = logging.getLogger("indexer.daemon")


def nothing_to_crawl(settings: Settings) -> str | None:
    """What to configure if no namespace is, as a sentence without its end; None: there are some."""
    if settings.namespaces():
        return None
    return (
        "no namespace to crawl: list some as 'namespaces' of a [[registry]] in "
        f"{shown(str(settings.file or 'indexer.toml'))}"
    )


class _Wanted(NamedTuple):
    """What one version of the configuration asks for."""

    settings: Settings
    sources: index_and_sources.Sources
    plan: Plan
    telling: NotificationRunner


class Daemon:
    """The daemon.

    Args:
        settings: the configuration at the start.
        load: reads the configuration again.
        store: the index.
        clock: the time.
        manager: the service manager that started the process, if any.
        program: this program's name on the command line.
        defer: puts a namespace into the workers' queue; None: there are no workers.

    Raises:
        ConfigError: an account or a sink is invalid.
    """

    def __init__(
        self,
        settings: Settings,
        load: Callable[[], Settings],
        *,
        store: Store,
        clock: Clock,
        manager: ServiceManager,
        program: str,
        defer: Callable[[str, str], bool] | None = None,
    ) -> None:
        self._defer = defer
        self._load = load
        self._store = store
        self._clock = clock
        self._program = program
        self._stop = Cancellation()
        self._notifier = SystemdNotifier(manager)
        self._retired: list[index_and_sources.Sources] = []
        self._wanted = self._want(settings, index_and_sources.Sources(settings, clock, _waiting))
        self._daemon = Scheduler(
            self._wanted.plan,
            past=store.catalog,
            clock=clock,
            hints=store.hints,
            start=in_a_thread if defer is None else at_once,
        )

    def run(self) -> None:
        """Crawl what is due until SIGTERM or SIGINT; reload the configuration at SIGHUP."""
        silence = self._notifier.watchdog_seconds
        seconds = TICK_SECONDS if silence is None else min(TICK_SECONDS, silence / 3)
        watch = HintWatch(self._store.hint_signal(self._clock), self._daemon.tick)
        with signal_inbox() as signals, every(seconds, self._tick):
            watch.start()
            log.info("started: %s", self._daemon.status, extra={"event": "started"})
            self._say_if_idle()
            self._notifier.ready(self._daemon.status)
            while not (arrived := signals.wait()) & STOPPING:
                if arrived & RELOADING:
                    self._reload()
            watch.stop()
            self._end()

    def _tick(self) -> None:
        self._daemon.tick()
        self._wanted.telling.tick()
        while self._retired and self._daemon.is_idle:
            self._retired.pop().close()
        self._notifier.alive(self._daemon.status)

    def _end(self) -> None:
        log.info("stopping: %s", self._daemon.status, extra={"event": "stopping"})
        self._notifier.stopping()
        self._daemon.stop()
        self._stop.set()
        if not self._daemon.wait_until_idle(STOP_SECONDS):
            log.warning("stopping while %s: what was committed is kept", self._daemon.status)
        self._wanted.sources.close()
        log.info("stopped", extra={"event": "stopped"})

    def _want(self, settings: Settings, sources: index_and_sources.Sources) -> _Wanted:
        """Read a configuration into a plan.

        Raises:
            ConfigError: an account or a sink is invalid.
        """
        planned = []
        for registry, namespace in settings.namespaces():
            timetable = timetable_of(settings.schedule_of(registry.host, namespace))
            planned.append(PlannedNamespace(registry.host, namespace, timetable))
            sources.prepare(registry)
        telling, crawling = self._steps(settings, sources)
        plan = Plan(planned, settings.daemon.crawls, crawling)
        if self._defer is not None:  # no limit: everything due goes to the workers' queue
            plan = Plan(planned, len(planned), WorkerDispatch(self._defer), QUEUED_SECONDS)
        return _Wanted(settings, sources, plan, telling)

    def _steps(
        self, settings: Settings, sources: index_and_sources.Sources
    ) -> tuple[NotificationRunner, CrawlRunner]:
        """Make the two runners. New policies and sinks get their cursors.

        Raises:
            ConfigError: a sink is invalid.
        """

        def source_of(registry: RegistrySettings) -> Source:
            return CancellableSource(sources.of(registry), self._stop)

        store, clock, reporter = self._store, self._clock, LogReporter()
        recipients = notification_sinks.addresses(settings.sinks)
        notifier = SinkNotifier(
            recipients,
            store.outbox,
            clock,
            Links(self._program, settings.serve.url),
            reporter,
            judges=settings.policies,
        )
        judge = PolicyJudge(settings, source_of, store, clock, reporter)
        notifier.begin()
        judge.begin()
        telling = NotificationRunner(judge, notifier, clock, in_a_thread)
        context = RunContext(settings, source_of, store, clock, judge, telling.soon, reporter)
        return telling, CrawlRunner(context)

    def _reload(self) -> None:
        """Reload the configuration; an invalid one changes nothing."""
        self._notifier.reloading()
        with contextlib.ExitStack() as undo:
            try:
                settings = self._load()
                sources = self._wanted.sources.renewed(settings)
                undo.callback(sources.close)
                wanted = self._want(settings, sources)
            except IndexerError as error:
                for line in str(error).splitlines():
                    log.error("the old configuration stays in force: %s", line)  # noqa: TRY400 - the sentence is all there is to it
            else:
                undo.pop_all()
                self._take(wanted)
        self._notifier.ready(self._daemon.status)

    def _take(self, wanted: _Wanted) -> None:
        if wanted.settings.database != self._wanted.settings.database:
            log.warning("[database] url has changed: restart to use the new one")
        self._retired.append(self._wanted.sources)
        self._wanted = wanted
        self._daemon.replan(wanted.plan)
        log.info(
            "the configuration was reloaded: %s", self._daemon.status, extra={"event": "reloaded"}
        )
        self._say_if_idle()

    def _say_if_idle(self) -> None:
        """Say what to configure. A daemon that ended instead would be started again for ever."""
        lacking = nothing_to_crawl(self._wanted.settings)
        if lacking:
            log.warning(
                "waiting: %s, then reload it (SIGHUP, 'systemctl reload')",
                lacking,
                extra={"event": "waiting"},
            )


def _waiting(until: datetime, reason: str) -> None:
    log.info("waiting until %s UTC (%s)", f"{until:%H:%M:%S}", shown(reason))
