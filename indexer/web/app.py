"""The application and its routes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

import indexer
from indexer.core.errors import IndexerError
from indexer.core.printable import shown
from indexer.web import (
    diff_page,
    feeds,
    hook_formats,
    metrics,
    pages,
    probes,
    push_hooks,
    registry_api,
    repository_pages,
    static_files,
    violation_pages,
)
from indexer.web.access import login_pages, token_service
from indexer.web.api import (
    change_stream,
    check,
    diff,
    images,
    inspect,
    openapi,
    stats,
    status,
    violations,
)
from indexer.web.middleware import GuardMiddleware
from indexer.web.protocol.compression import CompressionMiddleware
from indexer.web.responses import problem, status_of
from indexer.web.templating import render

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from indexer.web.context import AppContext

log = logging.getLogger("indexer.web")

ROUTES: tuple[tuple[str, Any], ...] = (
    ("/v2/{path:path}", registry_api.answer),
    ("/v2", registry_api.answer),
    ("/", pages.changes),
    ("/namespaces", pages.namespaces),
    ("/repositories", pages.repositories),
    ("/search", pages.search),
    ("/violations", violation_pages.violations),
    ("/violations/{number}", violation_pages.violation),
    ("/image/{path:path}", repository_pages.image),
    ("/compare/{path:path}", repository_pages.compare),
    ("/diff/{path:path}", diff_page.diff),
    ("/feed.atom", feeds.atom),
    ("/feed.json", feeds.json_feed),
    ("/metrics", metrics.answer),
    ("/api/docs", openapi.docs),
    ("/api/openapi.json", openapi.openapi),
    ("/static/{name}", static_files.answer),
    ("/healthz", probes.healthz),
    ("/readyz", probes.readyz),
)

LOG_IN: tuple[tuple[str, Any, str], ...] = (
    (login_pages.LOGIN, login_pages.form, "GET"),
    (login_pages.LOGIN, login_pages.log_in, "POST"),
    (login_pages.LOGOUT, login_pages.log_out, "POST"),
)
"""What browsers log in and out with."""


def application(site: AppContext) -> ASGIApp:
    """The whole site, behind its guard."""
    app = openapi.DescribedAPI(
        title="indexer",
        version=indexer.__version__,
        summary="What exists in these namespaces, what each tag points to, and what changed.",
        docs_url=None,  # theirs load scripts from elsewhere; ours is `openapi`
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=_life,
    )
    app.state.site = site
    app.state.ages = probes.Ages()
    app.state.bucket = push_hooks.Bucket()
    app.state.turns = check.Turns()
    # Routes are tried in this order, and those of FastAPI take longest: a tenth of a millisecond.
    for path, handler in ROUTES:
        app.add_route(path, handler, methods=["GET"], include_in_schema=False)
    for part in (status, change_stream, images, check, diff, inspect, stats, violations):
        app.include_router(part.router)
    app.add_route(
        token_service.PATH, token_service.answer, methods=["GET"], include_in_schema=False
    )
    for path, handler, method in LOG_IN:
        app.add_route(path, handler, methods=[method], include_in_schema=False)
    for kind, read in hook_formats.FORMATS.items():
        path = f"/hooks/{kind}/{{secret}}"
        app.add_route(path, push_hooks.receiver(read), methods=["POST"])
    app.add_exception_handler(IndexerError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_anything)
    return GuardMiddleware(CompressionMiddleware(_Last(app)), site)


@contextlib.asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    site: AppContext = app.state.site
    watching = asyncio.create_task(
        site.watcher.run(lambda: site.ask(site.everything.last_change)), name="indexer-watcher"
    )
    yield
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
    site.close()


class _Last:
    """Logs unexpected errors of handlers.

    Who asked was told by `_on_anything` already, unless the answer had begun.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            if scope["type"] != "http":
                raise
            path = "/hooks/…" if scope["path"].startswith("/hooks/") else shown(scope["path"], 200)
            log.error(  # noqa: TRY400 - the details are for who asks for them, with -v
                "unexpected error while answering '%s' (%s): please report it with the output of "
                "'indexer serve -v'.",
                path,
                type(error).__name__,
            )
            log.debug("the details", exc_info=error)


async def _on_anything(request: Request, _: Exception) -> Response:
    return _failure(request, 500, "unexpected error; see the server's log.")


async def _on_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, IndexerError)
    return _failure(request, status_of(error), str(error))


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = shown(str(first["loc"][:2][-1]), 60)  # where it stands, and its name
    return _failure(request, 422, f"{where}: {shown(first['msg'], 200)}.")


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    known = {404: "there is no such page.", 405: "this catalog is read-only: use GET."}
    return _failure(request, error.status_code, known.get(error.status_code, error.detail))


def _failure(request: Request, status: int, sentence: str) -> Response:
    """An error message: a page for people, JSON for programs."""
    headers = {"Retry-After": "10"} if status == 503 else {}  # noqa: PLR2004 - HTTP's number
    wants_page = "text/html" in request.headers.get("accept", "")
    if wants_page and not request.url.path.startswith(("/api/v1", "/v2", "/hooks")):
        text = render(request, "problem.html", status=status, sentence=sentence)
        return Response(text, status, headers, "text/html; charset=utf-8")
    return problem(status, sentence, headers)
