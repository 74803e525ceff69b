"""What every handler uses: the index, the clock, the settings, and threads for queries."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar

from indexer.config.timetables import public_for, timetables_of
from indexer.core.daemon_executor import DaemonExecutor
from indexer.core.query_pool import QueryPool
from indexer.store.catalog.public_view import PublicView
from indexer.web.access.credentials import ANYBODY
from indexer.web.access.wrong_credentials import WrongCredentials
from indexer.web.change_watcher import Watcher
from indexer.web.request_counts import Requests

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor
    from datetime import datetime
    from typing import ParamSpec

    from starlette.requests import Request

    from indexer.config import Settings
    from indexer.core.clock import Clock
    from indexer.crawl.schedule.next_crawl import Timetable
    from indexer.manifests.on_demand import OnDemand
    from indexer.manifests.ports import LayerSource
    from indexer.notify.ports import Outbox
    from indexer.policies.ports import EvaluationStore
    from indexer.store import Store
    from indexer.store.catalog.browser import Browser
    from indexer.store.crawl.push_hints import PushHints
    from indexer.web.access.credentials import Visitor
    from indexer.web.access_log import AccessLog
    from indexer.web.access_rules import AccessRules

    P = ParamSpec("P")

T = TypeVar("T")

THREADS = 8
"""How many queries of the index run at the same time; others wait."""

FETCHERS = 8
"""How many requests to registries run at the same time; others wait."""

LAYERS = 32
"""How many layers are read from registries at the same time; others wait."""


@dataclass
class AppContext:
    """One server's parts.

    Attributes:
        public: the index without private repositories.
        public_pages: the same for pages: it leaves out what is unverified, and they say so.
        everything: the whole index, for clients with the token.
        hints: stores the hints of hooks.
        evaluations: the violations of policies.
        outbox: the cursor of each sink.
        clock: tells the time.
        rules: who may connect, and who may see what.
        settings: the configuration: namespaces and their schedules.
        access_log: where each answer is noted; None: nowhere.
        watcher: tells when there are new changes.
        on_demand: fetches manifests and configurations; None: only what is stored is served.
        layers_of: who is asked for the layers of a repository, by the names of its registry and its
            own; None: there are no layers.
    """

    public: Browser
    public_pages: Browser
    everything: Browser
    hints: PushHints
    evaluations: EvaluationStore
    outbox: Outbox
    clock: Clock
    rules: AccessRules
    settings: Settings
    watcher: Watcher
    on_demand: OnDemand | None = None
    layers_of: Callable[[str, str], LayerSource] | None = None
    access_log: AccessLog | None = None
    requests: Requests = field(default_factory=Requests)
    wrong_credentials: WrongCredentials = field(default_factory=WrongCredentials)
    pool: QueryPool = field(
        default_factory=lambda: QueryPool(
            THREADS, "indexer-answer", time.monotonic, time.thread_time
        )
    )
    writer: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="indexer-hint")
    )
    fetchers: Executor = field(default_factory=lambda: DaemonExecutor(FETCHERS, "indexer-fetch"))
    layer_pool: Executor = field(default_factory=lambda: DaemonExecutor(LAYERS, "indexer-layer"))

    @cached_property
    def timetables(self) -> dict[tuple[str, str], Timetable | None]:
        """The timetable of each configured namespace, by registry and name."""
        return timetables_of(self.settings)

    def now(self) -> datetime:
        """The current time."""
        return self.clock.now()

    async def ask(self, function: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
        """Run a query of the index in a thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.pool, partial(function, *args, **more))

    async def tell(self, function: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
        """Run a write in a separate thread, so that waiting for a lock does not delay readers."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.writer, partial(function, *args, **more))

    async def fetch(self, function: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
        """Ask a registry, in a thread that no query of the index waits for."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.fetchers, partial(function, *args, **more))

    def close(self) -> None:
        """End the threads."""
        self.fetchers.shutdown(wait=False, cancel_futures=True)
        self.layer_pool.shutdown(wait=False, cancel_futures=True)
        if self.access_log is not None:
            self.access_log.close()
        self.pool.shutdown(wait=True, cancel_futures=True)
        self.writer.shutdown(wait=True, cancel_futures=True)


def context_over(
    index: Store,
    *,
    clock: Clock,
    settings: Settings,
    rules: AccessRules,
    every: float = 1.0,
    on_demand: OnDemand | None = None,
    layers_of: Callable[[str, str], LayerSource] | None = None,
    access_log: AccessLog | None = None,
) -> AppContext:
    """A site over an index.

    Args:
        index: what is served.
        clock: tells the time.
        settings: of the whole program.
        rules: who is answered.
        access_log: where each answer is noted.
        every: seconds between two looks for changes, while anybody waits for them.
        on_demand: fetches what is asked for and not stored.
        layers_of: who is asked for layers.
    """
    timetables = timetables_of(settings)
    scheduled = {place for place, timetable in timetables.items() if timetable is not None}
    view = PublicView(clock.now, public_for(settings, clock.now()), scheduled or None)
    return AppContext(
        public=index.browser(private=False, view=view),
        public_pages=index.browser(private=False, view=replace(view, refuses=False)),
        everything=index.browser(private=True),
        hints=index.hints,
        evaluations=index.evaluations,
        outbox=index.outbox,
        clock=clock,
        rules=rules,
        settings=settings,
        watcher=Watcher(every),
        on_demand=on_demand,
        layers_of=layers_of,
        access_log=access_log,
    )


def context_of(request: Request) -> AppContext:
    """The site that serves a request."""
    site: Any = request.app.state.site
    assert isinstance(site, AppContext)
    return site


def browser_of(request: Request) -> Browser:
    """The index as the client may see it."""
    site = context_of(request)
    return site.everything if sees_private(request) else site.public


def page_browser_of(request: Request) -> Browser:
    """The index as the client may see it, for a page with a list that says what it leaves out."""
    site = context_of(request)
    return site.everything if sees_private(request) else site.public_pages


def visitor_of(request: Request) -> Visitor:
    """Who asks."""
    visitor: Visitor = request.scope.get("indexer.visitor", ANYBODY)
    return visitor


def sees_private(request: Request) -> bool:
    """Whether the client may see private repositories."""
    return visitor_of(request).sees_private


def host_registry_of(request: Request) -> str | None:
    """The registry that the requested host name stands for, if any."""
    host_registry: str | None = request.scope.get("indexer.registry")
    return host_registry
