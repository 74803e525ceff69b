from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, get_args

import pytest

from indexer.hub_simulator.push import Content
from tests.hub_simulator.conftest import REPOSITORIES, TAGS
from tests.hub_simulator.facts import shows

if TYPE_CHECKING:
    from typing import Any

    from indexer.hub_simulator import Hub
    from tests.hub_simulator.conftest import Client

NAME = "library/alpine"
CONFIGURATION = "application/vnd.docker.container.image.v1+json"


def one(client: Client, tag: str) -> dict[str, Any]:
    """A tag by itself, which is what the list says of it."""
    shown: dict[str, Any] = client.get(f"{TAGS}/{tag}").json()
    listed = [item for item in client.get(TAGS).json()["results"] if item["name"] == tag]
    assert listed == [shown]
    return shown


@shows("full size", "Docker's schema of a tag", "one tag")
def test_the_full_size_of_a_tag_is_that_of_its_first_image(hub: Hub, client: Client) -> None:
    digest = hub.push(NAME, "1", platforms=["linux/arm/v7", "windows/amd64:10.0.1"])
    tag = one(client, "1")
    arm, windows = tag["images"]
    assert tag["full_size"] == arm["size"] != arm["size"] + windows["size"]
    assert (arm["variant"], windows["variant"], windows["os_version"]) == ("v7", None, "10.0.1")
    assert (tag["digest"], tag["v2"], tag["tag_status"]) == (digest, True, "active")
    assert "status" not in tag


@shows("date of a push")
def test_the_date_of_a_repository_is_a_little_later_than_that_of_the_tag(
    hub: Hub, client: Client
) -> None:
    hub.push_lag = timedelta(seconds=0.3)
    hub.push(NAME, "1")
    pushed = datetime.fromisoformat(one(client, "1")["last_updated"])
    noted = datetime.fromisoformat(client.get(f"{REPOSITORIES}/alpine").json()["last_updated"])
    assert noted - pushed == hub.push_lag


@shows("media type of a configuration")
def test_a_tag_may_have_the_media_type_of_a_configuration(hub: Hub, client: Client) -> None:
    digest = hub.push(NAME, "2018", form="config", platforms=1)
    tag = one(client, "2018")
    assert (tag["media_type"], "digest" in tag) == (CONFIGURATION, False)
    assert tag["images"][0]["digest"] == digest


@shows("old tags")
def test_old_tags_lack_what_old_tags_lack(hub: Hub, client: Client) -> None:
    digest = hub.push(NAME, "2.6", form="old")
    hub.push(NAME, "2.1", form="bare", platforms=1)
    old, bare = one(client, "2.6"), one(client, "2.1")
    for tag in (old, bare):
        assert not {"media_type", "content_type", "digest"} & set(tag)
    assert (old["tag_last_pushed"], "tag_last_pushed" in bare) == (None, False)
    assert old["images"][0]["digest"].startswith("sha256:")
    assert ("digest" in bare["images"][0], bare["images"][0]["last_pushed"]) == (False, None)
    assert hub.truth("library")[NAME]["2.6"] == digest


@shows("kinds of content")
@pytest.mark.parametrize("content", get_args(Content))
def test_a_tag_says_what_kind_of_content_it_is(hub: Hub, client: Client, content: Content) -> None:
    hub.push(NAME, "1", content=content)
    assert one(client, "1")["content_type"] == content
    assert content in client.get(f"{REPOSITORIES}/alpine").json()["content_types"]


@shows("who pushed")
def test_a_tag_says_who_pushed_it_last_and_who_made_it(hub: Hub, client: Client) -> None:
    hub.push(NAME, "1", by="ann")
    made = one(client, "1")
    hub.retag(NAME, "1", by="bob")
    moved = one(client, "1")
    assert [tag["last_updater_username"] for tag in (made, moved)] == ["ann", "bob"]
    assert made["creator"] == made["last_updater"] == moved["creator"] != moved["last_updater"]
    assert made["id"] == moved["id"]


