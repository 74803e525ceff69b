from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING

import pytest

from indexer.hub_simulator import PullLimit, Quirks, RegistryQuirks, Simulator
from indexer.hub_simulator.synthetic_manifests import INDEX, MANIFEST
from tests.hub_simulator.conftest import REPOSITORIES, Client
from tests.hub_simulator.facts import shows

if TYPE_CHECKING:
    from indexer.hub_simulator import Hub
    from indexer.hub_simulator.push import Form

NAME = "library/alpine"
MANIFESTS = f"/v2/{NAME}/manifests"


def bearer(client: Client, *names: str, auth: tuple[str, str] | None = None) -> dict[str, str]:
    scope = " ".join(f"repository:{name}:pull" for name in names)
    params: dict[str, str | int] = {"service": "registry.docker.io", "scope": scope}
    answer = client.ask("GET", "/token", params, auth=auth)
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sha256(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()


@shows("challenge")
def test_a_request_without_a_token_is_told_where_to_get_one(client: Client) -> None:
    refused = client.get(f"/v2/{NAME}/tags/list")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (401, "UNAUTHORIZED")
    challenge = refused.headers["WWW-Authenticate"]
    assert dict(re.findall(r'(\w+)="([^"]*)"', challenge)) == {
        "realm": f"{client.simulator.url}/token",
        "service": "registry.docker.io",
        "scope": f"repository:{NAME}:pull",
    }


@shows("token")
def test_registry_tokens_and_hub_tokens_are_not_interchangeable(hub: Hub, client: Client) -> None:
    hub.accounts.add_user("ann", "password")
    assert client.ask("GET", REPOSITORIES, headers=bearer(client, NAME)).status_code == 401
    headers = client.token("ann", "password")
    assert client.ask("GET", f"/v2/{NAME}/tags/list", headers=headers).status_code == 401


@shows("token")
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


@shows("names of the tags")
def test_all_names_of_tags_come_in_one_answer_whatever_part_is_asked_for(
    hub: Hub, client: Client
) -> None:
    path = f"/v2/{NAME}/tags/list"
    headers = bearer(client, NAME)
    assert client.ask("GET", path, headers=headers).json() == {"name": NAME, "tags": None}
    for tag in ("c", "a", "b"):
        hub.push(NAME, tag)
    for part in ("", "?n=2", "?n=1&last=a"):
        answer = client.ask("GET", path + part, headers=headers)
        assert answer.json() == {"name": NAME, "tags": ["a", "b", "c"]}
        assert "Link" not in answer.headers


@shows("pages of names")
def test_names_of_tags_may_come_in_pages_with_a_link(
    hub: Hub, simulator: Simulator, client: Client
) -> None:
    simulator.quirks = Quirks(registry=RegistryQuirks(pages=True))
    for tag in ("c", "a", "b"):
        hub.push(NAME, tag)
    headers = bearer(client, NAME)
    path = f"/v2/{NAME}/tags/list"
    first = client.ask("GET", path, {"n": 2}, headers=headers)
    assert first.json()["tags"] == ["a", "b"]
    assert first.links["next"]["url"] == f"{path}?n=2&last=b"
    rest = client.ask("GET", first.links["next"]["url"], headers=headers)
    assert (rest.json()["tags"], "Link" in rest.headers) == (["c"], False)


@shows("realm on another host")
def test_the_token_service_may_be_on_another_host(simulator: Simulator, client: Client) -> None:
    simulator.quirks = Quirks(realm_base="https://auth.example")
    challenge = client.get(f"/v2/{NAME}/tags/list").headers["WWW-Authenticate"]
    assert challenge.startswith('Bearer realm="https://auth.example/token",')


@shows("pulls")
def test_get_of_a_manifest_is_a_pull_and_head_is_not(hub: Hub, client: Client) -> None:
    digest = hub.push(NAME, "1")
    headers = bearer(client, NAME)
    client.ask("HEAD", f"{MANIFESTS}/1", headers=headers)
    assert (hub.repository(NAME).pull_count, hub.tag(NAME, "1").tag_last_pulled) == (0, None)
    client.ask("GET", f"{MANIFESTS}/1", headers=headers)
    assert hub.tag(NAME, "1").tag_last_pulled == hub.clock.now()
    client.ask("GET", f"{MANIFESTS}/{digest}", headers=headers)
    assert hub.repository(NAME).pull_count == 2
    assert hub.truth("library")[NAME]["1"] == digest


@shows("pull limit")
def test_pulls_without_an_account_are_limited(hub: Hub) -> None:
    hub.push(NAME, "1", platforms=1)
    hub.accounts.add_user("ann", "password")
    with Simulator(hub, pull_limit=PullLimit(limit=2)) as simulator:
        client = Client(simulator)
        with client.session:
            anybody = bearer(client, NAME)
            member = bearer(client, NAME, auth=("ann", "password"))
            pulls = [client.ask("GET", f"{MANIFESTS}/1", headers=anybody) for _ in range(3)]
            assert [answer.status_code for answer in pulls] == [200, 200, 429]
            assert pulls[0].headers["ratelimit-limit"] == "2;w=21600"
            left = [answer.headers["ratelimit-remaining"] for answer in pulls]
            assert left == ["1;w=21600", "0;w=21600", "0;w=21600"]
            assert "docker-ratelimit-source" in pulls[0].headers
            assert pulls[2].json()["errors"][0]["code"] == "TOOMANYREQUESTS"
            assert client.ask("HEAD", f"{MANIFESTS}/1", headers=anybody).status_code == 200
            unlimited = client.ask("GET", f"{MANIFESTS}/1", headers=member)
            assert (unlimited.status_code, "ratelimit-limit" in unlimited.headers) == (200, False)
            # A token is good for five minutes; the window for six hours.
            hub.clock.advance(21_600)
            fresh = bearer(client, NAME)
            assert client.ask("GET", f"{MANIFESTS}/1", headers=fresh).status_code == 200


@shows("manifests")
def test_a_client_that_does_not_accept_an_index_gets_none(hub: Hub, client: Client) -> None:
    hub.push(NAME, "1", platforms=2)
    headers = bearer(client, NAME)
    for accepted, status in ((INDEX, 200), ("*/*", 200), (MANIFEST, 404)):
        answer = client.ask("HEAD", f"{MANIFESTS}/1", headers={**headers, "Accept": accepted})
        assert answer.status_code == status


@shows("referrers")
def test_what_refers_to_a_digest_is_listed(hub: Hub, client: Client) -> None:
    digest = hub.push(NAME, "1")
    headers = bearer(client, NAME)
    path = f"/v2/{NAME}/referrers/{digest}"
    assert client.ask("GET", path, headers=headers).json()["manifests"] == []
    signature = hub.refer(NAME, digest, "application/vnd.dev.sigstore.bundle.v0.3+json")
    (found,) = client.ask("GET", path, headers=headers).json()["manifests"]
    assert found["digest"] == signature
    body = client.ask("GET", f"{MANIFESTS}/{signature}", headers=headers)
    assert (sha256(body.content), body.json()["subject"]["digest"]) == (signature, digest)
    assert client.names(f"{REPOSITORIES}/alpine/tags") == ["1"], "no tag tells of it"


@shows("referrers")
def test_a_list_says_what_refers_is_and_states(hub: Hub, client: Client) -> None:
    digest = hub.push(NAME, "1")
    hub.refer(NAME, digest, "application/vnd.example", {"a": "b"})
    path = f"/v2/{NAME}/referrers/{digest}"
    (found,) = client.ask("GET", path, headers=bearer(client, NAME)).json()["manifests"]
    assert (found["artifactType"], found["annotations"]) == ("application/vnd.example", {"a": "b"})


def test_a_registry_without_the_api_has_the_list_under_a_tag(
    hub: Hub, simulator: Simulator, client: Client
) -> None:
    simulator.quirks = Quirks(registry=RegistryQuirks(lacks_referrers=True))
    digest = hub.push(NAME, "1")
    signature = hub.refer(NAME, digest, "application/vnd.example", {"a": "b"})
    headers = bearer(client, NAME)
    path = f"/v2/{NAME}/referrers/{digest}"
    assert client.ask("GET", path, headers=headers).status_code == 404
    tag = digest.replace(":", "-")
    tags = client.ask("GET", f"/v2/{NAME}/tags/list", headers=headers).json()["tags"]
    assert tags == ["1", tag]
    listed = client.ask("GET", f"{MANIFESTS}/{tag}", headers=headers)
    assert sha256(listed.content) == listed.headers["Docker-Content-Digest"]
    (found,) = listed.json()["manifests"]
    assert (found["digest"], found["artifactType"]) == (signature, "application/vnd.example")
    assert "annotations" not in found, "cosign leaves them out"


@shows("manifests", "children of an index")
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


@shows("old tags")
@pytest.mark.parametrize("form", ["config", "old", "bare"])
def test_the_registry_knows_the_digest_that_old_tags_do_not_show(
    hub: Hub, client: Client, form: Form
) -> None:
    digest = hub.push(NAME, "1", form=form, platforms=1)
    head = client.ask("HEAD", f"{MANIFESTS}/1", headers=bearer(client, NAME))
    assert head.headers["Docker-Content-Digest"] == digest


def test_what_a_tag_pointed_to_stays_there_by_its_digest(hub: Hub, client: Client) -> None:
    first = hub.push(NAME, "1")
    hub.retag(NAME, "1")
    old = client.ask("GET", f"{MANIFESTS}/{first}", headers=bearer(client, NAME))
    assert sha256(old.content) == first


def test_the_digest_of_signed_schema_1_is_of_what_was_signed(hub: Hub, client: Client) -> None:
    digest = hub.push_schema1(NAME, "2015")
    answer = client.ask("GET", f"{MANIFESTS}/2015", headers=bearer(client, NAME))
    assert answer.headers["Docker-Content-Digest"] == digest
    assert answer.headers["Content-Type"].endswith("manifest.v1+prettyjws")
    sent = answer.json()
    protected = json.loads(unpadded(sent["signatures"][0]["protected"]))
    payload = answer.content[: protected["formatLength"]] + unpadded(protected["formatTail"])
    assert sha256(payload) == digest != sha256(answer.content)
    assert "signatures" not in json.loads(payload)
    by_digest = client.ask("GET", f"{MANIFESTS}/{digest}", headers=bearer(client, NAME))
    assert by_digest.content == answer.content


@shows("errors", "catalog")
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
