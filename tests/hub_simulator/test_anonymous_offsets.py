from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.hub_simulator import AS_THE_HUB, Hub, OffsetBound, Simulator, bulk_data
from tests.hub_simulator.conftest import Client
from tests.hub_simulator.facts import shows

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORIES = "/v2/namespaces/bench/repositories"
TAGS = f"{REPOSITORIES}/repo-00000/tags"
REFUSAL = (
    '{"message":"pagination offset too large for anonymous requests; sign in to page further",'
    '"errinfo":{}}'
)


@pytest.fixture
def hub() -> Hub:
    hub = Hub()
    bulk_data.add_bulk(hub, "bench", repositories=250, tags=1_300, platforms=1)
    return hub


@pytest.fixture
def client(hub: Hub) -> Iterator[Client]:
    with Simulator(hub) as simulator:
        client = Client(simulator)
        with client.session:
            yield client


def statuses(client: Client, path: str, *pages: tuple[int, int]) -> list[int]:
    """The statuses of some pages, given as number and size."""
    return [client.get(path, page=page, page_size=size).status_code for page, size in pages]


@shows("anonymous offsets")
def test_repositories_are_refused_from_offset_100_and_tags_from_1000(client: Client) -> None:
    repositories = statuses(client, REPOSITORIES, (1, 100), (2, 100), (2, 99), (11, 10), (10, 10))
    assert repositories == [200, 403, 200, 403, 200]
    tags = statuses(client, TAGS, (10, 100), (11, 100), (11, 99), (1_001, 1), (1_000, 1))
    assert tags == [200, 403, 200, 403, 200]
    refused = client.get(TAGS, page=11, page_size=100)
    assert (refused.status_code, refused.text) == (403, REFUSAL)
    assert client.get(TAGS, page=10, page_size=100).json()["next"].endswith("page=11&page_size=100")


@shows("anonymous offsets", "page size")
def test_the_offset_is_that_of_the_page_size_that_is_granted(client: Client) -> None:
    assert statuses(client, REPOSITORIES, (2, 500), (2, 50)) == [403, 200]


@shows("anonymous offsets")
def test_a_list_that_is_shorter_than_that_is_refused_by_its_offset_too(client: Client) -> None:
    path = "/v2/namespaces/nobody/repositories"
    assert statuses(client, path, (1, 100), (2, 100), (2, 10)) == [200, 403, 404]


@shows("anonymous offsets")
def test_the_rate_limit_of_a_refusal_is_like_that_of_any_answer(client: Client) -> None:
    client.simulator.rate_limit = AS_THE_HUB
    left = [
        client.get(TAGS, page=page, page_size=100).headers["X-RateLimit-Remaining"]
        for page in (1, 11, 2)
    ]
    assert left == ["179", "178", "177"]


@shows("anonymous offsets")
def test_any_account_pages_to_the_end(hub: Hub, client: Client) -> None:
    hub.accounts.add_user("ann", "password")
    secret = hub.accounts.add_token("ann")
    organisation = hub.accounts.add_organisation_token("bench", may_list=False)
    for name, password in (("ann", "password"), ("ann", secret), ("bench", organisation)):
        headers = client.token(name, password)
        page = client.ask("GET", TAGS, {"page": 13, "page_size": 100}, headers=headers)
        assert len(page.json()["results"]) == 100


@shows("open to everybody", "anonymous offsets")
def test_both_ends_of_an_order_and_a_filter_have_offsets_of_their_own(client: Client) -> None:
    seen = [
        *client.names(REPOSITORIES, page_size=99, ordering="last_updated"),
        *client.names(REPOSITORIES, page_size=99, page=2, ordering="last_updated"),
    ]
    assert (seen[0], seen[-1]) == ("repo-00000", "repo-00197")
    last = client.names(REPOSITORIES, page_size=100, ordering="-last_updated")
    assert (last[0], len({*seen, *last})) == ("repo-00249", 250)
    filtered = client.get(REPOSITORIES, name="repo-0024", page_size=100).json()
    assert (filtered["count"], filtered["next"]) == (10, None)
    oldest = client.names(TAGS, page=10, page_size=100, ordering="-last_updated")
    assert oldest[-1] == "1.1000.0"
    narrow = client.get(TAGS, name="1.6", page_size=100, page=2).json()
    assert (narrow["count"], len(narrow["results"])) == (111, 11)


@shows("anonymous offsets")
def test_the_bound_may_lie_elsewhere_move_and_be_none(client: Client) -> None:
    simulator = client.simulator
    simulator.offset_bound = OffsetBound(tags=500)
    assert statuses(client, TAGS, (5, 100), (6, 100)) == [200, 403]
    simulator.offset_bound = OffsetBound(repositories=None, tags=None)
    assert statuses(client, REPOSITORIES, (2, 100), (3, 100)) == [200, 200]
    simulator.offset_bound = None
    assert statuses(client, TAGS, (13, 100), (14, 100)) == [200, 404]
