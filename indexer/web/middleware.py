"""Runs before every handler: checks host and access, limits time, sets headers.

Plain ASGI, since it sees every request. What it decides it writes into the request's scope, where
`indexer.web.context` reads it. `HEAD` is asked of the application as `GET`: the server that speaks
HTTP leaves the body out, and so both have the same headers.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from indexer.core.printable import shown
from indexer.web import access_log, probes, push_hooks
from indexer.web.access import challenges
from indexer.web.access.credentials import ANYBODY
from indexer.web.access.request_visitor import by_cookie, visitor_of
from indexer.web.access.wrong_credentials import refusal, was_compared
from indexer.web.access_rules import host_of
from indexer.web.api import check
from indexer.web.guarded_answer import (
    HOOKS,
    TAKE_FILES,
    UNAUTHORIZED,
    GuardedAnswer,
    is_v2,
    methods_of,
)
from indexer.web.protocol import cors, request_head
from indexer.web.protocol.request_body import BodyLimit

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from indexer.web.context import AppContext

MOST_SECONDS = 30.0
"""How long an exchange other than a stream may take; a query of the index has less time
(`indexer.store.ANSWER_SECONDS`)."""

LONGEST_ADDRESS = 4_096
"""The most bytes of a path with its query."""

OPEN = probes.PATHS | {"/static/style.css", "/static/icon.svg"}
"""Paths that never need a token: their answers tell nothing."""

LOG_IN = frozenset({"/token", "/login", "/logout"})
"""Paths that look at credentials themselves."""

MOST_FORM_BYTES = 4_096
"""The most bytes of a form, which holds a token and a path; and of a body that nobody reads."""

STREAMS = frozenset({"/api/v1/changes", "/api/v1/changes/events"})
"""Paths whose answers may take long."""


def most_body_bytes(path: str) -> int:
    """The most bytes of a request's body."""
    if path in TAKE_FILES:
        return check.MOST_BYTES
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
        scope = request_head.in_origin_form(scope)
        body = BodyLimit(scope, receive, most_body_bytes(scope["path"]))
        answer = GuardedAnswer(send, scope, body, self._site.rules.cors)
        refused = self._judge(scope)
        if refused is None and body.refusal is not None:
            refused = 413, body.refusal
        try:
            if refused is not None and refused[0] == UNAUTHORIZED and _wants_form(scope):
                await self._pass(_form_instead(scope), body.receive, answer)
            elif refused is not None and answer.cors and cors.is_preflight(scope):
                await answer.allow()
            elif refused is not None:
                more = scope.get("indexer.headers", {})
                await answer.refuse(*refused, self._challenge(scope), more)
            else:
                await self._pass(scope, body.receive, answer)
        finally:
            seconds = time.perf_counter() - started
            self._site.requests.add(scope["path"], answer.status, seconds)
            access_log.note(self._site, scope, answer.status, answer.bytes, seconds)

    async def _pass(self, scope: Scope, receive: Receive, answer: GuardedAnswer) -> None:
        """Pass a request on to the application."""
        inner = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
        seconds = None if scope["path"] in STREAMS else MOST_SECONDS
        try:
            async with asyncio.timeout(seconds) as deadline:
                inner["indexer.deadline"] = deadline  # handlers write into the scope, for the log
                await self._app(inner, receive, answer.send)
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
        if not rules.answers_to(host) and scope["path"] not in probes.PATHS:
            return 421, f"'{shown(host, 100)}' is not a configured host name: see [serve] hosts."
        scope["indexer.registry"] = rules.registry_of(host)
        scope["indexer.head"] = scope["method"] == "HEAD"
        wrong = _malformed(scope)
        if wrong is not None:
            return wrong
        allowed = methods_of(scope["path"])
        if scope["method"] not in allowed:
            reads = "this catalog is read-only: use GET."
            return 405, reads if "GET" in allowed else "use POST."
        if scope["path"] in LOG_IN or scope["path"].startswith(HOOKS):
            scope["indexer.visitor"] = by_cookie(scope, rules, self._now()) or ANYBODY
            return None
        return None if scope["path"] in OPEN else self._judge_visitor(scope)

    def _now(self) -> float:
        return self._site.now().timestamp()

    def _judge_visitor(self, scope: Scope) -> tuple[int, str] | None:
        rules = self._site.rules
        visitor = visitor_of(scope, rules, self._now())
        if was_compared(visitor):
            seconds = self._site.wrong_credentials.seconds_to_wait(
                scope, self._site.clock.monotonic(), is_right=visitor is not None
            )
            if seconds:
                sentence, scope["indexer.headers"] = refusal(seconds)
                return 429, sentence
        if visitor is None:
            return 401, "the token is wrong."
        scope["indexer.visitor"] = visitor
        scope["indexer.user"] = visitor.name
        is_asked = rules.tokens and visitor.is_silent and scope["path"] in {"/v2", "/v2/"}
        if is_asked or (rules.closed and visitor.name is None):
            return 401, rules.how_to_log_in
        if rules.closed and not visitor.may_read:
            return 403, f"the token '{visitor.name}' may not read: use one with the scope 'read'."
        return None


def _malformed(scope: Scope) -> tuple[int, str] | None:
    """Status and reason to refuse a request by its head, or None."""
    if request_head.size(scope) > request_head.MOST_BYTES:
        return 431, f"the head of the request is longer than {request_head.MOST_BYTES:,} bytes."
    if len(scope["raw_path"]) + len(scope["query_string"]) > LONGEST_ADDRESS:
        return 414, f"the URL is longer than {LONGEST_ADDRESS:,} bytes."
    if b"%00" in scope["raw_path"] or b"%00" in scope["query_string"]:
        return 400, "the URL contains a null character."
    return None


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
