from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
import requests

from indexer.hub_simulator import START, ListQuirks, Quirks, Simulator
from tests.hub_simulator.conftest import REPOSITORIES, TAGS
from tests.hub_simulator.facts import shows

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.hub_simulator import Hub
    from indexer.hub_simulator.quirks import Order
    from tests.hub_simulator.conftest import Client


def pushed(hub: Hub, *tags: str) -> None:
    for tag in tags:
        hub.push("library/alpine", tag)
        hub.clock.advance(60)


@shows("attestations")
def test_attestations_show_as_unknown(hub: Hub, client: Client) -> None:
    hub.push("library/alpine", "3", platforms=["linux/amd64", "unknown/unknown"])
    _, attestation = client.get(TAGS).json()["results"][0]["images"]
    assert (attestation["os"], attestation["architecture"]) == ("unknown", "unknown")


@shows("order of tags")
def test_tags_come_newest_first_and_a_minus_reverses_them(hub: Hub, client: Client) -> None:
    pushed(hub, "a", "c", "b")
    assert client.names(TAGS) == ["b", "c", "a"]
    assert client.names(TAGS, ordering="last_updated") == ["b", "c", "a"]
    assert client.names(TAGS, ordering="-last_updated") == ["a", "c", "b"]


@shows("order of repositories")
def test_repositories_are_ordered_by_date_and_pulls_opposite_to_the_documentation(
    hub: Hub, client: Client
) -> None:
    for name in ("library/c", "library/b"):
        hub.add_repository(name)
    hub.set_counters("library/b", pulls=7)
    hub.set_counters("library/c", pulls=3)
    asked = {
        "last_updated": ["b", "c", "alpine"],
        "-last_updated": ["alpine", "c", "b"],
        "name": ["alpine", "b", "c"],
        "-name": ["c", "b", "alpine"],
        "pull_count": ["b", "c", "alpine"],
        "-pull_count": ["alpine", "c", "b"],
    }
    assert {key: client.names(REPOSITORIES, ordering=key) for key in asked} == asked
    assert client.names(REPOSITORIES) == asked["last_updated"]


@shows("order of repositories", "order of tags")
@pytest.mark.parametrize("path", [REPOSITORIES, TAGS])
def test_an_order_that_there_is_not_is_refused_and_says_which_there_are(
    client: Client, path: str
) -> None:
    refused = client.get(path, ordering="size")
    assert refused.status_code == 400
    assert set(refused.json()) == {"fields", "text"}
    assert "-last_updated" in refused.json()["fields"]["ordering"][0]


@shows("past the end", "tags", "repositories of a namespace")
def test_pages_are_followed_by_next_to_the_end_and_past_it_is_404(hub: Hub, client: Client) -> None:
    pushed(hub, *(f"{number}" for number in range(25)))
    first = client.get(TAGS).json()
    assert (first["count"], len(first["results"]), first["previous"]) == (25, 10, None)
    seen = first["results"]
    page = first
    while page["next"]:
        assert page["next"].startswith(client.simulator.url)
        page = client.session.get(page["next"], timeout=20).json()
        seen += page["results"]
    assert [tag["name"] for tag in seen] == [str(number) for number in reversed(range(25))]
    assert page["previous"].endswith("page=2")
    assert client.get(TAGS, page=4).status_code == 404
    assert len(client.get(TAGS, page_size=1_000).json()["results"]) == 25


@shows("page size")
def test_a_page_holds_a_hundred_at_most_and_next_repeats_what_was_asked(
    hub: Hub, client: Client
) -> None:
    for number in range(101):
        hub.push("library/alpine", f"{number}", platforms=1)
    page = client.get(TAGS, page_size=500).json()
    assert (page["count"], len(page["results"])) == (101, 100)
    assert page["next"] == f"{client.simulator.url}{TAGS}?page_size=500&page=2"
    assert len(client.names(TAGS, page_size=500, page=2)) == 1


@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5"])
def test_an_invalid_page_number_is_refused(client: Client, value: str) -> None:
    assert client.get(TAGS, page=value).status_code == 400
    assert client.get(TAGS, page_size=value).status_code == 400


