"""The part of HTTP/1.1 that a loopback server needs; the standard library's server is too slow."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, unquote

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

MAX_HEAD_BYTES = 64 * 1024
MAX_BODY_BYTES = 1024 * 1024
READ_BYTES = 64 * 1024
GZIP_FROM_BYTES = 512
"""Smaller bodies are not compressed."""

GZIP_LEVEL = 1
"""The zlib level: half the time of the default; a page of 100 tags grows by 10 % (measured)."""

REASONS: Mapping[int, str] = {status.value: status.phrase for status in HTTPStatus}


class BadRequest(Exception):
    """The bytes that arrived are not an HTTP request that this server can read."""


@dataclass(frozen=True)
class Request:
    """A request as received. Header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @cached_property
    def path(self) -> str:
        """The path as sent, percent-encoded."""
        return self.target.partition("?")[0]

    @cached_property
    def query(self) -> str:
        """The query as sent, without its question mark."""
        return self.target.partition("?")[2]

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The path's segments, decoded; a slash at the end is ignored."""
        return tuple(unquote(part) for part in self.path.strip("/").split("/"))

    @cached_property
    def params(self) -> dict[str, str]:
        """The query's parameters; of repeated ones, the last."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def base(self) -> str:
        """Scheme, host and port as the client sees them."""
        return f"http://{self.headers.get('host', 'localhost')}"

    @property
    def accepts_gzip(self) -> bool:
        """Whether the client takes a compressed body."""
        return "gzip" in self.headers.get("accept-encoding", "")

    @property
    def authorization(self) -> tuple[str, str]:
        """Scheme and credentials of the `Authorization` header, empty without one."""
        scheme, _, credentials = self.headers.get("authorization", "").partition(" ")
        return scheme, credentials.strip()

    @property
    def keeps_alive(self) -> bool:
        """Whether the client wants to use the connection again."""
        return self.headers.get("connection", "").lower() != "close"


class Answer(NamedTuple):
    """An answer. `gzipped` says that `body` is compressed already."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json"
    gzipped: bool = False

    def plain(self) -> bytes:
        """The body, unpacked."""
        return zlib.decompress(self.body, wbits=31) if self.gzipped else self.body

    def packed(self) -> Answer:
        """The same answer, compressed if the body is large enough."""
        if self.gzipped or len(self.body) < GZIP_FROM_BYTES:
            return self
        return self._replace(body=gzipped(self.body), gzipped=True)

    def with_headers(self, *headers: tuple[str, str]) -> Answer:
        """The same answer with more headers."""
        return self._replace(headers=self.headers + headers)

    def head(self, *, closes: bool) -> bytes:
        """The status line and the headers, to the empty line."""
        lines = [
            f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Unknown')}",
            f"Content-Type: {self.content_type}",
            f"Content-Length: {len(self.body)}",
            *(f"{name}: {value}" for name, value in self.headers),
        ]
        if self.gzipped:
            lines.append("Content-Encoding: gzip")
        if closes:
            lines.append("Connection: close")
        return "\r\n".join((*lines, "", "")).encode("latin-1")


def gzipped(body: bytes) -> bytes:
    """Compress a body with gzip, without a date, so that equal bodies stay equal."""
    packer = zlib.compressobj(GZIP_LEVEL, wbits=31)
    return packer.compress(body) + packer.flush()


class Reader:
    """Reads one request after the other from a connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = b""

    def request(self) -> Request | None:
        """The next request; None if the client has closed the connection.

        Raises:
            BadRequest: it is not a readable HTTP request.
            OSError: the connection broke.
        """
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > MAX_HEAD_BYTES:
                raise BadRequest("the head is too long")
            if not self._more():
                return None
        first, *lines = self._buffer[:end].decode("latin-1").split("\r\n")
        self._buffer = self._buffer[end + 4 :]
        words = first.split(" ")
        if len(words) != 3 or not words[1].startswith("/"):  # noqa: PLR2004 - method, target, version
            raise BadRequest("the request line cannot be read")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return Request(words[0], words[1], headers, self._body(headers))

    def _body(self, headers: Mapping[str, str]) -> bytes:
        length = headers.get("content-length", "0")
        if "transfer-encoding" in headers or not length.isdecimal():
            raise BadRequest("a body needs its length")
        wanted = int(length)
        if wanted > MAX_BODY_BYTES:
            raise BadRequest("the body is too long")
        while len(self._buffer) < wanted:
            if not self._more():
                raise BadRequest("the body is cut short")
        body, self._buffer = self._buffer[:wanted], self._buffer[wanted:]
        return body

    def _more(self) -> bool:
        read = self._connection.recv(READ_BYTES)
        self._buffer += read
        return bool(read)
