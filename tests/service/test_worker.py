"""A daemon and workers as people run them: processes on one PostgreSQL, and a simulated Hub."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from indexer.hub_simulator import RateLimit, Simulator, Stall
from indexer.service.job_queue import Queue, address_of
from tests.end_to_end.program import Program
from tests.notify.receivers import Receiver
from tests.service.worker_fleet import CONFIGURATION, Fleet, a_hub
from tests.support.databases import postgresql_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from indexer.hub_simulator import Hub

pytestmark = pytest.mark.postgresql

GUARDED = """
[[policy]]
name = "releases"
forbid = ["retag"]

[[notify]]
name = "alarm"
severity = "high"
webhook = "{url}"
"""


@pytest.fixture
def hub() -> Hub:
    return a_hub("acme", "tools")


@pytest.fixture
def simulator(hub: Hub) -> Iterator[Simulator]:
    with Simulator(hub) as simulator:
        yield simulator


@pytest.fixture
def fleet(simulator: Simulator, tmp_path: Path) -> Iterator[Fleet]:
    folder = tmp_path / "here"
    folder.mkdir()
    configuration = CONFIGURATION.format(
        url=simulator.url, namespaces='["acme", "tools"]', crawl="1h"
    )
    (folder / "indexer.toml").write_text(configuration, encoding="utf-8")
    fleet = Fleet(Program(folder, INDEXER_DATABASE_URL=postgresql_url()))
    yield fleet
    fleet.kill_all()


def test_a_daemon_leaves_the_crawls_to_workers(fleet: Fleet, hub: Hub) -> None:
    daemon = fleet.start("daemon")
    worker = fleet.start("worker")
    crawled = fleet.log.wait_for("crawled", 2)

    assert {each["namespace"] for each in crawled} == {"acme", "tools"}
    assert {each["status"] for each in crawled} == {"complete"}
    assert fleet.stop(daemon) == 0
    assert fleet.stop(worker) == 0
    assert {each["process"] for each in crawled} == {worker.pid}
    truth = hub.truth("acme") | hub.truth("tools")
    assert fleet.index() == truth


def test_a_worker_that_is_stopped_in_a_crawl_leaves_it_to_another(
    fleet: Fleet, simulator: Simulator
) -> None:
    simulator.inject(Stall(seconds=60), "GET */acme/repositories/*/tags*", times=3)
    fleet.start("daemon")
    first = fleet.start("worker")
    assert simulator.wait_until_stalled(1)
    with Queue(
        address_of(fleet.program.environment["INDEXER_DATABASE_URL"])
    ) as queue:  # as a hook does: it is asked for again meanwhile
        queue.crawl("docker.io", "acme")
    assert fleet.stop(first) == 0
    simulator.release()
    simulator.faults.clear()
    second = fleet.start("worker")
    crawled = fleet.log.wait_for("crawled", namespace="acme", process=second.pid)

    assert crawled[0]["status"] == "complete"
    statuses = {
        each["namespace"]: each["last_crawl"]["status"]
        for each in fleet.program.good("status", "--format", "json").json["namespaces"]
    }
    assert statuses["acme"] == "complete"


def test_with_sqlite_a_worker_says_what_to_do(fleet: Fleet) -> None:
    done = fleet.program.run("worker", INDEXER_DATABASE_URL="sqlite:///index.db")

    assert done.code == 2
    assert "run 'indexer daemon' alone, which needs no workers" in done.err
    assert not (fleet.program.folder / "index.db").exists()


def test_workers_that_share_a_rate_limit_are_never_refused(
    fleet: Fleet, simulator: Simulator
) -> None:
    simulator.rate_limit = RateLimit(limit=5, window=2.0)
    fleet.start("daemon")
    workers = {fleet.start("worker").pid for _ in range(2)}
    crawled = fleet.log.wait_for("crawled", 2)

    assert {each["status"] for each in crawled} == {"complete"}
    assert {each["process"] for each in crawled} <= workers
    assert len(simulator.requests) > 5, "one window would not have done"
    assert not [each for each in simulator.requests if each.status == 429]


def test_what_a_worker_crawled_is_judged_by_it_before_it_is_told(fleet: Fleet, hub: Hub) -> None:
    fleet.program.good("crawl", "-q")
    file = fleet.program.folder / "indexer.toml"
    with Receiver().running() as receiver:
        text = file.read_text(encoding="utf-8").replace('crawl = "1h"', 'crawl = "1s"')
        file.write_text(text + GUARDED.format(url=receiver.url), encoding="utf-8")
        fleet.program.good("notify", "run")
        hub.push("acme/r0", "1.0")
        daemon = fleet.start("daemon")
        fleet.log.wait_for("due", namespace="acme")
        fleet.stop(daemon)

        worker = fleet.start("worker")
        fleet.log.wait_for("violated", process=worker.pid)
        assert receiver.requests == [], "the daemon tells"
        fleet.stop(worker)
        fleet.start("daemon")
        fleet.log.wait_for("told")
        (event,) = [json.loads(each.body) for each in receiver.requests]
    assert (event["type"], event["subject"]) == ("indexer.violation", "docker.io/acme/r0:1.0")