def test_next_keeps_the_other_parameters_and_the_host_that_was_asked(
    hub: Hub, client: Client
) -> None:
    pushed(hub, "a", "b")
    url = f"{TAGS}?page_size=1&ordering=-last_updated"
    page = client.ask("GET", url, headers={"Host": "hub.example:80"}).json()
    assert page["next"] == f"http://hub.example:80{TAGS}?page_size=1&ordering=-last_updated&page=2"


@shows("name filter", "open to everybody")
def test_a_name_filter_finds_parts_of_names_and_counts_what_it_finds(
    hub: Hub, client: Client
) -> None:
    hub.add_repository("library/alpaca")
    hub.add_repository("library/redis")
    pushed(hub, "3.20", "3.21", "edge")
    asked: tuple[tuple[str, str, list[str]], ...] = (
        (REPOSITORIES, "alp", ["alpaca", "alpine"]),
        (REPOSITORIES, "paca", ["alpaca"]),
        (TAGS, "3.2", ["3.20", "3.21"]),
        (TAGS, "dge", ["edge"]),
        (TAGS, "none", []),
    )
    for path, part, expected in asked:
        page = client.get(path, name=part).json()
        assert sorted(item["name"] for item in page["results"]) == expected
        assert page["count"] == len(expected)
    second = client.get(TAGS, name="3.2", page=2, page_size=1, ordering="last_updated").json()
    assert [tag["name"] for tag in second["results"]] == ["3.20"]
    assert (second["count"], second["next"]) == (2, None)


def test_a_name_filter_may_ignore_case(hub: Hub, simulator: Simulator, client: Client) -> None:
    pushed(hub, "RC1", "rc2")
    assert client.names(TAGS, name="rc") == ["rc2"]
    simulator.quirks = Quirks(tags=ListQuirks(name_ignores_case=True))
    assert client.names(TAGS, name="rc") == ["rc2", "RC1"]


@shows("unknown namespace")
def test_an_empty_list_has_a_first_page_and_so_has_a_namespace_that_is_not_there(
    hub: Hub, simulator: Simulator, client: Client
) -> None:
    hub.add_namespace("empty")
    nobodys = "/v2/namespaces/nobody/repositories"
    for path in (TAGS, "/v2/namespaces/empty/repositories", nobodys):
        answer = client.get(path)
        assert (answer.status_code, answer.json()) == (
            200,
            {"count": 0, "next": None, "previous": None, "results": []},
        )
    simulator.quirks = Quirks(unknown_namespace="404")
    assert client.get(nobodys).status_code == 404


@shows("what is not there", "one repository", "one tag", "tags")
@pytest.mark.parametrize(
    "path",
    [
        "/v2/namespaces/library/repositories/nothing",
        "/v2/namespaces/library/repositories/nothing/tags",
        "/v2/namespaces/nobody/repositories/nothing/tags",
        "/v2/repositories/library/nothing/tags/1/images",
        f"{TAGS}/nothing",
        f"{TAGS}/a/b",
    ],
)
def test_unknown_things_are_object_not_found(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.text) == (404, '{"message":"object not found","errinfo":{}}')
    assert client.ask("HEAD", path).status_code == 404


@shows("old paths")
def test_both_path_styles_answer_the_same(hub: Hub, client: Client) -> None:
    pushed(hub, "a")
    for rest in ("", "/alpine", "/alpine/tags", "/alpine/tags/a"):
        old, new = client.get(f"/v2/repositories/library{rest}/"), client.get(REPOSITORIES + rest)
        assert old.json() == new.json()


@shows("one tag", "one repository", "tags", "open to everybody")
def test_head_has_headers_only(hub: Hub, client: Client) -> None:
    assert client.ask("HEAD", TAGS).status_code == 404, "there are none"
    pushed(hub, "a")
    answer = client.ask("HEAD", f"{TAGS}/a")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 100
    assert client.ask("HEAD", f"{TAGS}/b").status_code == 404
    assert client.ask("HEAD", TAGS).status_code == 200
    assert client.ask("HEAD", f"{REPOSITORIES}/alpine").status_code == 200
    assert client.ask("DELETE", f"{TAGS}/a").status_code == 405


