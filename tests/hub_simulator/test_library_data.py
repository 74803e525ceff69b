from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.hub_simulator import Hub, Simulator, library
from indexer.hub_simulator.library_data import RECORDED_TAGS, sizes
from tests.hub_simulator.conftest import REPOSITORIES, Client
from tests.hub_simulator.facts import shows
from tests.hub_simulator.registry.test_api import bearer, sha256

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def hub() -> Hub:
    """As big as it is: made once, for these tests only look."""
    hub = Hub()
    library(hub)
    return hub


@pytest.fixture(scope="module")
def client(hub: Hub) -> Iterator[Client]:
    with Simulator(hub) as simulator:
        client = Client(simulator)
        with client.session:
            yield client


@shows("sizes of library")
def test_library_is_as_big_as_it_was(client: Client) -> None:
    assert client.get(REPOSITORIES).json()["count"] == len(sizes()) == 181
    for name, tags in RECORDED_TAGS.items():
        assert client.get(f"{REPOSITORIES}/{name}/tags").json()["count"] == tags
    assert max(tags for name, tags in sizes().items() if name not in RECORDED_TAGS) < 1_000


@shows("open to everybody", "names of the tags")
def test_the_largest_list_can_be_seen_in_parts_and_all_its_names_at_once(client: Client) -> None:
    tags = f"{REPOSITORIES}/openjdk/tags"
    newest = client.names(tags, page_size=100)
    oldest = client.names(tags, page_size=100, ordering="-last_updated")
    assert newest[0] == "latest"
    assert not {*newest} & {*oldest}
    path = "/v2/library/openjdk/tags/list"
    names = client.ask("GET", path, headers=bearer(client, "library/openjdk")).json()["tags"]
    assert (len(names), len({*names})) == (17_042, 17_042)
    assert {*newest, *oldest} <= {*names}
    part = client.get(tags, name="1.2.", page_size=100).json()
    assert part["count"] == sum("1.2." in name for name in names)


@shows("manifests")
def test_what_is_made_in_bulk_has_manifests_that_fit_its_digests(client: Client) -> None:
    tag = client.get(f"{REPOSITORIES}/nginx/tags").json()["results"][3]
    headers = bearer(client, "library/nginx")
    index = client.ask("GET", f"/v2/library/nginx/manifests/{tag['name']}", headers=headers)
    assert sha256(index.content) == tag["digest"]
    listed = [image["digest"] for image in tag["images"]]
    assert [child["digest"] for child in index.json()["manifests"]] == listed
    image = client.ask("GET", f"/v2/library/nginx/manifests/{listed[0]}", headers=headers)
    assert sha256(image.content) == listed[0]


def test_what_is_made_in_bulk_can_be_changed_like_anything_else(hub: Hub, client: Client) -> None:
    tags = f"{REPOSITORIES}/nginx/tags"
    second = client.names(tags)[1]
    hub.push("library/nginx", "new")
    hub.delete_tag("library/nginx", second)
    assert client.names(tags)[0] == "new"
    assert client.get(tags).json()["count"] == RECORDED_TAGS["nginx"]
    assert client.get(f"{tags}/{second}").status_code == 404
