"""`/login` and `/logout`: how a browser gets a cookie for a token, and loses it.

The cookie is signed and holds no secret; scripts cannot read it, and other sites cannot send it
with their requests. Another site cannot submit the forms either, so that it cannot log a visitor in
under a name of its own, or out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from starlette.responses import RedirectResponse, Response

from indexer.config import Scope
from indexer.web.access import challenges
from indexer.web.access.credentials import SESSION_SECONDS, cookie_name, session
from indexer.web.access.wrong_credentials import refusal
from indexer.web.context import context_of
from indexer.web.responses import problem
from indexer.web.templating import render

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

LOGIN, LOGOUT = "/login", "/logout"
PATHS = frozenset({LOGIN, LOGOUT})

MOST_BYTES = 4_096
"""The most bytes of a form."""

FIRST_PAGE = "/"


async def form(request: Request) -> Response:
    """The form. It also stands in for a page that needs a log-in, with the status 401."""
    instead_of = request.scope.get("indexer.login_for")
    target = instead_of or own_path(request.query_params.get("next", ""))
    return _page(request, target, status=401 if instead_of else 200)


async def log_in(request: Request) -> Response:
    """Check a token that was typed, and set the cookie."""
    if not _is_ours(request):
        return problem(403, "the form was not sent from a page of this site.")
    fields = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=10)
    target = own_path(fields.get("next", [""])[0])
    site = context_of(request)
    secret = fields.get("token", [""])[0].strip()
    token = site.rules.credentials.of_secret(secret)
    seconds = site.wrong_credentials.seconds_to_wait(
        request.scope, site.clock.monotonic(), is_right=token is not None, secret=secret
    )
    if seconds:
        sentence, headers = refusal(seconds)
        sentence = sentence.capitalize()
        return _page(request, target, status=429, sentence=sentence, headers=headers)
    if token is None:
        return _page(request, target, status=401, sentence="The token is wrong.")
    if Scope.READ not in token.scopes:
        sentence = f"The token '{token.name}' may not read: use one with the scope 'read'."
        return _page(request, target, status=401, sentence=sentence)
    request.scope["indexer.user"] = token.name
    answer = RedirectResponse(target, 303)
    value = session(token, site.now().timestamp())
    answer.headers["Set-Cookie"] = _cookie(request, value, SESSION_SECONDS)
    return answer


async def log_out(request: Request) -> Response:
    """Delete the cookie."""
    if not _is_ours(request):
        return problem(403, "the form was not sent from a page of this site.")
    answer = RedirectResponse(FIRST_PAGE, 303)
    answer.headers["Set-Cookie"] = _cookie(request, "", 0)
    return answer


def own_path(text: str) -> str:
    """Where to go after a log-in: a path of this site, else the first page.

    Browsers take `//HOST` and `/` with a backslash for another host, and leave out control
    characters.
    """
    is_path = text.startswith("/") and not text.startswith(("//", "/\\"))
    if not is_path or not text.isascii() or not text.isprintable() or len(text) > MOST_BYTES:
        return FIRST_PAGE
    return FIRST_PAGE if urlsplit(text).path in PATHS else text


def _page(
    request: Request,
    target: str,
    *,
    status: int,
    sentence: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response:
    text = render(request, "login.html", target=target, sentence=sentence)
    asked = {"WWW-Authenticate": challenges.FORM} if status == 401 else {}  # noqa: PLR2004 - HTTP's number
    return Response(text, status, {**asked, **(headers or {})}, "text/html; charset=utf-8")


def _is_ours(request: Request) -> bool:
    """Whether a form was sent from one of our pages. Browsers say it in one of two headers."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    rules = context_of(request).rules
    own = {rules.url} if rules.url is not None else set()
    host = request.headers.get("host", "")
    return origin in own | {f"http://{host}", f"https://{host}"}


def _cookie(request: Request, value: str, seconds: int) -> str:
    is_https = challenges.is_https(request.scope, context_of(request).rules)
    name = cookie_name(is_https=is_https)
    attributes = f"Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax"
    return f"{name}={value}; {attributes}{'; Secure' * is_https}"
