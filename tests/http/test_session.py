"""Features of requests that are turned off here."""

from __future__ import annotations

import json
import ssl
import threading
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from indexer.core.errors import Unavailable, Unreadable
from indexer.core.model import Cost
from indexer.http import CostMeter, HttpClient, Request
from tests.http.fake_server import FakeClock, Reply, Server, ok, reset, sending

if TYPE_CHECKING:
    from tests.http.fake_server import Asked

CERTIFICATES = Path(__file__).with_name("certificates")
CA = CERTIFICATES / "ca.pem"


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def get(url: str, *targets: str, meter: CostMeter | None = None, **options: Any) -> list[Any]:
    client = HttpClient(
        url, clock=FakeClock(), chance=lambda: 1.0, **{"timeout": 5, "tries": 1, **options}
    )
    try:
        return [
            client.fetch(Request(target, json.loads), meter or CostMeter()).value
            for target in targets
        ]
    finally:
        client.close()


CURSORS = [
    "/v2/x?cursor=%41%7E%2D",  # requests would unquote these
    "/v2/x?cursor=a%2Fb%3D%3D&last=%25",
    "/v2/x?cursor=a/b==&next=http://evil.test/y?z",
    "/v2/x?cursor=a+b%20c;d",
    "/v2/../x/./y",
    "//evil.test/x",
    "///x",
    "/@evil.test/x",
    "/x?",
]


@pytest.mark.parametrize("target", CURSORS)
def test_a_path_is_asked_for_exactly_as_it_was_given(target: str) -> None:
    with Server(script=[ok(1)]) as server:
        get(server.url, target)
        assert server.targets == [target]


def test_a_path_that_breaks_a_line_stays_in_its_line() -> None:
    with Server(script=[ok(1)]) as server:
        get(server.url, "/x?a=\r\nEvil: 1 \x00\u202e")
        assert server.targets == ["/x?a=%0D%0AEvil:%201%20%00%E2%80%AE"]
        assert "evil" not in server.asked[0].headers


@pytest.mark.parametrize("target", ["@{there}/x", "x", ""])
def test_a_path_that_would_change_the_host_is_not_sent(target: str) -> None:
    with Server() as hub, Server() as evil:
        with pytest.raises(Unavailable):
            get(hub.url, target.format(there=evil.url.partition("//")[2]))
        assert (hub.connections, evil.connections) == (0, 0)


def test_a_cursor_goes_through_a_proxy_as_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(script=[ok(1)]) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        get("http://hub.test", "/v2//x?cursor=%41%7E%2F==")
        assert proxy.targets == ["http://hub.test/v2//x?cursor=%41%7E%2F=="]


def test_the_body_of_a_redirect_is_bounded() -> None:
    length = f"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: {50 << 20}\r\n\r\n"
    chunks = [b" " * (1 << 20)] * 50
    meter = CostMeter()
    with Server(script=[Reply(raw=sending(length.encode(), *chunks))]) as server:
        with pytest.raises(Unreadable, match="larger than 32 MiB"):
            get(server.url, "/", meter=meter)
        assert server.targets == ["/"]
    assert meter.spent.bytes < 40 << 20


def test_the_body_of_a_redirect_is_never_unpacked_beyond_the_bound() -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(64)) + packer.flush()
    headers = {"Location": "/there", "Content-Encoding": "gzip"}
    meter = CostMeter()
    with Server(script=[Reply(302, bomb, headers), ok("there")]) as server:
        assert get(server.url, "/", meter=meter) == ["there"]
    assert meter.spent == Cost(2, len(bomb) + len(b'"there"'))


def test_cookies_are_not_sent_back() -> None:
    with Server(script=[ok(1, Set_Cookie="id=1; Path=/"), ok(2)]) as server:
        assert get(server.url, "/", "/") == [1, 2]
        assert "cookie" not in server.asked[1].headers


def test_only_the_headers_that_we_mean_are_sent() -> None:
    with Server(script=[ok(1)]) as server:
        get(server.url, "/")
        assert set(server.asked[0].headers) == {"host", "accept", "accept-encoding", "user-agent"}


def test_a_body_is_sent_with_its_length() -> None:
    with Server(script=[ok(1)]) as server:
        client = HttpClient(server.url, clock=FakeClock())
        client.fetch(Request("/", json.loads, method="POST", body=b'{"a": 1}'), CostMeter())
        client.close()
        (asked,) = server.asked
    assert (asked.method, asked.body) == ("POST", b'{"a": 1}')
    assert asked.headers["content-length"] == "8"
    assert "transfer-encoding" not in asked.headers


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_an_authority_that_only_requests_would_trust_is_not_trusted(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, str(CA))
    # The authorities of certifi, which no certificate of ours can be signed by.
    monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(CA))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "good.pem")
    with Server(script=[ok(1)], context=context) as server:
        with pytest.raises(Unavailable, match="cannot be trusted"):
            get(server.url, "/")
        assert server.asked == []


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(raw=reset), "it reset the connection"),
        (
            Reply(raw=sending(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")),
            "it closed the connection, or sent something other than HTTP",
        ),
        (
            Reply(raw=sending(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[1,")),
            "its answer was cut short",
        ),
    ],
    ids=["reset", "no HTTP", "cut short"],
)
def test_a_failure_is_told_by_its_cause(reply: Reply, words: str) -> None:
    with Server(script=[reply]) as server, pytest.raises(Unavailable, match=f": {words}\\.$"):
        get(server.url, "/")


def test_each_thread_gets_its_own_answer() -> None:
    def answer(asked: Asked) -> Reply:
        return ok(asked.target, Set_Cookie=f"at={asked.target[1:]}")

    got: dict[int, list[Any]] = {}
    with Server(answer) as server:
        client = HttpClient(server.url, clock=FakeClock())
        start = threading.Barrier(8)

        def work(number: int) -> None:
            start.wait(30)
            got[number] = [
                client.fetch(Request(f"/{number}-{i}", json.loads), CostMeter()).value
                for i in range(20)
            ]

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        client.close()
        assert server.connections <= 8
    assert got == {number: [f"/{number}-{i}" for i in range(20)] for number in range(8)}
