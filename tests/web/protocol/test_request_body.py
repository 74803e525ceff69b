"""Bodies of requests that are longer than anybody reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.web.push_hooks import MOST_BYTES
from tests.web.serving import HOOK, raw

if TYPE_CHECKING:
    from tests.web.serving import Running

HUB = f"/hooks/dockerhub/{HOOK}"


def request(line: str, headers: str, body: bytes) -> bytes:
    return f"{line} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n".encode() + body


def chunked(size: int) -> bytes:
    """A body in chunks of a kilobyte, without its end."""
    return b"400\r\n%b\r\n" % (b"x" * 1024) * (size // 1024 + 1)


@pytest.mark.parametrize(("path", "most"), [(HUB, MOST_BYTES), ("/login", 4096), ("/logout", 4096)])
def test_a_body_is_limited_however_it_arrives(own_site: Running, path: str, most: int) -> None:
    announced = request(f"POST {path}", f"Content-Length: {most + 1}", b"")
    assert raw(own_site, announced, is_last=False).startswith(b"HTTP/1.1 413 ")
    if path != "/logout":  # nobody reads that one
        arriving = request(f"POST {path}", "Transfer-Encoding: chunked", chunked(most))
        assert raw(own_site, arriving, is_last=False).startswith(b"HTTP/1.1 413 ")


def test_a_connection_ends_with_a_body_that_nobody_reads(site: Running) -> None:
    another = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for headers, body in (
        ("Transfer-Encoding: chunked", chunked(20_000) + b"0\r\n\r\n" + another),
        ("Content-Length: 99", b"x"),
    ):
        answer = raw(site, request("GET /v2/_catalog", headers, body), is_last=False)
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"connection: close" in answer
        assert answer.count(b"HTTP/1.1") == 1
    assert site.get("/healthz", data=b"").status_code == 200