@shows("what is used")
def test_pulls_and_idleness_show_and_move_no_date(hub: Hub, client: Client) -> None:
    hub.push(NAME, "1", platforms=2)
    before = one(client, "1")
    hub.pull(NAME, "1")
    hub.set_tag_status(NAME, "1", "inactive")
    after = one(client, "1")
    assert (before["tag_last_pulled"], before["images"][0]["last_pulled"]) == (None, None)
    assert after["tag_last_pulled"] == after["images"][0]["last_pulled"] is not None
    assert (after["tag_status"], after["images"][1]["status"]) == ("inactive", "inactive")
    assert (after["last_updated"], after["digest"]) == (before["last_updated"], before["digest"])


@shows("what is used")
def test_counters_of_a_repository_move_and_its_date_does_not(hub: Hub, client: Client) -> None:
    def shown() -> dict[str, Any]:
        listed: dict[str, Any] = client.get(REPOSITORIES).json()["results"][0]
        return listed

    hub.push(NAME, "1", platforms=2)
    before = shown()
    assert before["storage_size"] == sum(image["size"] for image in one(client, "1")["images"])
    hub.set_counters(NAME, pulls=160, stars=3, storage=5)
    after = shown()
    assert (after["pull_count"], after["star_count"], after["storage_size"]) == (160, 3, 5)
    assert after["last_updated"] == before["last_updated"]


@shows("one repository", "immutable tags")
def test_one_repository_tells_more_than_the_list(hub: Hub, client: Client) -> None:
    hub.describe(NAME, "Small", full="# Alpine\n")
    shown = client.get(f"{REPOSITORIES}/alpine").json()
    listed = client.get(REPOSITORIES).json()["results"][0]
    assert {name: shown[name] for name in listed} == listed
    assert (shown["description"], shown["full_description"]) == ("Small", "# Alpine\n")
    assert shown["immutable_tags_settings"] == {"enabled": False, "rules": [".*"]}
    assert shown["affiliation"] == ""


@shows("one repository")
def test_members_of_a_namespace_see_that_they_are(hub: Hub, client: Client) -> None:
    hub.accounts.add_user("ann", "password", organisations=["library"])
    headers = client.token("ann", "password")
    for path in (REPOSITORIES, f"{REPOSITORIES}/alpine"):
        answer = client.ask("GET", path, headers=headers).json()
        assert answer.get("results", [answer])[0]["affiliation"] == "owner"


@shows("layers of a tag")
def test_the_layers_of_a_tag_come_with_their_instructions_and_without_a_pull(
    hub: Hub, client: Client
) -> None:
    hub.push(NAME, "1", platforms=2)
    images = client.get("/v2/repositories/library/alpine/tags/1/images").json()
    assert [image["digest"] for image in images] == [
        image["digest"] for image in one(client, "1")["images"]
    ]
    (layer,) = images[0]["layers"]
    assert layer["instruction"].startswith("ADD ")
    assert (layer["size"], hub.repository(NAME).pull_count) == (images[0]["size"], 0)


@shows("deletions and dates")
def test_a_deletion_moves_the_date_of_a_repository_or_not(hub: Hub) -> None:
    for tag in ("1", "2"):
        hub.push(NAME, tag)
    before = hub.repository(NAME).last_updated
    hub.delete_tag(NAME, "1")
    assert hub.repository(NAME).last_updated == before
    hub.delete_tag(NAME, "2", moves_date=True)
    assert hub.repository(NAME).last_updated != before


@shows("webhooks")
def test_a_webhook_is_called_at_a_push_and_never_at_a_deletion(hub: Hub) -> None:
    calls: list[Any] = []
    hub.on_push(NAME, calls.append)
    hub.push(NAME, "1", by="ann")
    hub.retag(NAME, "1")
    hub.delete_tag(NAME, "1")
    hub.add_repository("library/other")
    hub.push("library/other", "1")
    assert [call["push_data"]["tag"] for call in calls] == ["1", "1"]
    assert calls[0]["push_data"]["pusher"] == "ann"
    assert calls[0]["repository"]["repo_name"] == NAME
