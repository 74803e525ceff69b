"""How far an address reaches, and what may be connected to."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from indexer.core.errors import Unreadable
from indexer.http import AddressClass, CostMeter, HttpClient, Request, class_of_host
from indexer.http.address_class import AddressGate, class_of
from indexer.http.errors import ExchangeFailed
from tests.http.fake_server import FakeClock, Reply, Server

if TYPE_CHECKING:
    from collections.abc import Callable

LOOPBACK, LINK, PRIVATE, PUBLIC = AddressClass


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", LOOPBACK),
        ("127.9.9.9", LOOPBACK),
        ("::1", LOOPBACK),
        ("::ffff:127.0.0.1", LOOPBACK),
        ("64:ff9b::7f00:1", LOOPBACK),
        ("2002:7f00:1::", LOOPBACK),
        ("169.254.169.254", LINK),
        ("fe80::1%eth0", LINK),
        ("0.0.0.0", LINK),  # noqa: S104 - nothing listens here
        ("::", LINK),
        ("224.0.0.1", LINK),
        ("255.255.255.255", LINK),
        ("::ffff:169.254.169.254", LINK),
        ("10.1.2.3", PRIVATE),
        ("172.16.0.1", PRIVATE),
        ("192.168.0.1", PRIVATE),
        ("100.64.0.1", PRIVATE),
        ("fd00::1", PRIVATE),
        ("fec0::1", PRIVATE),
        ("::ffff:10.0.0.1", PRIVATE),
        ("93.184.216.34", PUBLIC),
        ("2606:4700::1111", PUBLIC),
        ("64:ff9b::5db8:d822", PUBLIC),
    ],
)
def test_the_class_of_an_address(address: str, expected: AddressClass) -> None:
    assert class_of(address) is expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", LOOPBACK),
        ("a.localhost", LOOPBACK),
        ("localhost.", LOOPBACK),
        ("10.0.0.1", PRIVATE),
        ("10.0.0.1.", PRIVATE),
        ("2852039166", LINK),
        ("0xa9fea9fe", LINK),
        ("127.1", LOOPBACK),
        ("0177.0.0.1", LOOPBACK),
        ("a.test", None),
        ("10.example", None),
        ("é.test", None),
    ],
)
def test_a_name_tells_its_class_only_if_it_is_an_address(
    host: str, expected: AddressClass | None
) -> None:
    assert class_of_host(host) is expected


def resolving(*addresses: str) -> Callable[..., Any]:
    def resolve(_host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, 1, 6, "", (address, port)) for address in addresses]

    return resolve


def test_of_the_addresses_of_a_name_only_those_are_connected_to_that_are_admitted() -> None:
    gate = AddressGate(resolving("10.0.0.1", "93.184.216.34", "127.0.0.1"))
    gate.confine(PUBLIC)
    assert gate.addresses("rebinding.test", 443) == ["93.184.216.34"]


@pytest.mark.parametrize(
    ("address", "what"),
    [("10.0.0.1", "a private"), ("::1", "a loopback"), ("169.254.169.254", "a link-local")],
)
def test_a_name_without_an_admitted_address_is_refused(address: str, what: str) -> None:
    gate = AddressGate(resolving(address))
    gate.confine(PUBLIC)
    with pytest.raises(ExchangeFailed, match=f"it has {what}.* address, and an answer from a pub"):
        gate.addresses("inner.test", 443)


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1"])
def test_a_link_local_address_is_admitted_from_link_local_addresses_only(address: str) -> None:
    gate = AddressGate(resolving(address))
    gate.confine(LOOPBACK)
    with pytest.raises(ExchangeFailed, match=r"link-local .* an answer from a loopback address"):
        gate.addresses("metadata.test", 443)
    with pytest.raises(ExchangeFailed, match="link-local"):
        gate.check_name(address)
    gate.confine(LINK)
    assert gate.addresses("metadata.test", 443) == [address]


def test_an_exact_class_admits_no_other() -> None:
    gate = AddressGate(resolving("93.184.216.34", "10.0.0.1"))
    gate.confine(PRIVATE, exactly=True)
    assert gate.addresses("both.test", 80) == ["10.0.0.1"]


def test_a_client_connects_to_what_was_judged_and_says_why_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Server(lambda _: Reply(200, b"x")) as server:
        client = HttpClient(f"http://localhost:{server.port}", clock=FakeClock(), timeout=5)
        client.gate.confine(LOOPBACK)
        assert client.fetch(Request("/", bytes), CostMeter()).value == b"x"
        assert client.gate.seen is LOOPBACK
        client.close()
        client.gate.confine(PUBLIC)
        with pytest.raises(Unreadable, match="it has a loopback address"):
            client.fetch(Request("/", bytes), CostMeter())
        assert len(server.asked) == 1


def test_before_a_proxy_an_address_is_judged_by_its_name_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Server(lambda _: Reply(200, b"x")) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "")
        for host, is_asked in (("inner.test", True), ("10.0.0.1", False)):
            client = HttpClient(f"http://{host}", clock=FakeClock(), timeout=5)
            client.gate.confine(PUBLIC)
            if is_asked:
                assert client.fetch(Request("/", bytes), CostMeter()).value == b"x"
                assert client.gate.seen is None
            else:
                with pytest.raises(Unreadable, match="it has a private address"):
                    client.fetch(Request("/", bytes), CostMeter())
            client.close()
        assert proxy.targets == ["http://inner.test/"]
