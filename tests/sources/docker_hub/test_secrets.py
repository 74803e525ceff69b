"""After every kind of failure, no planted secret shows anywhere."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import IndexerError
from indexer.core.secret import Credentials, Secret
from indexer.crawl.listing import PageRequest
from indexer.http import CostMeter, HttpClient, Request
from indexer.sources.docker_hub.auth import HubLogin
from indexer.sources.docker_hub.source import HubSource
from tests.http.fake_server import FakeClock, Reply, Server, drop, ok, reset, sending

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.http.fake_server import Asked

pytestmark = pytest.mark.integration

PASSWORD = "planted-password"
TOKEN = "planted-token"
HEADER = "planted-header"
BODY = "planted-body"
PLANTED = "planted"

LEAKY = {"X-Whatever": HEADER, "Set-Cookie": f"session={HEADER}", "WWW-Authenticate": HEADER}


def leaky(status: int, **headers: str) -> Reply:
    body = f'{{"detail": "{BODY}", "secret": "{PASSWORD}"}}'.encode()
    return Reply(status, body, {**LEAKY, **headers})


def broken(*parts: bytes) -> Reply:
    return Reply(raw=sending(*parts))


HEAD = f"HTTP/1.1 200 OK\r\nX-Whatever: {HEADER}\r\nContent-Length: 500\r\n".encode()

FAILURES = {
    "400": leaky(400),
    "401": leaky(401),
    "403": leaky(403),
    "404": leaky(404),
    "408": leaky(408),
    "418": leaky(418),
    "429": leaky(429, **{"Retry-After": "99999"}),
    "429 without a word": leaky(429),
    "500": leaky(500),
    "status of no kind": broken(f"HTTP/1.1 9999 {HEADER}\r\n\r\n".encode()),
    "no HTTP": broken(f"{BODY}\r\n\r\n".encode()),
    "reset": Reply(raw=reset),
    "dropped": Reply(raw=drop),
    "cut short": broken(HEAD + b"\r\n", BODY.encode()),
    "headers without end": broken(HEAD + b"X: " + HEADER.encode() * 9000),
    "too many headers": broken(HEAD + f"X: {HEADER}\r\n".encode() * 300),
    "gzip": Reply(200, BODY.encode(), {**LEAKY, "Content-Encoding": "gzip"}),
    "encoding": Reply(200, BODY.encode(), {**LEAKY, "Content-Encoding": "br"}),
    "html": Reply(200, f"<html>{BODY}</html>".encode(), LEAKY),
    "shape": leaky(200),
    "redirect": leaky(302, Location=f"https://u:{PASSWORD}@evil.test/{TOKEN}?t={TOKEN}"),
    "redirect in circles": leaky(302, Location=f"/v2/x?token={TOKEN}"),
}


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.fixture(params=[HEADER, ""], ids=["login fails", "request fails"])
def fails_at_login(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def written(error: BaseException, *things: object) -> Iterator[str]:
    yield str(error)
    yield repr(error)
    yield "".join(traceback.format_exception(error))
    seen: BaseException | None = error
    while seen is not None:
        yield "".join(traceback.TracebackException.from_exception(seen).format())
        seen = seen.__cause__
    for thing in things:
        yield f"{thing} {thing!r}"


def assert_clean(error: BaseException, logged: pytest.LogCaptureFixture, *things: object) -> None:
    for text in written(error, *things):
        assert PLANTED not in text
    for record in logged.records:
        assert PLANTED not in f"{record.getMessage()} {vars(record)}"


@pytest.mark.parametrize("name", FAILURES)
def test_no_failure_shows_a_secret(
    name: str, fails_at_login: bool, logged: pytest.LogCaptureFixture
) -> None:
    def answer(asked: Asked) -> Reply:
        if asked.method == "POST" and not fails_at_login:
            return ok({"access_token": TOKEN})
        return FAILURES[name]

    with Server(answer) as server:
        clock = FakeClock()
        client = HttpClient(server.url, clock=clock, timeout=5)
        login = HubLogin(client, Credentials("me", Secret(PASSWORD)), clock)
        source = HubSource(client, login)
        with pytest.raises(IndexerError) as told:
            source.tags("acme/api", PageRequest())
        bearer = login._bearer
        client.close()
    assert_clean(told.value, logged, login.credentials, login, source, client, bearer)
    assert len(str(told.value)) < 500
    assert str(told.value).endswith(".")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_password_of_a_proxy_is_never_shown(
    scheme: str, monkeypatch: pytest.MonkeyPatch, logged: pytest.LogCaptureFixture
) -> None:
    with Server() as down:
        pass
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv(f"{scheme}_proxy", f"http://me:{PASSWORD}@127.0.0.1:{down.port}")
    client = HttpClient(f"{scheme}://hub.test", clock=FakeClock())
    with pytest.raises(IndexerError) as told:
        client.fetch(Request(f"/x?token={TOKEN}", bytes), CostMeter())
    logged.clear()  # the path is written down; it was planted above only for the sentence
    assert_clean(told.value, logged, client, client._wire)


def test_a_token_in_hand_is_not_shown_by_what_holds_it() -> None:
    request = Request("/x", bytes, body=PASSWORD.encode(), authorization=Secret(TOKEN))
    assert PLANTED not in repr(request)


def test_no_credential_ever_reaches_another_host() -> None:
    with Server(script=[ok(1)] * 9) as evil:

        def answer(asked: Asked) -> Reply:
            if asked.method == "POST":
                return ok({"access_token": TOKEN})
            if "page=2" in asked.target:
                return Reply(307, b"", {"Location": f"{evil.url}{asked.target}"})
            names = [{"name": "x"}]
            return ok({"count": 1, "next": f"{evil.url}{asked.target}", "results": names})

        with Server(answer) as server:
            clock = FakeClock()
            client = HttpClient(server.url, clock=clock)
            source = HubSource(client, HubLogin(client, Credentials("me", Secret(PASSWORD)), clock))
            page = source.tags("acme/api", PageRequest())
            assert page is not None
            source.tags("acme/api", PageRequest(page.next))  # only its query counts
            with pytest.raises(IndexerError, match="not followed"):
                source.tags("acme/api", PageRequest("?page=2"))
            client.close()
        assert evil.asked == []
        assert evil.connections == 0
