from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import pytest

from tests.hub_simulator.conftest import REPOSITORIES

if TYPE_CHECKING:
    from indexer.hub_simulator import Hub
    from tests.hub_simulator.conftest import Client

NAME = "library/alpine"
MANIFESTS = f"/v2/{NAME}/manifests"


def bearer(client: Client, *names: str, auth: tuple[str, str] | None = None) -> dict[str, str]:
    scope = " ".join(f"repository:{name}:pull" for name in names)
    params: dict[str, str | int] = {"service": "registry.docker.io", "scope": scope}
    answer = client.ask("GET", "/token", params, auth=auth)
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def sha256(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()


def test_whoever_comes_without_a_token_is_told_where_to_get_one(client: Client) -> None:
    refused = client.get(f"/v2/{NAME}/tags/list")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (401, "UNAUTHORIZED")
    challenge = refused.headers["WWW-Authenticate"]
    assert dict(re.findall(r'(\w+)="([^"]*)"', challenge)) == {
        "realm": f"{client.simulator.url}/token",
        "service": "registry.docker.io",
        "scope": f"repository:{NAME}:pull",
    }


def test_a_registry_token_is_no_hub_token_nor_the_other_way_round(hub: Hub, client: Client) -> None:
    hub.accounts.add_user("ann", "password")
    assert client.ask("GET", REPOSITORIES, headers=bearer(client, NAME)).status_code == 401
    headers = client.token("ann", "password")
    assert client.ask("GET", f"/v2/{NAME}/tags/list", headers=headers).status_code == 401


def test_a_registry_token_ages_by_the_hubs_clock(hub: Hub, client: Client) -> None:
    answer = client.get("/token", scope=f"repository:{NAME}:pull").json()
    assert set(answer) == {"token", "access_token", "expires_in", "issued_at"}
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    assert client.ask("GET", "/v2/", headers=headers).status_code == 200
    hub.clock.advance(answer["expires_in"])
    assert client.ask("GET", "/v2/", headers=headers).status_code == 401


def test_private_repositories_open_to_their_members(hub: Hub, client: Client) -> None:
    hub.accounts.add_user("ann", "password", organisations=["library"])
    hub.set_private(NAME)
    path = f"/v2/{NAME}/tags/list"
    assert client.ask("GET", path, headers=bearer(client, NAME)).status_code == 401
    headers = bearer(client, NAME, auth=("ann", "password"))
    assert client.ask("GET", path, headers=headers).json() == {"name": NAME, "tags": None}
    assert client.ask("GET", "/token", auth=("ann", "guess")).status_code == 401


def test_tags_are_listed_by_name_in_pages_with_a_link(hub: Hub, client: Client) -> None:
    for tag in ("c", "a", "b"):
        hub.push(NAME, tag)
    headers = bearer(client, NAME)
    path = f"/v2/{NAME}/tags/list"
    assert client.ask("GET", path, headers=headers).json()["tags"] == ["a", "b", "c"]
    first = client.ask("GET", path, {"n": 2}, headers=headers)
    assert first.json()["tags"] == ["a", "b"]
    assert first.links["next"]["url"] == f"{path}?n=2&last=b"
    rest = client.ask("GET", first.links["next"]["url"], headers=headers)
    assert (rest.json()["tags"], "Link" in rest.headers) == (["c"], False)


def test_manifests_hash_to_their_digests_down_to_the_configuration(
    hub: Hub, client: Client
) -> None:
    digest = hub.push(NAME, "1", platforms=["linux/amd64", "linux/arm/v7", "unknown/unknown"])
    headers = bearer(client, NAME)
    head = client.ask("HEAD", f"{MANIFESTS}/1", headers=headers)
    assert (head.headers["Docker-Content-Digest"], head.content) == (digest, b"")
    index = client.ask("GET", f"{MANIFESTS}/1", headers=headers)
    assert sha256(index.content) == digest
    assert index.headers["Content-Type"] == index.json()["mediaType"]
    _, arm, attestation = index.json()["manifests"]
    assert arm["platform"] == {"architecture": "arm", "os": "linux", "variant": "v7"}
    kind = attestation["annotations"]["vnd.docker.reference.type"]
    assert kind == "attestation-manifest"
    image = client.ask("GET", f"{MANIFESTS}/{arm['digest']}", headers=headers)
    assert (sha256(image.content), len(image.content)) == (arm["digest"], arm["size"])
    config = image.json()["config"]
    blob = client.ask("GET", f"/v2/{NAME}/blobs/{config['digest']}", headers=headers)
    assert (sha256(blob.content), len(blob.content)) == (config["digest"], config["size"])


@pytest.mark.parametrize("form", ["old", "bare"])
def test_the_registry_knows_the_digest_that_old_tags_do_not_show(
    hub: Hub, client: Client, form: str
) -> None:
    digest = hub.push(NAME, "1", form="old" if form == "old" else "bare", platforms=1)
    head = client.ask("HEAD", f"{MANIFESTS}/1", headers=bearer(client, NAME))
    assert head.headers["Docker-Content-Digest"] == digest


def test_what_a_tag_pointed_to_stays_there_by_its_digest(hub: Hub, client: Client) -> None:
    first = hub.push(NAME, "1")
    hub.retag(NAME, "1")
    old = client.ask("GET", f"{MANIFESTS}/{first}", headers=bearer(client, NAME))
    assert sha256(old.content) == first


def test_what_is_not_there_has_its_code(client: Client) -> None:
    headers = bearer(client, NAME, "library/nothing")
    for path, status, code in (
        (f"{MANIFESTS}/nothing", 404, "MANIFEST_UNKNOWN"),
        (f"/v2/{NAME}/blobs/sha256:00", 404, "BLOB_UNKNOWN"),
        ("/v2/library/nothing/manifests/1", 404, "NAME_UNKNOWN"),
        ("/v2/_catalog", 401, "UNAUTHORIZED"),
        ("/elsewhere", 404, "UNSUPPORTED"),
    ):
        answer = client.ask("GET", path, headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)
