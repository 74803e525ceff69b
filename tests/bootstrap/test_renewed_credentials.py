"""Passwords of credential helpers end after an hour or twelve; a daemon runs longer."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from indexer.bootstrap.registry_connections import Connector
from indexer.config import HttpSettings, RegistrySettings
from indexer.core.errors import SourceError
from indexer.http import CostMeter
from indexer.sources.oci.api import RegistryApi
from indexer.sources.oci.connection import Connection
from tests.http.fake_server import FakeClock, Reply, Server, ok
from tests.sources.helpers import installer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.http.fake_server import Asked

pytestmark = pytest.mark.integration

HELPER = """
import pathlib
note = pathlib.Path(sys.argv[0]).with_name("password")
print(json.dumps({"Username": "AWS", "Secret": note.read_text()}))
"""


class Cloud:
    """A registry whose password changes, asked for by `basic` or by a token service."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.kind = kind
        self._note = folder / "password"
        self.password = ""
        self.change("first")

    def change(self, password: str, *, tell: bool = True) -> None:
        """The password ends; `tell`: the helper has the new one."""
        self.password = password
        if tell:
            self._note.write_text(password)

    def answer(self, asked: Asked) -> Reply:
        login = base64.b64encode(f"AWS:{self.password}".encode()).decode()
        sent = asked.headers.get("authorization", "")
        is_right = sent == f"Basic {login}"
        if asked.path == "/token":
            granted = ok({"token": f"for-{self.password}", "expires_in": 300})
            return granted if is_right else Reply(401)
        if is_right if self.kind == "basic" else sent == f"Bearer for-{self.password}":
            return ok({"tags": ["1"]})
        host = asked.headers["host"]
        bearer = f'Bearer realm="http://{host}/token",service="s",scope="repository:a/b:pull"'
        challenge = 'Basic realm="x"' if self.kind == "basic" else bearer
        return Reply(401, b"", {"WWW-Authenticate": challenge})


@pytest.mark.parametrize("kind", ["basic", "token"])
def test_a_password_that_has_ended_is_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    cloud = Cloud(tmp_path, kind)
    installer(tmp_path, monkeypatch)("cloud", HELPER)
    monkeypatch.delenv("REGISTRY_AUTH_FILE", raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    clock = FakeClock()
    with Server(cloud.answer) as server:
        name = server.url.removeprefix("http://")
        (tmp_path / "config.json").write_text(json.dumps({"credHelpers": {name: "cloud"}}))
        entry = RegistrySettings(name=name, type="oci", docker_config=True)
        connection = Connector(HttpSettings(tries=1), clock).connect(entry)
        assert isinstance(connection, Connection)

        def look() -> None:
            assert RegistryApi(connection, CostMeter()).tags("a/b", None) is not None

        look()
        clock.advance(3600)
        cloud.change("second")
        look()
        clock.advance(3600)
        cloud.change("third")
        look()
        clock.advance(3600)
        cloud.change("fourth", tell=False)
        with pytest.raises(SourceError, match=r"refuses .* 'AWS'"):
            look()
        connection.close()
