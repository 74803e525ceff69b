"""After every failure of a registry or its token service, no planted secret shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import IndexerError, SourceError
from indexer.core.secret import Credentials, Secret
from indexer.http import CostMeter, HttpClient
from indexer.sources.oci.api import RegistryApi
from indexer.sources.oci.connection import Connection
from tests.http.fake_server import FakeClock, Reply, Server, ok
from tests.sources.docker_hub.test_secrets import (
    FAILURES,
    PASSWORD,
    PLANTED,
    TOKEN,
    assert_clean,
    logged,
)
from tests.sources.oci import images

if TYPE_CHECKING:
    from tests.http.fake_server import Asked

__all__ = ["logged"]  # a fixture

DIGEST = "sha256:" + "a" * 64
CHALLENGE = 'Bearer realm="http://{}/token?planted=in-the-realm",service="s"'


def wants(asked: Asked) -> Reply:
    challenge = CHALLENGE.format(asked.headers["host"])
    return Reply(401, b"", {"WWW-Authenticate": challenge})


@pytest.mark.parametrize("where", ["basic", "token service", "registry"])
@pytest.mark.parametrize("name", FAILURES)
def test_no_failure_shows_a_secret(name: str, where: str, logged: pytest.LogCaptureFixture) -> None:
    def answer(asked: Asked) -> Reply:
        if where == "basic":
            return FAILURES[name]
        if asked.path == "/token":
            return FAILURES[name] if where == "token service" else ok({"token": TOKEN})
        is_ours = asked.headers.get("authorization") == f"Bearer {TOKEN}"
        return FAILURES[name] if is_ours else wants(asked)

    clock = FakeClock()
    with Server(answer) as server:
        client = HttpClient(server.url, clock=clock, chance=lambda: 1.0, timeout=5, tries=1)
        account = Credentials("me", Secret(PASSWORD))
        connection = Connection(client, account, clock, elsewhere=lambda _: client)
        api = RegistryApi(connection, CostMeter())
        for call in (
            lambda: api.tags("team/app", None),
            lambda: api.head("team/app", "1"),
            lambda: api.manifest("team/app", "1"),
            lambda: api.blob("team/app", DIGEST),
            lambda: api.catalog(None),
        ):
            try:
                call()
            except IndexerError as error:
                assert_clean(error, logged, connection, connection.auth, api)
        connection.close()
    assert not any(PLANTED in f"{each.getMessage()} {vars(each)}" for each in logged.records)


def test_the_key_to_a_configuration_that_is_kept_elsewhere_is_not_written_down(
    logged: pytest.LogCaptureFixture,
) -> None:
    body = b"{}"
    with Server(lambda _: Reply(200, body)) as store:
        location = f"{store.url}/bucket/x?signature={TOKEN}"
        with Server(lambda _: Reply(307, b"", {"Location": location})) as server:
            clock = FakeClock()
            clients = [HttpClient(each.url, clock=clock, timeout=5) for each in (server, store)]
            connection = Connection(
                clients[0], None, clock, elsewhere=lambda _: clients[1], insecure=True
            )
            api = RegistryApi(connection, CostMeter())
            assert api.blob("team/app", images.sha256(body)) == body
            with pytest.raises(SourceError) as caught:
                api.blob("team/app", DIGEST)
            assert_clean(caught.value, logged)
            connection.close()
        assert store.targets[0] == f"/bucket/x?signature={TOKEN}"
