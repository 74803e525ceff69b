from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from indexer.hub_simulator import Quirks
from tests.hub_simulator.facts import shows

if TYPE_CHECKING:
    from typing import Any

    from indexer.hub_simulator import Hub, Simulator
    from indexer.hub_simulator.accounts import Plan
    from tests.hub_simulator.conftest import Client

LOG = "/v2/auditlogs/library"
NAME = "library/alpine"


@pytest.fixture
def owner(hub: Hub, client: Client) -> dict[str, str]:
    """The credentials of somebody who may read the log."""
    hub.accounts.add_user("ann", "password", organisations=["library"])
    hub.accounts.add_organisation("library", plan="team", owners=["ann"])
    return client.token("ann", "password")


def read(client: Client, headers: dict[str, str], **params: str | int) -> list[dict[str, Any]]:
    answer = client.ask("GET", LOG, dict(params), headers=headers)
    assert answer.status_code == 200
    assert list(answer.json()) == ["logs"]
    logs: list[dict[str, Any]] = answer.json()["logs"]
    return logs


@shows("audit log")
def test_the_log_tells_who_pushed_and_who_deleted_the_newest_first(
    hub: Hub, client: Client, owner: dict[str, str]
) -> None:
    digest = hub.push(NAME, "1", by="bob")
    hub.pull(NAME, "1")
    hub.delete_tag(NAME, "1", by="eve")
    hub.add_repository("elsewhere/alpine")
    deleted, pushed, made = read(client, owner)
    assert (deleted["action"], deleted["actor"], deleted["name"]) == (
        "repo.tag.delete",
        "eve",
        NAME,
    )
    assert deleted["data"] == pushed["data"] == {"digest": digest, "tag": "1"}
    assert (pushed["action"], pushed["actor"]) == ("repo.tag.push", "bob")
    assert (made["action"], made["data"]) == ("repo.create", {})
    times = [datetime.fromisoformat(line["timestamp"]) for line in (made, pushed, deleted)]
    assert times == sorted({*times})


@shows("audit log")
def test_the_log_is_asked_by_action_name_actor_and_time_and_in_pages(
    hub: Hub, client: Client, owner: dict[str, str]
) -> None:
    for number in range(30):
        hub.push(NAME, f"{number}", by="bob" if number % 2 else "eve")
        hub.clock.advance(10)
    logs = read(client, owner, action="repo.tag.push")
    assert (len(logs), logs[0]["data"]["tag"]) == (25, "29")
    assert len(read(client, owner, action="repo.tag.push", page=2)) == 5
    assert read(client, owner, page=9) == []
    assert len(read(client, owner, actor="bob", page_size=100)) == 15
    assert read(client, owner, name="library/other") == []
    assert len(read(client, owner, name=NAME, page_size=100)) == 31
    since, until = logs[3]["timestamp"], logs[1]["timestamp"]
    window = read(client, owner, **{"from": since, "to": until})
    assert [line["data"]["tag"] for line in window] == ["28", "27", "26"]
    for wrong in ({"from": "yesterday"}, {"to": "2026-03-02T09:00:00"}, {"page": "0"}):
        assert client.ask("GET", LOG, {**wrong}, headers=owner).status_code == 400


@shows("audit log")
def test_the_log_tells_of_repositories_too(hub: Hub, client: Client, owner: dict[str, str]) -> None:
    hub.set_private(NAME, by="bob")
    hub.remove_repository(NAME, by="eve")
    assert [(line["action"], line["actor"]) for line in read(client, owner)][:2] == [
        ("repo.delete", "eve"),
        ("repo.change_privacy", "bob"),
    ]


@shows("audit log")
@pytest.mark.parametrize(("plan", "status"), [("free", 403), ("team", 200), ("business", 200)])
def test_only_owners_on_a_paid_plan_may_read_it(
    hub: Hub, client: Client, plan: Plan, status: int
) -> None:
    for name in ("ann", "bob"):
        hub.accounts.add_user(name, "password", organisations=["library"])
    hub.accounts.add_organisation("library", plan=plan, owners=["ann"])
    with_scope = hub.accounts.add_organisation_token("library", may_audit=True)
    without = hub.accounts.add_organisation_token("library")
    for path in (LOG, f"{LOG}/actions"):
        assert client.get(path).status_code == 401
        for name, secret, expected in (
            ("ann", "password", status),
            ("ann", hub.accounts.add_token("ann"), status),
            ("bob", "password", 403),
            ("library", with_scope, status),
            ("library", without, 403),
        ):
            headers = client.token(name, secret)
            assert client.ask("GET", path, headers=headers).status_code == expected


@shows("audit log")
def test_the_actions_are_listed(client: Client, owner: dict[str, str]) -> None:
    answer = client.ask("GET", f"{LOG}/actions", headers=owner).json()
    names = {action["name"] for action in answer["actions"]["repo"]["actions"]}
    assert {"tag.push", "tag.delete"} <= names


def test_the_log_may_lag(
    hub: Hub, simulator: Simulator, client: Client, owner: dict[str, str]
) -> None:
    simulator.quirks = Quirks(audit_lag=300)
    assert read(client, owner) == []
    hub.clock.advance(300)
    assert len(read(client, owner)) == 1
