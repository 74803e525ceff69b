"""Heads of requests that are longer than allowed, or whose target is a whole address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.web.protocol.request_head import MOST_BYTES
from tests.web.serving import raw

if TYPE_CHECKING:
    from tests.web.serving import Running


def sent(site: Running, target: str, *headers: str) -> bytes:
    lines = [f"GET {target} HTTP/1.1", *headers, "Connection: close", "", ""]
    return raw(site, "\r\n".join(lines).encode(), is_last=False)


def test_a_head_in_one_piece_is_limited_as_one_that_arrives_slowly(site: Running) -> None:
    fits = sent(site, "/healthz", "Host: localhost", f"X: {'x' * (MOST_BYTES - 200)}")
    assert fits.startswith(b"HTTP/1.1 200 ")
    for headers in ([f"X: {'x' * MOST_BYTES}"], [f"X-{n}: {'x' * 100}" for n in range(200)]):
        answer = sent(site, "/healthz", "Host: localhost", *headers)
        assert answer.startswith(b"HTTP/1.1 431 ")
        assert b"longer than 16,384 bytes." in answer


@pytest.mark.parametrize(
    ("target", "host", "status"),
    [
        ("http://localhost:8080/v2/_catalog?n=1", "localhost:8080", 200),
        ("HTTP://localhost/v2/_catalog?n=1", "evil.example.com", 200),
        ("https://docker.io.localhost/v2/library/nginx/tags/list", "localhost", 200),
        ("http://localhost", "localhost", 200),
        ("http://localhost?changed_since=3d", "localhost", 200),
        ("http://evil.example.com/v2/_catalog", "localhost", 421),
        ("http://evil.example.com@localhost/healthz", "localhost", 200),
        ("http://localhost@evil.example.com/v2/_catalog", "localhost", 421),
        ("http://", "localhost", 421),
    ],
)
def test_of_a_whole_address_the_host_counts(
    site: Running, target: str, host: str, status: int
) -> None:
    answer = sent(site, target, f"Host: {host}")
    assert int(answer.split()[1]) == status
