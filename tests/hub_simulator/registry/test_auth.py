"""How the simulated registry asks for an account, with the quirks of those that people run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from indexer.hub_simulator import Quirks, RegistryQuirks

if TYPE_CHECKING:
    import requests

    from indexer.hub_simulator import Hub, Simulator
    from tests.hub_simulator.conftest import Client

NAME = "acme/app"
LIST = f"/v2/{NAME}/tags/list"
ANN = ("ann", "password")


@pytest.fixture
def acme(hub: Hub) -> Hub:
    """A private repository, and somebody who sees it."""
    hub.accounts.add_user(*ANN, organisations=["acme"])
    hub.add_repository(NAME, private=True)
    hub.push(NAME, "1")
    return hub


def behave(simulator: Simulator, **quirks: Any) -> None:
    simulator.quirks = Quirks(registry=RegistryQuirks(**quirks))


def challenge(answer: requests.Response) -> str:
    assert answer.status_code == 401
    return answer.headers["WWW-Authenticate"]


def with_token(client: Client, scope: str, auth: tuple[str, str] | None = ANN) -> dict[str, str]:
    answer = client.ask("GET", "/token", {"scope": scope}, auth=auth).json()
    return {"Authorization": f"Bearer {answer.get('token') or answer['access_token']}"}


@pytest.mark.usefixtures("acme")
def test_a_registry_may_ask_for_passwords(simulator: Simulator, client: Client) -> None:
    behave(simulator, asks_for="basic", catalog="token")
    assert challenge(client.get(LIST)) == 'Basic realm="registry"'
    assert challenge(client.ask("GET", LIST, auth=("ann", "wrong"))) == 'Basic realm="registry"'
    assert client.ask("GET", LIST, auth=ANN).json()["tags"] == ["1"]
    assert client.ask("GET", "/v2/_catalog", auth=ANN).json() == {
        "repositories": [NAME, "library/alpine"]
    }
    assert client.get("/v2/library/alpine/tags/list").status_code == 401
    behave(simulator, asks_for="basic", is_public=True)
    assert client.get("/v2/library/alpine/tags/list").status_code == 200
    assert client.get(LIST).status_code == 401


@pytest.mark.usefixtures("acme")
def test_a_catalog_may_be_for_passwords_only_or_for_nobody_or_empty(
    simulator: Simulator, client: Client
) -> None:
    headers = with_token(client, "registry:catalog:*")
    assert client.ask("GET", "/v2/_catalog", headers=headers).status_code == 401
    behave(simulator, catalog="token")
    listed = client.ask("GET", "/v2/_catalog", headers=headers).json()
    assert listed == {"repositories": [NAME, "library/alpine"]}
    behave(simulator, catalog="basic")
    assert challenge(client.ask("GET", "/v2/_catalog", headers=headers)).startswith("Basic")
    assert client.ask("GET", "/v2/_catalog", auth=ANN).json() == listed
    behave(simulator, catalog="empty")
    assert client.ask("GET", "/v2/_catalog", headers=headers).json() == {"repositories": None}


@pytest.mark.usefixtures("acme")
def test_a_token_is_for_its_scopes_and_a_list_may_need_another_one(
    simulator: Simulator, client: Client
) -> None:
    behave(simulator, list_action="metadata_read")
    assert f'scope="repository:{NAME}:metadata_read"' in challenge(client.get(LIST))
    pulls = with_token(client, f"repository:{NAME}:pull")
    assert client.ask("GET", LIST, headers=pulls).status_code == 401
    reads = with_token(client, f"repository:{NAME}:metadata_read")
    assert client.ask("GET", LIST, headers=reads).status_code == 200
    manifest = f"/v2/{NAME}/manifests/1"
    assert client.ask("HEAD", manifest, headers=reads).status_code == 401
    assert client.ask("HEAD", manifest, headers=pulls).status_code == 200


@pytest.mark.usefixtures("acme")
def test_one_scope_may_be_for_everything_and_two_ways_be_offered(
    simulator: Simulator, client: Client
) -> None:
    behave(simulator, scope="*", offers_both=True)
    asked = challenge(client.get(LIST))
    assert re.fullmatch(r'Bearer .*,scope="\*",Basic realm="registry"', asked)
    assert client.ask("GET", LIST, headers=with_token(client, "*")).status_code == 200
    assert client.ask("GET", LIST, headers=with_token(client, "*", None)).status_code == 401


def test_an_ended_token_may_be_400_without_a_challenge(
    acme: Hub, simulator: Simulator, client: Client
) -> None:
    behave(simulator, scope="aws", token_fields=("token",), ended_token=400)
    assert set(client.get("/token", scope="aws").json()) == {"token"}
    headers = with_token(client, "aws")
    acme.clock.advance(3600)
    ended = client.ask("GET", LIST, headers=headers)
    assert (ended.status_code, "WWW-Authenticate" in ended.headers) == (400, False)


@pytest.mark.usefixtures("acme")
def test_an_identity_token_is_exchanged_by_post(simulator: Simulator, client: Client) -> None:
    behave(simulator, identity_tokens="ann", token_fields=("access_token",))
    asked = challenge(client.get(LIST))
    assert f'realm="{simulator.url}/oauth2/token"' in asked
    form = {"grant_type": "refresh_token", "scope": f"repository:{NAME}:pull"}

    def exchange(**more: str) -> requests.Response:
        url = f"{simulator.url}/oauth2/token"
        return client.session.post(url, data={**form, **more}, timeout=20)

    assert exchange(refresh_token="wrong").status_code == 401
    assert exchange(refresh_token="password", grant_type="password").status_code == 401
    answer = exchange(refresh_token="password").json()
    assert set(answer) == {"access_token"}
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    assert client.ask("GET", LIST, headers=headers).status_code == 200


@pytest.mark.usefixtures("acme")
def test_a_registry_may_lead_elsewhere_and_add_fields(simulator: Simulator, client: Client) -> None:
    behave(simulator, leads_to="{base}/v2/acme")
    led = client.get("/v2/app/tags/list", n=5)
    assert (led.status_code, led.headers["Location"]) == (307, f"{simulator.url}{LIST}?n=5")
    behave(simulator, extra={"child": [], "manifest": {}})
    headers = with_token(client, f"repository:{NAME}:pull")
    assert set(client.ask("GET", LIST, headers=headers).json()) == {
        "name",
        "tags",
        "child",
        "manifest",
    }
