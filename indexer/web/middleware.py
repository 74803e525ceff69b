"""Runs before every handler: checks host and access, limits time, sets headers.

Plain ASGI, since it sees every request. What it decides it writes into the request's scope, where
`indexer.web.context` reads it. `HEAD` is asked of the application as `GET`: the server that speaks
HTTP leaves the body out, and so both have the same headers.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import TYPE_CHECKING, Any

from indexer.core.printable import shown
from indexer.web.access_rules import host_of

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from starlette.types import ASGIApp, Receive, Scope, Send

    from indexer.web.context import AppContext

log = logging.getLogger("indexer.web")

MOST_SECONDS = 30.0
"""How long an exchange other than a stream may take; a query of the index has less time
(`indexer.store.ANSWER_SECONDS`)."""

LONGEST_ADDRESS = 4_096
"""The most bytes of a path with its query."""

OPEN = frozenset({"/healthz"})
"""Paths that never need the token: their answers tell nothing."""

STREAMS = frozenset({"/api/v1/changes", "/api/v1/changes/events"})
"""Paths whose answers may take long."""

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
CHALLENGE = (b"www-authenticate", b'Basic realm="indexer", charset="UTF-8"')
VERSION = (b"docker-distribution-api-version", b"registry/2.0")

_V2_CODES = {400: "UNSUPPORTED", 401: "UNAUTHORIZED", 405: "UNSUPPORTED", 421: "DENIED"}


class GuardMiddleware:
    """Refuses requests that may not be answered, and passes on the others."""

    def __init__(self, app: ASGIApp, site: AppContext) -> None:
        self._app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        answer = _Answer(send, scope)
        refused = self._judge(scope)
        try:
            if refused is not None:
                await answer.refuse(*refused)
            else:
                await self._pass(scope, receive, answer)
        finally:
            seconds = time.perf_counter() - started
            self._site.requests.add(scope["path"], answer.status, seconds)
            _note(scope, answer, seconds)

    async def _pass(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        inner = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
        seconds = None if scope["path"] in STREAMS else MOST_SECONDS
        try:
            async with asyncio.timeout(seconds):
                await self._app(inner, receive, answer.send)
        except TimeoutError:
            if answer.status:
                raise
            await answer.refuse(503, "the answer took too long: narrow the request, or try later.")

    def _judge(self, scope: Scope) -> tuple[int, str] | None:
        """Status and reason to refuse a request, or None. Writes its decisions into the scope."""
        rules = self._site.rules
        given = [value for name, value in scope["headers"] if name == b"host"]
        host = host_of(given[0].decode("latin-1")) if len(given) == 1 else ""
        if not rules.answers_to(host):
            return 421, f"'{shown(host, 100)}' is not a configured host name: see [serve] hosts."
        scope["indexer.registry"] = rules.registry_of(host)
        scope["indexer.head"] = scope["method"] == "HEAD"
        if len(scope["raw_path"]) + len(scope["query_string"]) > LONGEST_ADDRESS:
            return 414, f"the URL is longer than {LONGEST_ADDRESS:,} bytes."
        if b"%00" in scope["raw_path"] or b"%00" in scope["query_string"]:
            return 400, "the URL contains a null character."
        is_hook = scope["path"].startswith("/hooks/")
        if scope["method"] not in ({"POST"} if is_hook else {"GET", "HEAD"}):
            return 405, "this catalog is read-only: use GET." if not is_hook else "use POST."
        return None if is_hook or scope["path"] in OPEN else self._judge_token(scope)

    def _judge_token(self, scope: Scope) -> tuple[int, str] | None:
        rules = self._site.rules
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        if given and rules.token is not None:
            if len(given) != 1 or not rules.opens(given[0].decode("latin-1")):
                return 401, "the token is wrong."
            scope["indexer.sees_private"] = True
        elif rules.closed:
            return 401, "send the token as a bearer token, or as the password of any user."
        return None


class _Answer:
    """Sends an answer with the headers that every answer has, and counts its bytes."""

    def __init__(self, send: Send, scope: Scope) -> None:
        self._send = send
        self._path: str = scope["path"]
        self._is_hook = self._path.startswith("/hooks/")
        self._is_v2 = self._path.startswith("/v2/") or self._path == "/v2"
        self.status = 0
        self.bytes = 0

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message["headers"], *HEADERS, *([VERSION] * self._is_v2)]
        elif message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))
        await self._send(message)

    async def refuse(self, status: int, sentence: str) -> None:
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
        ]
        if status == 401:  # noqa: PLR2004 - HTTP's own numbers say more than names
            headers.append(CHALLENGE)
        if status == 405:  # noqa: PLR2004 - the same
            headers.append((b"allow", b"POST" if self._is_hook else b"GET, HEAD"))
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})


def _note(scope: Scope, answer: _Answer, seconds: float) -> None:
    if not log.isEnabledFor(logging.DEBUG):
        return
    # A hook's address holds its secret.
    path = "/hooks/…" if scope["path"].startswith("/hooks/") else shown(scope["path"], 300)
    milliseconds = round(seconds * 1_000)
    log.debug(
        "%s %s: %d, %d bytes, %d ms", shown(scope["method"], 20), path, answer.status,
        answer.bytes, milliseconds,
        extra={
            "method": shown(scope["method"], 20), "path": path, "status": answer.status,
            "bytes": answer.bytes, "ms": milliseconds,
        },
    )  # fmt: skip
