"""`/token`: gives registry clients bearer tokens (distribution's token specification).

A client with a token of ours sends it as the password of any user, and gets a text that is valid
for minutes. One without credentials gets a text without rights, with which it reads what is public.
`POST`, the way of OAuth 2, is refused with 405: clients then use `GET`. A bearer token gives no
further one: whoever reads one in a log could use it for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core import humanize
from indexer.web.access import challenges
from indexer.web.access.credentials import ANONYMOUS_BEARER, PULL_SECONDS, SILENT, bearer
from indexer.web.access.wrong_credentials import refusal, was_compared
from indexer.web.context import context_of
from indexer.web.responses import json_answer, problem

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

PATH = "/token"


async def answer(request: Request) -> Response:
    """A bearer token for whoever the credentials name; 401 if they are wrong."""
    site = context_of(request)
    rules, now = site.rules, site.now()
    given = request.headers.get("authorization")
    visitor = SILENT if given is None else rules.credentials.of_header(given, now.timestamp())
    if was_compared(visitor):
        seconds = site.wrong_credentials.seconds_to_wait(
            request.scope, site.clock.monotonic(), is_right=visitor is not None
        )
        if seconds:
            return problem(429, *refusal(seconds))
    is_wrong = visitor is None or visitor.by_bearer
    if visitor is None or is_wrong or (visitor.name is None and rules.closed):
        sentence = "the token is wrong." if is_wrong else rules.how_to_log_in
        return problem(401, sentence, {"WWW-Authenticate": challenges.BASIC})
    token = next((each for each in rules.tokens if each.name == visitor.name), None)
    text = bearer(token, now.timestamp()) if token is not None else ANONYMOUS_BEARER
    content = {
        "token": text,
        "access_token": text,
        "expires_in": PULL_SECONDS,
        "issued_at": humanize.iso(now),
    }
    return json_answer(request, content, {"Cache-Control": "no-store"})
