"""What is due is crawled: the namespace, or what hooks named."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from indexer.bootstrap.index_and_sources import Sources
from indexer.config import RegistrySettings, Settings
from indexer.config.timetables import timetable_of
from indexer.core.catalog_entries import ChangeFilter
from indexer.core.errors import Busy
from indexer.core.model import ANONYMOUS, CrawlStatus, Mode
from indexer.crawl.schedule.next_crawl import NextCrawl
from indexer.hub_simulator import Hub, Simulator
from indexer.hub_simulator.faults import Status
from indexer.service.due_crawl import CrawlRunner
from indexer.service.due_namespaces import PlannedNamespace
from indexer.service.policy_judge import PolicyJudge
from indexer.service.run_namespace import RunContext, notify_nobody
from indexer.store import open_store
from tests.http.fake_server import FakeClock
from tests.service.stage import Hears
from tests.support.databases import sqlite_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from indexer.store import Store

HOME = ("docker.io", "acme")
NAMES = ("acme/api", "acme/web")


@dataclass
class World:
    """A hub whose two repositories were crawled, and to both of which something is pushed then."""

    store: Store
    hub: Hub
    simulator: Simulator
    runner: CrawlRunner
    planned: PlannedNamespace

    def crawls(self, *parts: str) -> list[tuple[str | None, CrawlStatus]]:
        """Crawl these; the part and the status of each crawl."""
        done = self.runner(self.planned, NextCrawl(Mode.INCREMENTAL, None, "hooks", parts))
        return [(each.part, each.status) for each in done]

    def news(self) -> list[str]:
        return [each.repository for each in self.store.catalog.changes(ChangeFilter())]


@contextmanager
def world(file: Path, exclude: tuple[str, ...] = ()) -> Iterator[World]:
    hub, clock = Hub(), FakeClock()
    with (
        Simulator(hub) as simulator,
        closing(open_store(sqlite_index(file), create=False)) as store,
    ):
        entry = RegistrySettings(
            namespaces=("acme",),
            hub_url=simulator.url,
            registry_url=simulator.url,
            exclude=exclude,
        )
        settings = Settings(registries=(entry,))
        with closing(Sources(settings, clock)) as sources:
            judge = PolicyJudge(settings, sources.of, store, clock, Hears())
            context = RunContext(settings, sources.of, store, clock, judge, notify_nobody, Hears())
            planned = PlannedNamespace(*HOME, timetable_of(settings.schedule_of(*HOME)))
            made = World(store, hub, simulator, CrawlRunner(context), planned)
            for name in NAMES:
                hub.add_repository(name)
                hub.push(name, "1.0")
            made.crawls()
            hub.clock.advance(3_600)
            for name in NAMES:
                hub.push(name, "1.0")
            yield made


def test_what_hooks_named_is_crawled_alone_and_its_hints_are_taken(tmp_path: Path) -> None:
    with world(tmp_path / "index.db") as here:
        here.store.hints.hint("docker.io", ["acme/web"])
        here.simulator.clear()
        assert here.crawls("acme/web") == [("acme/web", CrawlStatus.COMPLETE)]
        assert here.news() == ["acme/web"]
        assert here.store.hints.waiting() == {}
        assert len(here.simulator.requests) <= 3
        here.crawls()  # the next crawl of the namespace finds the other
        assert here.news() == ["acme/web", "acme/api"]


def test_what_the_configuration_leaves_out_is_not_crawled_for_a_hook(tmp_path: Path) -> None:
    with world(tmp_path / "index.db", exclude=("acme/web",)) as here:
        assert here.crawls(*NAMES) == [("acme/api", CrawlStatus.COMPLETE)]


def test_a_crawl_that_does_not_begin_leaves_the_hints(tmp_path: Path) -> None:
    with world(tmp_path / "index.db") as here:
        here.store.hints.hint("docker.io", ["acme/web"])
        with closing(open_store(f"sqlite:///{tmp_path / 'index.db'}", create=False)) as other:
            record = other.archive.begin(*HOME, Mode.INCREMENTAL, ANONYMOUS, FakeClock().now())
            with pytest.raises(Busy):
                here.crawls("acme/web")
            del record
        assert here.store.hints.waiting() == {HOME: ["acme/web"]}


def test_what_hooks_say_until_it_begins_is_crawled_too(tmp_path: Path) -> None:
    with world(tmp_path / "index.db") as here:
        here.store.hints.hint("docker.io", NAMES)  # after the daemon looked
        found = here.crawls("acme/web")
        assert [part for part, _ in found] == ["acme/web", "acme/api"]
        here.store.hints.hint("docker.io", ["acme/new"])
        assert here.crawls("acme/web") == [(None, CrawlStatus.COMPLETE)]
        assert here.store.hints.waiting() == {}


def test_a_hook_for_an_unknown_repository_waits_until_its_namespace_can_be_read(
    tmp_path: Path,
) -> None:
    with world(tmp_path / "index.db") as here:
        here.hub.add_repository("acme/new")
        here.hub.push("acme/new", "1.0")
        here.store.hints.hint("docker.io", ["acme/new", "acme/web"])
        here.simulator.inject(Status(403), "*", times=1)

        assert here.crawls() == [(None, CrawlStatus.FAILED)]
        assert here.store.hints.waiting() == {HOME: [""]}
        assert here.crawls() == [(None, CrawlStatus.COMPLETE)]

        assert here.store.hints.waiting() == {}
        assert "acme/new" in here.news()
