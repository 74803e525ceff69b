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
from indexer.web import push_hooks
from indexer.web.access import challenges
from indexer.web.access.credentials import ANYBODY, SILENT, cookie_name
from indexer.web.access_rules import host_of
from indexer.web.protocol.request_body import BodyLimit

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping

    from starlette.types import ASGIApp, Receive, Scope, Send

    from indexer.web.access.credentials import Visitor
    from indexer.web.context import AppContext

log = logging.getLogger("indexer.web")

MOST_SECONDS = 30.0
"""How long an exchange other than a stream may take; a query of the index has less time
(`indexer.store.ANSWER_SECONDS`)."""

LONGEST_ADDRESS = 4_096
"""The most bytes of a path with its query."""

OPEN = frozenset({"/healthz", "/static/style.css", "/static/icon.svg"})
"""Paths that never need a token: their answers tell nothing."""

LOG_IN = frozenset({"/token", "/login", "/logout"})
"""Paths that look at credentials themselves."""

FORMS = frozenset({"/login", "/logout"})
"""Paths to which browsers send forms."""

MOST_FORM_BYTES = 4_096
"""The most bytes of a form, which holds a token and a path; and of a body that nobody reads."""

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
CLOSE = (b"connection", b"close")
VARIES = b"Authorization, Cookie, Host"
NOT_KEPT = (b"cache-control", b"private, no-store")
UNAUTHORIZED = 401
VERSION = (b"docker-distribution-api-version", b"registry/2.0")

HOOKS = "/hooks/"

_V2_CODES = {
    400: "UNSUPPORTED", 401: "UNAUTHORIZED", 403: "DENIED", 405: "UNSUPPORTED", 421: "DENIED",
}  # fmt: skip


def methods_of(path: str) -> tuple[str, ...]:
    """The methods that a path has."""
    if path.startswith(HOOKS) or path == "/logout":
        return ("POST",)
    return ("GET", "HEAD", "POST") if path in FORMS else ("GET", "HEAD")


def most_body_bytes(path: str) -> int:
    """The most bytes of a request's body."""
    return push_hooks.MOST_BYTES if path.startswith(HOOKS) else MOST_FORM_BYTES


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
        body = BodyLimit(scope, receive, most_body_bytes(scope["path"]))
        answer = _Answer(send, scope, body)
        refused = self._judge(scope)
        if refused is None and body.refusal is not None:
            refused = 413, body.refusal
        try:
            if refused is not None and refused[0] == UNAUTHORIZED and _wants_form(scope):
                await self._pass(_form_instead(scope), body.receive, answer)
            elif refused is not None:
                await answer.refuse(*refused, self._challenge(scope))
            else:
                await self._pass(scope, body.receive, answer)
        finally:
            seconds = time.perf_counter() - started
            self._site.requests.add(scope["path"], answer.status, seconds)
            _note(scope, answer, seconds)

    async def _pass(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        """Pass a request on to the application."""
        inner = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
        seconds = None if scope["path"] in STREAMS else MOST_SECONDS
        try:
            async with asyncio.timeout(seconds) as deadline:
                await self._app({**inner, "indexer.deadline": deadline}, receive, answer.send)
        except TimeoutError:
            if answer.status:
                raise
            await answer.refuse(503, "the answer took too long: narrow the request, or try later.")

    def _challenge(self, scope: Scope) -> str:
        if not is_v2(scope["path"]):
            return challenges.BASIC
        is_wrong = bool(challenges.header(scope, b"authorization"))
        return challenges.of_registry(
            scope, self._site.rules, error="invalid_token" if is_wrong else None
        )

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
        allowed = methods_of(scope["path"])
        if scope["method"] not in allowed:
            reads = "this catalog is read-only: use GET."
            return 405, reads if "GET" in allowed else "use POST."
        if scope["path"] in LOG_IN or scope["path"].startswith(HOOKS):
            scope["indexer.visitor"] = self._by_cookie(scope) or ANYBODY
            return None
        return None if scope["path"] in OPEN else self._judge_visitor(scope)

    def _judge_visitor(self, scope: Scope) -> tuple[int, str] | None:
        visitor = self._visitor(scope)
        if visitor is None:
            return 401, "the token is wrong."
        scope["indexer.visitor"] = visitor
        scope["indexer.user"] = visitor.name
        rules = self._site.rules
        is_asked = rules.tokens and visitor.is_silent and scope["path"] in {"/v2", "/v2/"}
        if is_asked or (rules.closed and visitor.name is None):
            return 401, rules.how_to_log_in
        if rules.closed and not visitor.may_read:
            return 403, f"the token '{visitor.name}' does not allow to read anything."
        return None

    def _visitor(self, scope: Scope) -> Visitor | None:
        """Who asks; None: with credentials that are wrong."""
        credentials = self._site.rules.credentials
        if not credentials:
            return ANYBODY
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        if given:
            header = given[0].decode("latin-1") if len(given) == 1 else ""
            return credentials.of_header(header, self._site.now().timestamp())
        return self._by_cookie(scope) or SILENT

    def _by_cookie(self, scope: Scope) -> Visitor | None:
        rules = self._site.rules
        header = challenges.header(scope, b"cookie")
        if not header or not rules.credentials:
            return None
        name = cookie_name(is_https=challenges.is_https(scope, rules))
        return rules.credentials.of_cookies(header, name, self._site.now().timestamp())


def is_v2(path: str) -> bool:
    """Whether a path is of the registry API."""
    return path.startswith("/v2/") or path == "/v2"


def _wants_form(scope: Scope) -> bool:
    """Whether a browser asks for a page, and did not send credentials that it must forget first."""
    is_browser = "text/html" in challenges.header(scope, b"accept")
    is_get = scope["method"] in {"GET", "HEAD"}
    return is_browser and is_get and not challenges.header(scope, b"authorization")


def _form_instead(scope: Scope) -> Scope:
    """The request for the log-in page, in place of another page."""
    query = scope["query_string"]
    target = scope["raw_path"].decode("latin-1") + (f"?{query.decode('latin-1')}" if query else "")
    instead = {"path": "/login", "raw_path": b"/login", "query_string": b""}
    return {**scope, **instead, "indexer.login_for": target, "indexer.visitor": ANYBODY}


class _Answer:
    """Sends an answer with the headers that every answer has, and counts its bytes."""

    def __init__(self, send: Send, scope: Scope, body: BodyLimit) -> None:
        self._send = send
        self._body = body
        self._allowed = methods_of(scope["path"])
        self._is_v2 = is_v2(scope["path"])
        self.status = 0
        self.bytes = 0

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*for_whom(message["headers"]), *HEADERS]
            if self._is_v2:
                headers.append(VERSION)
            if self._body.is_unread:
                headers.append(CLOSE)  # nobody will read the rest of the body
            message["headers"] = headers
        elif message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))
        await self._send(message)

    async def refuse(self, status: int, sentence: str, challenge: str = "") -> None:
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
        if status == UNAUTHORIZED:
            headers.append((b"www-authenticate", challenge.encode("latin-1")))
        if status == 405:  # noqa: PLR2004 - HTTP's own numbers say more than names
            headers.append((b"allow", ", ".join(self._allowed).encode()))
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})


def for_whom(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of an answer, which also say that it depends on who asks, and how.

    What says nothing about caches is for nobody else, and not to be kept.
    """
    found, varies, is_cached = [], VARIES, False
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
