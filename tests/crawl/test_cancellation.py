"""Crawls in threads end while they wait, when they are cancelled."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from indexer.bootstrap.index_and_sources import SystemClock
from indexer.core.errors import Denied
from indexer.core.model import CrawlStatus
from indexer.crawl.cancellation import CancellableSource, Cancellation
from indexer.crawl.crawler import crawl
from indexer.crawl.target import Target
from indexer.http import HttpClient
from indexer.hub_simulator import Hub, Simulator, Stall
from indexer.sources.docker_hub.source import HubSource
from indexer.store import open_store
from tests.support.crawls import Watcher
from tests.support.databases import sqlite_index

if TYPE_CHECKING:
    from pathlib import Path


def test_work_gives_what_it_returns_and_raises_what_it_raises() -> None:
    def refuse() -> None:
        raise Denied("no")

    stop = Cancellation()
    assert stop.call(lambda: 7) == 7
    with pytest.raises(Denied):
        stop.call(refuse)


def test_a_waiting_thread_is_interrupted_at_once_and_no_request_begins_afterwards() -> None:
    stop, never, begun = Cancellation(), threading.Event(), threading.Event()
    ends: list[str] = []

    def hang() -> None:
        begun.set()
        never.wait(60)

    def work() -> None:
        try:
            stop.call(hang)
        except KeyboardInterrupt:
            ends.append("interrupted")

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(10)
    stop.set()
    thread.join(10)
    never.set()

    assert ends == ["interrupted"]
    assert stop.is_set
    with pytest.raises(KeyboardInterrupt):
        stop.call(lambda: 7)


@pytest.mark.integration
def test_a_crawl_in_a_thread_records_that_it_was_interrupted(tmp_path: Path) -> None:
    hub = Hub()
    for number in range(3):
        hub.add_repository(f"acme/r{number}")
        hub.push(f"acme/r{number}", "1.0")
    stop, clock = Cancellation(), SystemClock()
    store = open_store(sqlite_index(tmp_path / "index.db"), create=False)
    with Simulator(hub) as simulator:
        simulator.inject(Stall(), "GET */tags*", times=3)
        client = HttpClient(simulator.url, clock=clock)
        source = CancellableSource(HubSource(client), stop)
        ends: list[str] = []

        def work() -> None:
            try:
                crawl(
                    Target("docker.io", "acme"),
                    source=source,
                    archive=store.archive,
                    clock=clock,
                    observer=Watcher(),
                )
            except KeyboardInterrupt:
                ends.append("interrupted")

        thread = threading.Thread(target=work)
        thread.start()
        assert simulator.wait_until_stalled(3)
        stop.set()
        thread.join(10)
        simulator.release()
        simulator.wait_until_idle()
        client.close()

    (crawl_history,) = store.catalog.crawl_history()
    store.close()
    assert ends == ["interrupted"]
    assert crawl_history.last.status is CrawlStatus.INTERRUPTED
