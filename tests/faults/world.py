"""A small namespace that is known, a day on which things happen there, and one crawl in trouble."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.bootstrap.index_and_sources import Sources, removal_guard_of
from indexer.config import load
from indexer.core.catalog_entries import ChangeFilter
from indexer.core.errors import ConfigError
from indexer.core.model import Mode
from indexer.crawl.crawler import crawl
from indexer.crawl.ports import Observer
from indexer.crawl.target import Target
from indexer.hub_simulator import Hub, Quirks, Simulator, Status, hub_json
from indexer.store import open_store
from tests.http.fake_server import FakeClock
from tests.support.databases import sqlite_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.config import Settings
    from indexer.core.model import Cost, Crawl

FOR_EVER = 10_000
"""Requests that a fault strikes which does not end by itself."""

API, WEB, OLD = "acme/api", "acme/web", "acme/old"
API_TAGS = "GET */repositories/api/tags?*"
ALL_TAGS = "GET */tags?*"
LISTING = "GET */acme/repositories?*"
CERTIFICATES = Path(__file__).parent.parent / "http" / "certificates"

News = tuple[str, str, str, str | None, str | None]
"""Kind, repository, tag, old and new digest."""

State = dict[str, dict[str, str | None]]
"""Repository -> tag -> digest."""


class Silent(Observer):
    """Watches and says nothing."""

    def listing(self, registry: str, namespace: str) -> None:
        """See `Observer`."""

    def opening(self, total: int) -> None:
        """See `Observer`."""

    def opened(self, repository: str, done: int, spent: Cost) -> None:
        """See `Observer`."""

    def problem(self, sentence: str) -> None:
        """See `Observer`."""


@dataclass
class World:
    """A hub with a simulator in front of it, and an index of it.

    Attributes:
        folder: for the index and the configuration.
        keys: of the registry's section of the configuration.
        http: of the section `[http]`.
        mode: how the crawl in trouble crawls.
        simulator: what answers.
    """

    folder: Path
    hub: Hub = field(default_factory=Hub)
    keys: dict[str, object] = field(default_factory=dict)
    http: dict[str, object] = field(default_factory=lambda: {"timeout": "5s"})
    mode: Mode = Mode.INCREMENTAL
    before: State = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = FakeClock(self.hub.clock.now())
        self.simulator = Simulator(self.hub, rate_limit=None)
        self.store = open_store(sqlite_index(self.folder / "index.db"), create=False)

    @contextmanager
    def open(self) -> Iterator[World]:
        """The world, known as it is now, and then changed by a day of work."""
        with self.simulator:
            for name, tags in ((OLD, 2), (WEB, 3), (API, 5)):
                self.hub.add_repository(name)
                for number in range(tags):
                    self.hub.push(name, f"1.{number}")
            self.crawl()
            self.before = self.indexed()
            self.simulator.clear()
            self.hub.push(API, "2.0")
            self.hub.retag(WEB, "1.0")
            self.hub.delete_tag(WEB, "1.2", moves_date=True)
            try:
                yield self
            finally:
                self.store.close()

    def mend(self) -> None:
        """The trouble is over."""
        self.simulator.clear()
        self.simulator.quirks = Quirks()
        self.simulator.rate_limit = None
        self.keys.clear()
        self.http.clear()
        self.simulator.release()
        self.simulator.__enter__()  # listen again, if it was stopped

    def crawl(self, mode: Mode | None = None) -> Crawl:
        """Crawl the namespace as `indexer crawl` does, with a clock that waits for nobody.

        Raises:
            ConfigError: the configuration does not do.
        """
        settings = self._settings()
        (registry,) = settings.registries
        sources = Sources(settings, self.clock)
        target = Target(
            registry.name,
            "acme",
            mode or self.mode,
            concurrency=settings.http.concurrency,
            passes=settings.http.passes,
            removal_guard=removal_guard_of(registry),
        )
        try:
            return crawl(
                target,
                source=sources.of(registry),
                archive=self.store.archive,
                clock=self.clock,
                observer=Silent(),
            )
        finally:
            sources.close()

    def told(self) -> tuple[str, int, str]:
        """Crawl, and return the status, the exit code and the sentences as `indexer crawl` has."""
        try:
            done = self.crawl()
        except ConfigError as error:
            return "-", error.exit_code, str(error)
        return done.status.value, 0 if done.status == "complete" else 1, "\n".join(done.errors)

    def _settings(self) -> Settings:
        keys = {"hub_url": self.simulator.url, **self.keys}
        lines = ["[http]", *_toml(self.http), "[[registry]]", *_toml(keys)]
        file = self.folder / "indexer.toml"
        file.write_text("\n".join(lines), encoding="utf-8")
        return load(file, {})

    def indexed(self) -> State:
        """What the index holds."""
        catalog = self.store.catalog
        return {
            entry.repository: {
                tag.tag: tag.digest for tag in catalog.tags(entry.registry, entry.repository)
            }
            for entry in catalog.repositories()
        }

    def truth(self) -> State:
        """What the hub holds, as its API tells it."""
        return {
            f"acme/{name}": {tag: held.digest for tag, held in repository.tags.items()}
            for name, repository in self.hub.namespaces["acme"].repositories.items()
        }

    def news(self) -> list[News]:
        """The change log without the baseline."""
        changes = self.store.catalog.changes(ChangeFilter())
        return [
            (each.kind.value, each.repository, each.tag or "", each.old_digest, each.new_digest)
            for each in changes
        ]

    def replayed(self) -> State:
        """What the change log makes of what was known before the day."""
        state = {name: dict(tags) for name, tags in self.before.items()}
        for kind, name, tag, old, new in self.news():
            if kind == "repository_added":
                assert name not in state
                state[name] = {}
            elif kind == "repository_removed":
                del state[name]
            else:
                assert state[name].get(tag) == old
                assert (tag in state[name]) == (kind != "tag_added")
                state[name].pop(tag, None)
                if kind != "tag_removed":
                    state[name][tag] = new
        return state

    def page(
        self, *items: dict[str, Any], count: int | None = None, following: object = None
    ) -> Status:
        """A page of a list that the hub does not have."""
        body = {
            "count": len(items) if count is None else count,
            "next": following,
            "previous": None,
            "results": list(items),
        }
        return Status(200, json.dumps(body).encode())

    def with_known(self, *items: dict[str, Any]) -> Status:
        """A page of these tags and of all that there are."""
        return self.page(*items, *(self.known(name) for name in self.truth()[API]))

    def known(self, name: str) -> Any:
        """A tag that there is, as the Hub writes it."""
        return json.loads(hub_json.encode(self.hub.repo(API).held(name).tag))

    def tag(self, name: str, date: str | None = "2026-06-01T00:00:00Z", **more: object) -> Any:
        """A tag as the Hub writes it, of one image; newer than all that there are."""
        digest = self.hub.repo(API).held("1.0").digest
        return {
            "name": name,
            "last_updated": date,
            "tag_last_pushed": date,
            "digest": digest,
            "full_size": 5,
            "images": [{"os": "linux", "architecture": "amd64", "digest": digest, "size": 5}],
            **more,
        }


def _toml(keys: dict[str, object]) -> Iterator[str]:
    for key, value in keys.items():
        yield f"{key} = {json.dumps(value)}"
