from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
import requests

from indexer.hub_simulator import START, ListQuirks, Quirks, Simulator
from tests.hub_simulator.conftest import REPOSITORIES, TAGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.hub_simulator import Hub
    from indexer.hub_simulator.quirks import Order
    from tests.hub_simulator.conftest import Client

REPOSITORY_FIELDS = (
    "name namespace repository_type status status_description description is_private star_count "
    "pull_count last_updated last_modified date_registered affiliation media_types content_types "
    "categories storage_size"
)
DETAIL_FIELDS = [
    "user",
    "full_description",
    "collaborator_count",
    "permissions",
    "immutable_tags_settings",
]
TAG_FIELDS = (
    "creator id images last_updated last_updater last_updater_username name repository full_size "
    "v2 tag_status tag_last_pulled tag_last_pushed"
)
IMAGE_FIELDS = (
    "architecture features variant digest os os_features os_version size status last_pulled "
    "last_pushed"
)


def pushed(hub: Hub, *tags: str) -> None:
    for tag in tags:
        hub.push("library/alpine", tag)
        hub.clock.advance(60)


def test_a_repository_has_every_field_of_the_facts(client: Client) -> None:
    page = client.get(REPOSITORIES).json()
    assert list(page) == ["count", "next", "previous", "results"]
    assert list(page["results"][0]) == REPOSITORY_FIELDS.split()
    assert page["results"][0]["description"] == "Small"
    detail = client.get(f"{REPOSITORIES}/alpine").json()
    assert list(detail) == REPOSITORY_FIELDS.split() + DETAIL_FIELDS


def test_a_tag_has_every_field_of_the_facts(hub: Hub, client: Client) -> None:
    digest = hub.push("library/alpine", "3.21", platforms=["linux/arm/v7", "windows/amd64:10.0.1"])
    tag = client.get(TAGS).json()["results"][0]
    assert list(tag) == [*TAG_FIELDS.split(), "media_type", "content_type", "digest"]
    assert list(tag["images"][0]) == IMAGE_FIELDS.split()
    assert (tag["digest"], tag["images"][0]["variant"]) == (digest, "v7")
    assert (tag["images"][1]["variant"], tag["images"][1]["os_version"]) == (None, "10.0.1")
    assert tag["full_size"] == sum(image["size"] for image in tag["images"])
    assert client.get(f"{TAGS}/3.21").json() == tag


def test_old_tags_lack_what_old_tags_lack(hub: Hub, client: Client) -> None:
    digest = hub.push("library/alpine", "2.6", form="old")
    hub.push("library/alpine", "2.1", form="bare", platforms=1)
    bare, old = client.get(TAGS).json()["results"]
    assert list(old) == TAG_FIELDS.split()
    assert old["images"][0]["digest"].startswith("sha256:")
    assert "digest" not in bare["images"][0]
    assert (bare["images"][0]["last_pushed"], bare["tag_last_pushed"]) == (None, None)
    assert hub.truth("library")["library/alpine"]["2.6"] == digest


def test_attestations_show_as_unknown(hub: Hub, client: Client) -> None:
    hub.push("library/alpine", "3", platforms=["linux/amd64", "unknown/unknown"])
    _, attestation = client.get(TAGS).json()["results"][0]["images"]
    assert (attestation["os"], attestation["architecture"]) == ("unknown", "unknown")


def test_tags_come_newest_first_and_a_minus_turns_them_round(hub: Hub, client: Client) -> None:
    pushed(hub, "a", "c", "b")
    assert client.names(TAGS) == ["b", "c", "a"]
    assert client.names(TAGS, ordering="last_updated") == ["b", "c", "a"]
    assert client.names(TAGS, ordering="-last_updated") == ["a", "c", "b"]


def test_repositories_are_ordered_as_documented(hub: Hub, client: Client) -> None:
    for name in ("library/c", "library/b"):
        hub.add_repository(name)
    hub.push("library/b", "1")
    hub.pull("library/b", "1")
    asked = {
        "-last_updated": ["b", "c", "alpine"],
        "last_updated": ["alpine", "c", "b"],
        "name": ["alpine", "b", "c"],
        "-name": ["c", "b", "alpine"],
    }
    assert {key: client.names(REPOSITORIES, ordering=key) for key in asked} == asked
    assert client.names(REPOSITORIES, ordering="-pull_count")[0] == "b"
    refused = client.get(REPOSITORIES, ordering="size")
    assert refused.status_code == 400
    assert set(refused.json()) == {"fields", "text"}
    assert list(refused.json()["fields"]) == ["ordering"]


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


def test_a_page_holds_a_hundred_at_most(hub: Hub, client: Client) -> None:
    for number in range(101):
        hub.push("library/alpine", f"{number}", platforms=1)
    assert len(client.names(TAGS, page_size=500)) == 100


@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5"])
def test_what_is_no_page_is_refused(client: Client, value: str) -> None:
    assert client.get(TAGS, page=value).status_code == 400
    assert client.get(TAGS, page_size=value).status_code == 400


def test_next_keeps_the_other_parameters_and_the_host_that_was_asked(
    hub: Hub, client: Client
) -> None:
    pushed(hub, "a", "b")
    url = f"{TAGS}?page_size=1&ordering=-last_updated"
    page = client.ask("GET", url, headers={"Host": "hub.example:80"}).json()
    assert page["next"] == f"http://hub.example:80{TAGS}?page_size=1&ordering=-last_updated&page=2"


def test_the_name_filter_looks_inside_names(hub: Hub, client: Client) -> None:
    hub.add_repository("library/alpaca")
    assert sorted(client.names(REPOSITORIES, name="alp")) == ["alpaca", "alpine"]
    assert client.names(REPOSITORIES, name="paca") == ["alpaca"]


def test_a_list_without_items_has_a_first_page_and_an_unknown_one_is_404(
    hub: Hub, client: Client
) -> None:
    assert client.get(TAGS).json()["results"] == []
    hub.add_namespace("empty")
    assert client.get("/v2/namespaces/empty/repositories").json()["count"] == 0
    for path in (
        "/v2/namespaces/nobody/repositories",
        "/v2/namespaces/library/repositories/nothing",
        "/v2/namespaces/library/repositories/nothing/tags",
        f"{TAGS}/nothing",
        f"{TAGS}/a/b",
    ):
        assert client.get(path).status_code == 404


def test_both_path_styles_answer_the_same(hub: Hub, client: Client) -> None:
    pushed(hub, "a")
    for rest in ("", "/alpine", "/alpine/tags", "/alpine/tags/a"):
        old, new = client.get(f"/v2/repositories/library{rest}/"), client.get(REPOSITORIES + rest)
        assert old.json() == new.json()


def test_head_has_headers_only(hub: Hub, client: Client) -> None:
    pushed(hub, "a")
    answer = client.ask("HEAD", f"{TAGS}/a")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 100
    assert client.ask("HEAD", f"{TAGS}/b").status_code == 404
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


def test_page_size_may_be_ignored_and_limited(
    hub: Hub, simulator: Simulator, client: Client
) -> None:
    pushed(hub, *"abcde")
    simulator.quirks = Quirks(tags=ListQuirks(page_size=2))
    assert len(client.names(TAGS, page_size=100)) == 2
    simulator.quirks = Quirks(tags=ListQuirks(max_page_size=3))
    assert len(client.names(TAGS, page_size=100)) == 3
    assert len(client.names(TAGS, page_size=1)) == 1


def test_count_may_lie_always_or_differently_each_time(
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