def test_bodies_are_compressed_for_those_who_take_it(hub: Hub, client: Client) -> None:
    pushed(hub, "a", "b")
    packed = client.get(TAGS)
    plain = client.ask("GET", TAGS, headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.json() == plain.json()


def test_a_prepared_body_equals_a_fresh_one_after_every_action(hub: Hub, client: Client) -> None:
    pushed(hub, "a", "b", "c")
    actions: list[Callable[[], object]] = [
        lambda: hub.retag("library/alpine", "a"),
        lambda: hub.pull("library/alpine", "b"),
        lambda: hub.delete_tag("library/alpine", "c"),
        lambda: hub.set_date("library/alpine", None, tag="b"),
        lambda: hub.set_date("library/alpine", START),
        lambda: hub.describe("library/alpine", None),
        lambda: hub.add_repository("library/new"),
        lambda: hub.set_private("library/new"),
        lambda: hub.make_public("library/new"),
        lambda: hub.remove_repository("library/new"),
    ]
    before = [client.get(path).json() for path in (TAGS, REPOSITORIES)]
    for action in actions:
        action()
        prepared = [client.get(path).json() for path in (TAGS, REPOSITORIES)]
        assert prepared == [client.get(path).json() for path in (TAGS, REPOSITORIES)]
        with Simulator(hub, cache_bytes=0) as fresh, requests.Session() as session:
            session.trust_env = False
            answers = [session.get(fresh.url + path, timeout=20) for path in (TAGS, REPOSITORIES)]
        assert prepared == [answer.json() for answer in answers]
        assert prepared != before
        before = prepared


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("reversed", ["a", "c", "b"]),
        ("newest", ["b", "c", "a"]),
        ("oldest", ["a", "c", "b"]),
        ("name", ["a", "b", "c"]),
        ("made", ["a", "c", "b"]),
    ],
)
def test_a_hub_may_order_as_it_likes(
    hub: Hub, simulator: Simulator, client: Client, order: Order, expected: list[str]
) -> None:
    pushed(hub, "a", "c", "b")
    simulator.quirks = Quirks(tags=ListQuirks(order=order))
    assert client.names(TAGS) == expected


def test_nulls_stand_first_or_last_whatever_the_direction(
    hub: Hub, simulator: Simulator, client: Client
) -> None:
    pushed(hub, "a", "b")
    hub.push("library/alpine", "never")
    hub.set_date("library/alpine", None, tag="never")
    for ordering in ("last_updated", "-last_updated"):
        assert client.names(TAGS, ordering=ordering)[-1] == "never"
        simulator.quirks = Quirks(tags=ListQuirks(nulls="first"))
        assert client.names(TAGS, ordering=ordering)[0] == "never"
        simulator.quirks = Quirks()


@shows("page size ignored")
def test_page_size_may_be_ignored_and_limited(
    hub: Hub, simulator: Simulator, client: Client
) -> None:
    pushed(hub, *"abcde")
    simulator.quirks = Quirks(tags=ListQuirks(page_size=2))
    assert len(client.names(TAGS, page_size=100)) == 2
    simulator.quirks = Quirks(tags=ListQuirks(max_page_size=3))
    assert len(client.names(TAGS, page_size=100)) == 3
    assert len(client.names(TAGS, page_size=1)) == 1


def test_count_may_be_wrong_always_or_differently_each_time(
    hub: Hub, simulator: Simulator, client: Client
) -> None:
    pushed(hub, *"abc")
    simulator.quirks = Quirks(tags=ListQuirks(count_offset=2))
    assert client.get(TAGS).json()["count"] == 5
    numbers = itertools.count()
    simulator.quirks = Quirks(tags=ListQuirks(count_offset=lambda: next(numbers)))
    assert [client.get(TAGS).json()["count"] for _ in range(3)] == [3, 4, 5]


def test_next_may_lead_to_another_host(hub: Hub, simulator: Simulator, client: Client) -> None:
    pushed(hub, *"abc")
    simulator.quirks = Quirks(tags=ListQuirks(page_size=1, next_base="https://elsewhere.example"))
    assert client.get(TAGS).json()["next"].startswith("https://elsewhere.example/v2/")
