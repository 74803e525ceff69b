from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.hub_simulator import ListCopy
from tests.hub_simulator.conftest import REPOSITORIES, TAGS

if TYPE_CHECKING:
    from indexer.hub_simulator import Hub, Simulator
    from tests.hub_simulator.conftest import Client

NAME = "library/alpine"


def names(client: Client, target: str) -> list[str]:
    page = client.get(target).json()
    assert page["count"] == len(page["results"])
    return sorted(item["name"] for item in page["results"])


def test_lists_are_answered_from_an_old_copy_so_many_times(
    hub: Hub, client: Client, simulator: Simulator
) -> None:
    hub.push(NAME, "1")
    copy = ListCopy.of(hub)
    hub.push(NAME, "2")
    hub.add_repository("library/later")
    simulator.serve_copy(copy, times=2)
    assert "later" not in names(client, REPOSITORIES)
    assert names(client, TAGS) == ["1"]
    assert names(client, TAGS) == ["1", "2"]
    assert "later" in names(client, REPOSITORIES)


def test_an_old_copy_answers_for_tags_alone_and_not_for_a_tag_itself(
    hub: Hub, client: Client, simulator: Simulator
) -> None:
    simulator.serve_copy(ListCopy.of(hub), ["tags"], times=100)
    hub.push(NAME, "2")
    assert names(client, TAGS) == []
    assert client.get(f"{TAGS}/2").status_code == 200
    assert names(client, REPOSITORIES) == ["alpine"]
    simulator.clear()
    assert names(client, TAGS) == ["2"]


def test_an_empty_answer_comes_once(hub: Hub, client: Client, simulator: Simulator) -> None:
    hub.push(NAME, "1")
    simulator.serve_copy(ListCopy.empty())
    assert (names(client, TAGS), names(client, TAGS)) == ([], ["1"])
