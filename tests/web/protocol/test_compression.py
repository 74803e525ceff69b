"""Answers are compressed for clients that accept it."""

from __future__ import annotations

import asyncio
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from backports import zstd

from indexer.web.protocol.compression import (
    LEAST_BYTES,
    MOST_BYTES_AT_ONCE,
    CompressionMiddleware,
    chosen,
    plain_etag,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

    from tests.web.serving import Running

LONG = ["/", "/api/v1/tags/library/nginx", "/api/openapi.json", "/metrics", "/static/style.css"]
GZIP, ZSTD, PLAIN = ({"Accept-Encoding": coding} for coding in ("gzip", "zstd", "identity"))

READ: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda body: zlib.decompress(body, wbits=31),
    "zstd": lambda body: bytes(zstd.decompress(body)),
}


def whole(site: Running, path: str, headers: dict[str, str]) -> tuple[Any, bytes]:
    """An answer and its body as it was sent."""
    with site.get(path, headers=headers, stream=True) as answer:
        return answer, answer.raw.read(decode_content=False)


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1.0, zstd;q=0.5", "gzip"),
        ("GZIP; q=0.2", "gzip"),
        ("zstd;q=0, *", "gzip"),
        ("*", "zstd"),
        ("br", None),
        ("identity", None),
        ("gzip;q=0", None),
        ("*;q=0", None),
        ("gzip;q=nonsense", None),
        ("", None),
    ],
)
def test_the_client_says_which_codings_it_accepts(accepted: str, coding: str | None) -> None:
    assert chosen(accepted) == coding


@pytest.mark.parametrize("path", LONG)
@pytest.mark.parametrize(("coding", "headers"), [("gzip", GZIP), ("zstd", ZSTD)])
def test_a_text_is_compressed_and_head_says_the_same(
    site: Running, path: str, coding: str, headers: dict[str, str]
) -> None:
    answer, body = whole(site, path, headers)
    plain, unpacked = whole(site, path, PLAIN)
    assert answer.headers["Content-Encoding"] == coding
    assert int(answer.headers["Content-Length"]) == len(body) < len(unpacked)
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Content-Encoding" not in plain.headers
    if path != "/metrics":
        assert READ[coding](body) == unpacked
        head = site.ask("HEAD", path, headers=headers)
        assert head.headers["Content-Length"] == answer.headers["Content-Length"]


def test_an_etag_is_of_one_coding_and_a_client_that_has_any_is_told_so(site: Running) -> None:
    path = "/api/openapi.json"
    tags = [site.get(path, headers=each).headers["ETag"] for each in (PLAIN, GZIP, ZSTD)]
    assert len(set(tags)) == 3
    assert len(set(map(plain_etag, tags))) == 1
    for held in (*tags, f"W/{tags[0]}", f'"x", {tags[1]}'):
        for accepted in (PLAIN, GZIP):
            answer = site.get(path, headers={"If-None-Match": held, **accepted})
            assert (answer.status_code, answer.content) == (304, b"")
            assert answer.headers["ETag"] in held
    assert site.get(path, headers={"If-None-Match": '"x-gzip"'}).status_code == 200


def test_what_is_short_or_a_stream_is_sent_as_it_is(site: Running) -> None:
    for path in ("/healthz", "/static/icon.svg", "/v2/library/nginx/tags/list"):
        answer, body = whole(site, path, GZIP)
        assert len(body) < LEAST_BYTES
        assert "Content-Encoding" not in answer.headers
    with site.get("/api/v1/changes/events", headers=GZIP, stream=True) as stream:
        assert "Content-Encoding" not in stream.headers
        assert next(stream.iter_content(None)).startswith(b"retry:")


def test_a_long_answer_is_compressed_in_a_thread_and_is_the_same() -> None:
    body = b"0123456789" * MOST_BYTES_AT_ONCE
    sent: list[Any] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def receive() -> Any: ...

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "headers": [(b"accept-encoding", b"gzip")]}
    asyncio.run(CompressionMiddleware(app)(scope, receive, send))
    start, content = sent
    assert (b"content-length", b"%d" % len(content["body"])) in start["headers"]
    assert READ["gzip"](content["body"]) == body
