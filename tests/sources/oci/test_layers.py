"""Layers of a registry: at another address, or sent in pieces. No credentials go elsewhere."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from indexer.core.errors import Denied, Unavailable, Unreadable
from indexer.sources.oci.layers import RegistryLayers
from tests.http.fake_server import Reply, sending
from tests.sources.oci.images import sha256
from tests.sources.oci.test_hostile import ME, Bench

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.http.fake_server import Asked

BODY = bytes(range(256)) * 4_000
LAYER = sha256(BODY)
SIGNED = "https://storage.example.com/blobs/x%2Fy?Signature=a%2Bb&Expires=1"


@pytest.fixture
def ask() -> Iterator[Callable[..., tuple[RegistryLayers, Bench]]]:
    made: list[Bench] = []

    def build(answer: Callable[[Asked], Reply], **options: Any) -> tuple[RegistryLayers, Bench]:
        bench = Bench(answer, ME, **options)
        made.append(bench)
        return RegistryLayers(bench.connection), bench

    yield build
    for bench in made:
        bench.close()


def leading(location: str) -> Callable[[Asked], Reply]:
    return lambda _: Reply(307, headers={"Location": location})


def test_the_address_that_a_registry_redirects_to_is_told_as_it_is(
    ask: Callable[..., tuple[RegistryLayers, Bench]],
) -> None:
    layers, bench = ask(leading(SIGNED))
    found = layers.layer("team/app", LAYER)
    assert found is not None
    assert found.location == SIGNED
    assert layers.has_layer("team/app", LAYER)
    assert bench.asked == [f"{how} /v2/team/app/blobs/{LAYER}" for how in ("GET", "HEAD")]
    assert bench.elsewhere == []  # nobody else was asked, with or without credentials


def test_a_redirect_within_the_registry_is_followed(
    ask: Callable[..., tuple[RegistryLayers, Bench]],
) -> None:
    def answer(asked: Asked) -> Reply:
        there = "/v2/other/blobs/here"
        return leading(SIGNED)(asked) if asked.path == there else leading(there)(asked)

    layers, bench = ask(answer)
    found = layers.layer("team/app", LAYER)
    assert found is not None
    assert found.location == SIGNED
    assert len(bench.asked) == 2


@pytest.mark.parametrize("there", ["http://storage.example.com/x", "ftp://a.example/", "//["])
def test_a_redirect_to_where_everybody_could_read_along_is_refused(
    ask: Callable[..., tuple[RegistryLayers, Bench]], there: str
) -> None:
    layers, _ = ask(leading(there))
    with pytest.raises(Unreadable, match="which is not followed"):
        layers.layer("team/app", LAYER)


@pytest.mark.parametrize("inside", ["169.254.169.254", "[::ffff:10.0.0.1]", "127.1", "localhost."])
def test_a_public_registry_leads_nobody_to_an_address_within(
    ask: Callable[..., tuple[RegistryLayers, Bench]], inside: str
) -> None:
    """Who pulls through us trusts us, and may reach what the registry cannot."""
    layers, bench = ask(leading(f"https://{inside}/latest/meta-data"))
    bench.connection.client.gate.note("93.184.216.34")
    for find in (layers.layer, layers.has_layer):
        with pytest.raises(Unreadable, match="an answer from a public address must not lead there"):
            find("team/app", LAYER)


def test_bytes_that_a_registry_sends_itself_come_in_pieces(
    ask: Callable[..., tuple[RegistryLayers, Bench]],
) -> None:
    layers, bench = ask(lambda _: Reply(200, BODY))
    found = layers.layer("team/app", LAYER)
    assert found is not None
    assert (found.location, found.length, found.content_range) == (None, len(BODY), None)
    assert b"".join(found.chunks) == BODY
    found.close()
    (asked,) = bench.server.asked
    assert asked.headers["accept-encoding"] == "identity"
    assert "range" not in asked.headers


def test_a_part_is_asked_for_as_the_client_asked(
    ask: Callable[..., tuple[RegistryLayers, Bench]],
) -> None:
    part = {"Content-Range": f"bytes 10-19/{len(BODY)}"}
    layers, bench = ask(lambda _: Reply(206, BODY[10:20], part))
    found = layers.layer("team/app", LAYER, "bytes=10-19")
    assert found is not None
    assert (b"".join(found.chunks), found.content_range) == (BODY[10:20], part["Content-Range"])
    assert bench.server.asked[0].headers["range"] == "bytes=10-19"


def test_a_body_that_ends_too_early_is_an_error(
    ask: Callable[..., tuple[RegistryLayers, Bench]],
) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(BODY)}\r\n\r\n".encode()
    layers, _ = ask(lambda _: Reply(raw=sending(head, BODY[:1_000])))
    found = layers.layer("team/app", LAYER)
    assert found is not None
    with pytest.raises(Unavailable, match="cut short"):
        b"".join(found.chunks)


@pytest.mark.parametrize("length", ["9" * 5_000, "-1", "\u0661", "x"])
def test_a_length_that_is_no_number_is_not_told(
    ask: Callable[..., tuple[RegistryLayers, Bench]], length: str
) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n".encode()
    layers, _ = ask(lambda _: Reply(raw=sending(head + BODY)))
    with suppress(Unavailable, Unreadable):
        found = layers.layer("team/app", LAYER)
        assert found is not None
        assert found.length is None


def test_what_is_not_there_is_none_and_what_is_refused_is_an_error(
    ask: Callable[..., tuple[RegistryLayers, Bench]],
) -> None:
    layers, _ = ask(lambda _: Reply(404))
    assert layers.layer("team/app", LAYER) is None
    assert not layers.has_layer("team/app", LAYER)
    layers, _ = ask(lambda _: Reply(403))
    with pytest.raises(Denied):
        layers.layer("team/app", LAYER)


def test_a_part_that_is_not_there_is_answered_with_the_whole(
    ask: Callable[..., tuple[RegistryLayers, Bench]],
) -> None:
    layers, _ = ask(lambda asked: Reply(416) if "range" in asked.headers else Reply(200, BODY))
    found = layers.layer("team/app", LAYER, "bytes=9999999-")
    assert found is not None
    assert (b"".join(found.chunks), found.content_range) == (BODY, None)
