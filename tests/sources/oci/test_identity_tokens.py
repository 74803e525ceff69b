"""What `az acr login` leaves: an identity token, which the token service exchanges for tokens."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest

from indexer.core.errors import LoginFailed
from indexer.core.secret import Credentials, Secret
from indexer.http import CostMeter, HttpClient
from indexer.sources.oci.api import RegistryApi
from indexer.sources.oci.connection import Connection
from tests.http.fake_server import FakeClock, Reply, Server, ok
from tests.sources.oci.in_process import Here

if TYPE_CHECKING:
    from pathlib import Path

    from tests.http.fake_server import Asked

IDENTITY = "planted-identity-token"
NAME = "00000000-0000-0000-0000-000000000000"
DIGEST = "sha256:" + "a" * 64


def azure(asked: Asked) -> Reply:
    """Azure's registry, as recorded: scopes `metadata_read`, an `access_token` without its end."""
    if asked.path == "/oauth2/token":
        form = dict(parse_qsl(asked.body.decode()))
        is_right = asked.method == "POST" and form.get("refresh_token") == IDENTITY
        return (
            ok({"access_token": f"for {form['scope']}".replace(" ", "-")})
            if is_right
            else Reply(401)
        )
    scope = "registry:catalog:*"
    if asked.path != "/v2/_catalog":
        action = "metadata_read" if asked.path.endswith("/tags/list") else "pull"
        scope = f"repository:team/app:{action}"
    if asked.headers.get("authorization") != f"Bearer for-{scope}":
        host = asked.headers["host"]
        challenge = f'Bearer realm="http://{host}/oauth2/token",service="{host}",scope="{scope}"'
        return Reply(401, b"", {"WWW-Authenticate": challenge})
    if asked.path == "/v2/_catalog":
        return ok({"repositories": ["team/app"]})
    if asked.path.endswith("/tags/list"):
        return ok({"name": "team/app", "tags": ["1"]})
    kind = "application/vnd.oci.image.manifest.v1+json"
    return Reply(200, b"", {"Docker-Content-Digest": DIGEST, "Content-Type": kind})


def test_an_identity_token_is_exchanged_and_sent_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server(azure) as server:
        name = server.url.removeprefix("http://")
        entry = {"auth": base64.b64encode(f"{NAME}:".encode()).decode(), "identitytoken": IDENTITY}
        (tmp_path / "config.json").write_text(json.dumps({"auths": {name: entry}}))
        monkeypatch.delenv("REGISTRY_AUTH_FILE", raising=False)
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
        (tmp_path / "indexer.toml").write_text(
            f"[[registry]]\ntype = 'oci'\nname = '{name}'\ndocker_config = true\n"
        )
        here = Here(tmp_path)
        done = here.run("-v", "crawl")
        assert done.code == 0, done.err
        (tag,) = json.loads(here.run("tags", f"{name}/team/app", "--format", "json").out)
        assert tag["digest"] == DIGEST
    exchanges = [each for each in server.asked if each.path == "/oauth2/token"]
    forms = [dict(parse_qsl(each.body.decode())) for each in exchanges]
    assert {form.pop("scope") for form in forms} >= {
        "registry:catalog:*",
        "repository:team/app:metadata_read",
        "repository:team/app:pull",
    }
    sent = {"grant_type": "refresh_token", "service": name, "client_id": "indexer"}
    assert all(form == {**sent, "refresh_token": IDENTITY} for form in forms)
    for each in exchanges:
        assert each.headers["content-type"] == "application/x-www-form-urlencoded"
        assert "authorization" not in each.headers
    others = [each for each in server.asked if each.path != "/oauth2/token"]
    assert not any("basic" in each.headers.get("authorization", "").lower() for each in others)
    assert IDENTITY not in done.out + done.err
    assert f"POST {server.url}/oauth2/token: 200" in done.err


def connected(server: Server) -> RegistryApi:
    clock = FakeClock()
    account = Credentials(NAME, Secret(IDENTITY), "config.json", is_identity_token=True)
    client = HttpClient(server.url, clock=clock, chance=lambda: 1.0, timeout=5, tries=1)
    return RegistryApi(Connection(client, account, clock, elsewhere=lambda _: client), CostMeter())


def test_an_identity_token_that_has_ended_is_told_with_the_remedy() -> None:
    def answer(asked: Asked) -> Reply:
        return Reply(401) if asked.path == "/oauth2/token" else azure(asked)

    with Server(answer) as server, pytest.raises(LoginFailed) as told:
        connected(server).tags("team/app", None)
    assert "refuses the identity token of" in str(told.value)
    assert "log in again (for Azure with 'az acr login')" in str(told.value)
    assert IDENTITY not in str(told.value)


def test_a_registry_that_takes_passwords_only_is_not_sent_an_identity_token() -> None:
    challenge = Reply(401, b"", {"WWW-Authenticate": 'Basic realm="x"'})
    with Server(lambda _: challenge) as server, pytest.raises(LoginFailed) as told:
        connected(server).tags("team/app", None)
    assert "wants a password" in str(told.value)
    assert [each.headers.get("authorization") for each in server.asked] == [None]
