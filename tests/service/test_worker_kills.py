"""Four workers and a daemon, killed at random: nothing is lost, doubled or refused."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from indexer.hub_simulator import RateLimit, Simulator
from tests.end_to_end.program import Program
from tests.service.worker_fleet import CONFIGURATION, Fleet, a_hub
from tests.support.databases import postgresql_url

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from indexer.hub_simulator import Hub

pytestmark = pytest.mark.postgresql

NAMESPACES = ["huge", "small", "tiny"]
WORKERS = 4
KILLS = 4


def a_world() -> Hub:
    hub = a_hub("small", "tiny")
    for number in range(40):
        hub.add_repository(f"huge/r{number}")
        hub.push(f"huge/r{number}", "1.0")
    return hub


def configured(folder: Path, simulator: Simulator) -> Program:
    folder.mkdir()
    text = CONFIGURATION.format(url=simulator.url, namespaces=NAMESPACES, crawl="5s")
    (folder / "indexer.toml").write_text(text, encoding="utf-8")
    return Program(folder, INDEXER_DATABASE_URL=postgresql_url())


class Murder:
    """Kills a worker now and then, and lets another take its place."""

    def __init__(self, fleet: Fleet, seed: int) -> None:
        self._fleet = fleet
        self._chance = random.Random(seed)  # noqa: S311 - a test
        self._workers = [fleet.start_hurried() for _ in range(WORKERS)]

    def happens(self) -> None:
        victim: subprocess.Popen[str] = self._chance.choice(self._workers)
        victim.kill()
        victim.wait()
        self._workers.remove(victim)
        self._workers.append(self._fleet.start_hurried())


def truth(hub: Hub) -> dict[str, dict[str, str | None]]:
    found: dict[str, dict[str, str | None]] = {}
    for namespace in NAMESPACES:
        for repository, tags in hub.truth(namespace).items():
            found[repository] = dict(tags)
    return found


@pytest.mark.nightly
def test_kills_lose_nothing_double_nothing_and_exceed_no_limit(tmp_path: Path) -> None:
    hub = a_world()
    with Simulator(hub, rate_limit=RateLimit(limit=40, window=2.0)) as simulator:
        fleet = Fleet(configured(tmp_path / "here", simulator))
        try:
            daemon = fleet.start("daemon")
            murder = Murder(fleet, seed=5)
            for _ in range(KILLS):
                seen = len(fleet.log.entries)
                fleet.log.wait_for_more(seen, "shard", "crawled")
                murder.happens()
            daemon.kill()
            daemon.wait()
            fleet.start("daemon")
            until_it_is_there(fleet, hub)
            pushed = pushes(hub)
            for _ in range(2):
                seen = len(fleet.log.entries)
                fleet.log.wait_for_more(seen, "crawled")
                murder.happens()
            until_it_is_there(fleet, hub)
        finally:
            fleet.kill_all()

        assert not [each for each in simulator.requests if each.status == 429]
        changes = fleet.program.good(
            "query", "--changed-since", "1d", "--include-baseline", "--format", "json"
        ).json
        told = Counter((each["kind"], each["repository"], each["tag"]) for each in changes)
        tags = [("tag_added", name, tag) for name, tags in truth(hub).items() for tag in tags]
        assert set(told.values()) == {1}, "nothing is told twice"
        assert {each for each in told if each[0] == "tag_added"} == set(tags)
        assert {each[1] for each in told if each[0] == "tag_retagged"} == set(pushed)
        nothing_overlaps(fleet)


def pushes(hub: Hub) -> list[str]:
    """Some tags are moved."""
    names = [f"huge/r{number}" for number in range(0, 40, 7)] + ["small/r1"]
    for name in names:
        hub.push(name, "1.0")
    return names


def until_it_is_there(fleet: Fleet, hub: Hub) -> None:
    """Wait until the index is what the registry holds; each crawl is an occasion to look."""
    for _ in range(30):
        seen = len(fleet.log.entries)
        if fleet.index() == truth(hub):
            return
        fleet.log.wait_for_more(seen, "crawled")
    raise AssertionError("the index never became what the registry holds")


def nothing_overlaps(fleet: Fleet) -> None:
    rows = fleet.sql("SELECT namespace, started_at, finished_at FROM report_crawls ORDER BY id")
    for namespace in NAMESPACES:
        crawls = [row for row in rows if row["namespace"] == namespace]
        for earlier, later in pairwise(crawls):
            assert earlier["finished_at"] <= later["started_at"]
