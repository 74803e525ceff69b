"""Sends answers with the headers that every answer has, and refusals in each part's own format."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from indexer.web.protocol import cors

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, MutableMapping

    from starlette.types import Scope, Send

    from indexer.web.protocol.request_body import BodyLimit

HOOKS = "/hooks/"

FORMS = frozenset({"/login", "/logout"})
"""Paths to which browsers send forms."""

TAKE_FILES = frozenset({"/api/v1/check", "/api/v1/outdated"})
"""Paths that are sent a file with `POST`. They only read the index."""

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
CLOSE = (b"connection", b"close")
VARIES = b"Authorization, Cookie, Host, Accept-Encoding"
NOT_KEPT = (b"cache-control", b"private, no-store")
UNAUTHORIZED = 401
VERSION = (b"docker-distribution-api-version", b"registry/2.0")

_V2_CODES = {
    400: "UNSUPPORTED", 401: "UNAUTHORIZED", 403: "DENIED", 405: "UNSUPPORTED", 421: "DENIED",
    429: "TOOMANYREQUESTS",
}  # fmt: skip


def methods_of(path: str) -> tuple[str, ...]:
    """The methods that a path has."""
    if path.startswith(HOOKS) or path == "/logout" or path in TAKE_FILES:
        return ("POST",)
    return ("GET", "HEAD", "POST") if path in FORMS else ("GET", "HEAD")


def is_v2(path: str) -> bool:
    """Whether a path is of the registry API."""
    return path.startswith("/v2/") or path == "/v2"


class GuardedAnswer:
    """Sends an answer with the headers that every answer has, and counts its bytes.

    Args:
        send: sends its parts.
        scope: of the request.
        body: of the request.
        origins: the other sites whose scripts may read the answer.

    Attributes:
        cors: the headers that allow it to the site that asks.
        status: 0 while nothing was sent.
        bytes: sent of its body, also if it is left out for `HEAD`.
    """

    def __init__(self, send: Send, scope: Scope, body: BodyLimit, origins: Collection[str]) -> None:
        self._send = send
        self._body = body
        self._allowed = methods_of(scope["path"])
        self._varies = VARIES + (b", Origin" if origins else b"")
        self.cors = cors.of_answer(scope, origins) if origins else []
        self._is_v2 = is_v2(scope["path"])
        self.status = 0
        self.bytes = 0

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """See ASGI."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*for_whom(message["headers"], self._varies), *HEADERS, *self.cors]
            if self._is_v2:
                headers.append(VERSION)
            if self._body.is_unread:
                headers.append(CLOSE)  # nobody will read the rest of the body
            message["headers"] = headers
        elif message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))
        await self._send(message)

    async def allow(self) -> None:
        """Answer a browser that asks what a script of another site may send."""
        headers = cors.of_preflight(self._allowed)
        await self.send({"type": "http.response.start", "status": 204, "headers": headers})
        await self.send({"type": "http.response.body", "body": b""})

    async def refuse(
        self, status: int, sentence: str, challenge: str = "", more: Mapping[str, str] | None = None
    ) -> None:
        """Answer with a sentence, in the error format of this part of the site."""
        if self._is_v2:
            code = _V2_CODES.get(status, "UNSUPPORTED")
            content: object = {"errors": [{"code": code, "message": sentence, "detail": None}]}
        else:
            content = {"error": sentence}
        body = json.dumps(content).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            *((name.lower().encode(), value.encode()) for name, value in (more or {}).items()),
        ]
        if status == UNAUTHORIZED:
            headers.append((b"www-authenticate", challenge.encode("latin-1")))
        if status == 405:  # noqa: PLR2004 - HTTP's own numbers say more than names
            headers.append((b"allow", ", ".join(self._allowed).encode()))
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})


def for_whom(
    headers: Iterable[tuple[bytes, bytes]], varies: bytes = VARIES
) -> list[tuple[bytes, bytes]]:
    """The headers of an answer, which also say that it depends on who asks, and how.

    What says nothing about caches is for nobody else, and not to be kept.
    """
    found, is_cached = [], False
    for name, value in headers:
        if name == b"vary":
            varies += b", " + value
            continue
        is_cached = is_cached or name == b"cache-control"
        found.append((name, value))
    found.append((b"vary", varies))
    if not is_cached:
        found.append(NOT_KEPT)
    return found
