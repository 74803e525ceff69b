"""A simulated registry with quirks, and crawls of it into an archive in memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.core.secret import Credentials, Secret
from indexer.crawl.wanted_names import WantedNames
from indexer.http import HttpClient
from indexer.hub_simulator import Hub, Quirks, RegistryQuirks, Simulator
from indexer.sources.oci.connection import Connection
from indexer.sources.oci.source import OciSource
from indexer.sources.oci.tag_selection import TagSelection
from tests.http.fake_server import FakeClock
from tests.sources.oci.crawls import Crawler

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Self

    from indexer.core.model import Crawl, Mode
    from indexer.http import Origin

CASES = Path(__file__).parent / "cases"
APP = "team/app"
ME = Credentials("me", Secret("secret"))


def case(name: str) -> Any:
    """The input of a case."""
    return json.loads((CASES / name / "answers.json").read_text(encoding="utf-8"))


class SimulatedRegistry:
    """A registry whose quirks a test sets, and an index of it."""

    def __init__(self) -> None:
        self.hub = Hub()
        self.hub.accounts.add_user("me", "secret", organisations=["team"])
        self.simulator = Simulator(self.hub)
        self.crawler = Crawler()
        self.clock = FakeClock()
        self._open: list[Connection] = []

    def __enter__(self) -> Self:
        self.simulator.start()
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._open:
            connection.close()
        self.simulator.stop()

    def behaves(self, **quirks: Any) -> None:
        """Set the registry's quirks."""
        self.simulator.quirks = Quirks(registry=RegistryQuirks(**quirks))

    def holds(self, tags: Iterable[str], repository: str = APP) -> None:
        """Push these tags, with one content."""
        if repository not in {repo.name for repo in self._repositories()}:
            self.hub.add_repository(repository)
        first: str | None = None
        for tag in tags:
            if first is None:
                self.hub.push(repository, tag, platforms=1)
                first = tag
            else:
                self.hub.copy_tag(repository, first, tag)

    def _repositories(self) -> Iterable[Any]:
        return (one for home in self.hub.namespaces.values() for one in home.repositories.values())

    def source(
        self,
        *repositories: str,
        account: Credentials | None = None,
        newest: int | None = None,
        connection: Connection | None = None,
    ) -> OciSource:
        """The registry as a source; named repositories need no catalog."""
        return OciSource(
            connection or self.connect(account),
            registry="registry.test",
            wanted=WantedNames(repositories or (APP,)),
            selection=TagSelection(newest),
        )

    def connect(self, account: Credentials | None = None, **options: Any) -> Connection:
        """A connection to it."""

        def client(url: str) -> HttpClient:
            return HttpClient(url, clock=self.clock, chance=lambda: 1.0, timeout=10, tries=1)

        def elsewhere(origin: Origin) -> HttpClient:
            return client(origin.url)

        options.setdefault("elsewhere", elsewhere)
        made = Connection(client(self.simulator.url), account, self.clock, **options)
        self._open.append(made)
        return made

    def crawl(self, source: OciSource | None = None, *mode: Mode) -> Crawl:
        """Crawl it once; the log of requests holds this crawl's only."""
        self.simulator.clear()
        return self.crawler.crawl(source or self.source(), *mode)

    def news(self) -> list[str]:
        """The changes since this was last asked, without the baseline, in short."""
        return [
            f"{kind} {repository}{':' if tag else ''}{tag or ''}"
            for kind, repository, tag in self.crawler.news()
        ]

    def known(self) -> Sequence[str]:
        """The tags that the index believes to be there."""
        return sorted(self.crawler.known(self.source()).get(APP, {}))

    def asked(self, glob: str = "*") -> int:
        """How many requests of the last crawl match a glob."""
        return self.simulator.count(glob)
