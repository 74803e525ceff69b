"""Crawls of a simulated Docker Hub, written to an index: the real source, crawler and store."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from indexer.core.clock import Clock
from indexer.core.model import Mode
from indexer.core.secret import Credentials, Secret
from indexer.crawl.crawler import crawl
from indexer.crawl.target import Target
from indexer.crawl.wanted_names import WantedNames
from indexer.http import HttpClient
from indexer.hub_simulator import Hub, Simulator
from indexer.sources.docker_hub.auth import HubLogin
from indexer.sources.docker_hub.source import HubSource
from indexer.store import open_store
from tests.support.crawls import Watcher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from indexer.core.model import Crawl
    from indexer.store import Store

SECRET = "s3cret"

EVERYTHING = WantedNames()


class HubClock(Clock):
    """The hub's clock: waiting advances it."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._start = hub.clock.now()

    def now(self) -> datetime:
        """See `Clock`."""
        return self._hub.clock.now()

    def monotonic(self) -> float:
        """See `Clock`."""
        return (self._hub.clock.now() - self._start).total_seconds()

    def wait(self, seconds: float) -> None:
        """See `Clock`."""
        self._hub.clock.advance(seconds)


@dataclass
class HubBench:
    """A hub, the simulator that serves it, and the index of its crawls."""

    hub: Hub
    simulator: Simulator
    store: Store
    _before: int = 0

    def crawl(
        self,
        namespace: str = "acme",
        mode: Mode = Mode.INCREMENTAL,
        *,
        who: str = "",
        wanted: WantedNames = EVERYTHING,
        **more: Any,
    ) -> Crawl:
        """Crawl a namespace once, anonymously or as `who`, whose password is `SECRET`."""
        self._before = len(self.simulator.requests)
        clock = HubClock(self.hub)
        client = HttpClient(self.simulator.url, clock=clock, chance=lambda: 1.0, timeout=5)
        login = HubLogin(client, Credentials(who, Secret(SECRET)), clock) if who else None
        with closing(client):
            return crawl(
                Target("docker.io", namespace, mode, **more),
                source=HubSource(client, login, wanted=wanted),
                archive=self.store.archive,
                clock=clock,
                observer=Watcher(),
            )

    @property
    def asked(self) -> list[str]:
        """The paths that the last crawl asked for, without their queries."""
        return [each.path.partition("?")[0] for each in self.simulator.requests[self._before :]]


@contextmanager
def hub_bench(database_url: str) -> Iterator[HubBench]:
    """A bench with an empty hub, inside the block."""
    hub = Hub()
    with Simulator(hub) as simulator, closing(open_store(database_url, create=True)) as store:
        yield HubBench(hub, simulator, store)
