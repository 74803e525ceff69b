from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import requests

from indexer.hub_simulator import Hub, a_day_of_pushes, bulk_data, populate
from indexer.hub_simulator.events import (
    RepositoryAdded,
    RepositoryRemoved,
    TagDeleted,
    TagPulled,
    TagPushed,
)
from indexer.hub_simulator.populate import COMMUNITY, TEAM

if TYPE_CHECKING:
    from indexer.hub_simulator import Simulator
    from tests.hub_simulator.conftest import Client


def test_the_demo_has_two_namespaces_and_lists_of_several_pages() -> None:
    hub = Hub()
    populate(hub)
    team, community = hub.truth(TEAM), hub.truth(COMMUNITY)
    assert (len(team), len(community)) == (26, 64)
    assert max(map(len, team.values())) > 250
    assert sum(len(tags) > 100 for tags in team.values()) >= 3
    assert {"latest", "1.0.0", "1.0.0-alpine"} <= set(team[f"{TEAM}/api"])


def test_the_day_has_everything_that_can_happen_and_is_the_same_every_time() -> None:
    hubs = (Hub(), Hub())
    for hub in hubs:
        populate(hub)
    before = hubs[0].truth(TEAM)
    events, again = map(a_day_of_pushes, hubs)
    assert events == again
    assert {type(event) for event in events} == {
        RepositoryAdded,
        RepositoryRemoved,
        TagDeleted,
        TagPulled,
        TagPushed,
    }
    moved = [event for event in events if isinstance(event, TagPushed) and event.is_retag]
    assert any(event.tag == "latest" for event in moved)
    (release,) = [event for event in moved if event.tag[0].isdigit()]
    after = hubs[0].truth(TEAM)
    assert before[release.repository][release.tag] == release.old_digest
    assert after[release.repository][release.tag] == release.new_digest


def test_bulk_repositories_are_the_same_at_each_look_and_change_like_others(
    hub: Hub, client: Client
) -> None:
    bulk_data.add_bulk(hub, "bench", repositories=3, tags=5, platforms=8)
    path = "/v2/namespaces/bench/repositories"
    assert client.names(path) == ["repo-00000", "repo-00001", "repo-00002"]
    tags = f"{path}/repo-00001/tags"
    assert client.names(tags) == ["1.5.0", "1.4.0", "1.3.0", "1.2.0", "1.1.0"]
    before = client.get(f"{tags}/1.4.0").json()
    assert len(before["images"]) == 8
    assert before == client.get(f"{tags}/1.4.0").json() == client.get(tags).json()["results"][1]
    assert (
        client.get(tags).json()["results"][0]["last_updated"]
        == (client.get(f"{path}/repo-00001").json()["last_updated"])
    )
    hub.delete_tag("bench/repo-00001", "1.1.0")
    digest = hub.retag("bench/repo-00001", "1.2.0")
    assert client.names(tags) == ["1.2.0", "1.5.0", "1.4.0", "1.3.0"]
    assert client.names(path)[0] == "repo-00001"
    assert hub.truth("bench")["bench/repo-00001"]["1.2.0"] == digest


def test_targets_are_the_pages_of_a_full_crawl_and_preparing_them_is_not_logged(
    hub: Hub, simulator: Simulator
) -> None:
    bulk_data.add_bulk(hub, "bench", repositories=2, tags=150, platforms=1)
    targets = list(bulk_data.targets(hub, "bench"))
    base = "/v2/namespaces/bench/repositories"
    assert targets == [
        f"{base}?page_size=100",
        f"{base}/repo-00000/tags?page_size=100",
        f"{base}/repo-00000/tags?page_size=100&page=2",
        f"{base}/repo-00001/tags?page_size=100",
        f"{base}/repo-00001/tags?page_size=100&page=2",
    ]
    simulator.prepare(targets)
    assert simulator.requests == []


def test_a_process_of_its_own_prints_its_address_first_and_ends_when_told() -> None:
    arguments = ["--repositories", "2", "--tags", "3", "--namespaces", "one", "two", "--prepare"]
    command = [sys.executable, "-m", "indexer.hub_simulator", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with requests.Session() as session:
            session.trust_env = False
            page = session.get(f"{url}/v2/namespaces/two/repositories", timeout=20).json()
        process.terminate()
        assert process.wait(20) == 0
    assert page["count"] == 2
