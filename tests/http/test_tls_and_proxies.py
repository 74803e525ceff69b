from __future__ import annotations

import json
import socket
import ssl
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from indexer.core.errors import ConfigError, Unavailable
from indexer.http import CostMeter, HttpClient, Request
from tests.http.fake_server import FakeClock, Reply, Server, ok, sending

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.http.fake_server import Asked

CERTIFICATES = Path(__file__).with_name("certificates")
CA = CERTIFICATES / "ca.pem"


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def secured(certificate: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{certificate}.pem")
    return context


def get(url: str, **options: Any) -> Any:
    clock = FakeClock()
    client = HttpClient(url, clock=clock, chance=lambda: 1.0, **{"timeout": 5, **options})
    try:
        return client.fetch(Request("/thing", json.loads), CostMeter()).value
    finally:
        client.close()


def test_an_authority_can_be_trusted_by_its_certificate() -> None:
    with Server(script=[ok("secure")], context=secured("good")) as server:
        assert get(server.url, ca_file=CA) == "secure"


def test_the_deadline_holds_for_a_secure_answer_that_trickles() -> None:
    with Server(context=secured("good")) as server:
        server.script.append(Reply(raw=server.trickle(b"HTTP/1.1 200 OK\r\nX-Slow: ")))
        with pytest.raises(Unavailable, match="did not finish within"):
            get(server.url, ca_file=CA, timeout=0.4, tries=1)


@pytest.mark.parametrize(
    ("certificate", "authority", "why"),
    [
        ("good", None, "is from an unknown issuer"),
        ("other", CA, "is for another (name|address)"),
        ("expired", CA, "has expired"),
    ],
)
def test_a_server_that_cannot_be_trusted_is_told_why_and_asked_once(
    certificate: str, authority: Path | None, why: str
) -> None:
    with Server(context=secured(certificate)) as server:
        with pytest.raises(Unavailable, match=f"cannot be trusted: its certificate {why}") as told:
            get(server.url, ca_file=authority)
        assert server.connections == 1
        assert server.asked == []
    assert "tried" not in str(told.value)


def test_plain_http_where_https_was_expected_is_told_so() -> None:
    with Server(greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n") as server:
        with pytest.raises(Unavailable, match="no secure connection could be made: wrong version"):
            get(server.url.replace("http:", "https:"))
        assert server.connections == 1


class Proxy:
    """Answers for whoever is asked, or connects to where it is told."""

    def __init__(self, server: Server | None = None) -> None:
        self.asked: list[Asked] = []
        self.server = server
        self.status = 200

    def __call__(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        if asked.method != "CONNECT":
            return ok("by proxy") if self.status == 200 else Reply(self.status)
        if self.status != 200:
            return Reply(raw=sending(f"HTTP/1.1 {self.status} No\r\n\r\n".encode()))
        return Reply(raw=self.tunnel)

    def tunnel(self, near: socket.socket) -> None:
        assert self.server is not None
        near.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        with socket.create_connection(("127.0.0.1", self.server.port)) as far:
            back = threading.Thread(target=pump, args=(far, near))
            back.start()
            pump(near, far)
            back.join(10)


def pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    for sock in (source, sink):
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue


@pytest.fixture
def proxy() -> Iterator[tuple[Proxy, Server]]:
    answering = Proxy()
    with Server(answering) as server:
        yield answering, server


def test_plain_http_goes_through_the_proxy_of_the_environment(
    proxy: tuple[Proxy, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    answering, server = proxy
    monkeypatch.setenv("HTTP_PROXY", f"http://me:s3cret@127.0.0.1:{server.port}")
    assert get("http://hub.test:81") == "by proxy"
    (asked,) = answering.asked
    assert asked.target == "http://hub.test:81/thing"
    assert asked.headers["host"] == "hub.test:81"
    assert asked.headers["proxy-authorization"] == "Basic bWU6czNjcmV0"


def test_https_is_tunnelled_through_the_proxy(
    proxy: tuple[Proxy, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    answering, server = proxy
    monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{server.port}")
    with Server(script=[ok("tunnelled")], context=secured("good")) as hub:
        answering.server = hub
        assert get(hub.url, ca_file=CA) == "tunnelled"
        assert hub.asked[0].target == "/thing"
        assert "proxy-authorization" not in hub.asked[0].headers
    assert answering.asked[0].method == "CONNECT"


@pytest.mark.parametrize("exempt", ["127.0.0.1", "*", "other.test,127.0.0.0/8", "127.0.0.1:{port}"])
def test_an_exempt_host_is_asked_directly(
    proxy: tuple[Proxy, Server], monkeypatch: pytest.MonkeyPatch, exempt: str
) -> None:
    answering, server = proxy
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{server.port}")
    with Server(script=[ok("directly")]) as hub:
        monkeypatch.setenv("NO_PROXY", exempt.format(port=hub.port))
        assert get(hub.url) == "directly"
    assert answering.asked == []


def test_a_proxy_that_is_down_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Server() as down:
        pass
    address = f"127.0.0.1:{down.port}"
    for name, url in [("HTTP_PROXY", "http://hub.test"), ("HTTPS_PROXY", "https://hub.test")]:
        monkeypatch.setenv(name, f"http://me:s3cret@{address}")
        with pytest.raises(Unavailable, match=f"the proxy http://{address} cannot be") as told:
            get(url)
        assert "s3cret" not in str(told.value)


@pytest.mark.parametrize("url", ["http://hub.test", "https://hub.test"])
def test_a_proxy_that_wants_a_password_is_asked_once(
    proxy: tuple[Proxy, Server], monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    answering, server = proxy
    answering.status = 407
    monkeypatch.setenv("ALL_PROXY", server.url)
    with pytest.raises(Unavailable, match="requires a valid username and password"):
        get(url)
    assert len(answering.asked) == 1


def test_a_proxy_that_cannot_connect_us_is_tried_again(
    proxy: tuple[Proxy, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    answering, server = proxy
    answering.status = 502
    monkeypatch.setenv("ALL_PROXY", server.url)
    with pytest.raises(Unavailable, match="answers 502 instead"):
        get("https://hub.test")
    assert len(answering.asked) == 4


@pytest.mark.parametrize("address", ["socks5://me:s3cret@127.0.0.1:1080", "http://me:s3cret@:x"])
def test_a_proxy_that_we_cannot_speak_to_is_a_mistake_in_the_configuration(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", address)
    with pytest.raises(ConfigError, match="is not the address of an HTTP proxy") as told:
        get("http://hub.test")
    assert "s3cret" not in str(told.value)


def test_netrc_is_never_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password s3cret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with Server(script=[ok(1)]) as server:
        get(server.url)
        assert "authorization" not in server.asked[0].headers
