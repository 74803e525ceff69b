"""`/api/v1/status` and `/api/v1/crawls`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query, Request  # noqa: TC002 - FastAPI reads annotations
from starlette.responses import Response  # noqa: TC002 - the same

from indexer.catalog.answers import RepositoryScope
from indexer.render import status as status_render
from indexer.render.records.crawls import Crawl
from indexer.web.answer_age import freshness_record
from indexer.web.api.answers import (
    Crawls,
    Status,
)
from indexer.web.api.openapi import PROBLEMS, answers
from indexer.web.api.parameters import (  # noqa: TC001 - FastAPI reads annotations
    LARGEST,
    Limit,
    Namespace,
    Registry,
)
from indexer.web.context import browser_of, context_of
from indexer.web.responses import NotKnown, json_answer

if TYPE_CHECKING:
    from indexer.store.catalog.browser import Browser

router = APIRouter(prefix="/api/v1", responses=PROBLEMS)


@router.get("/status", responses=answers(Status), tags=["the index"])
async def status(request: Request) -> Response:
    """The state of each namespace, and what is overdue."""
    site, browser = context_of(request), browser_of(request)
    age = await site.ask(freshness_record, request)
    found = await site.ask(lambda: namespace_records(request, browser))
    now = site.now()
    return json_answer(request, Status([status_render.record(each, now) for each in found], age))


@router.get("/crawls", responses=answers(Crawls), tags=["the index"])
async def crawls(
    request: Request,
    registry: Registry = None,
    namespace: Namespace = None,
    before: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
    limit: Limit = 100,
) -> Response:
    """Crawls, newest first."""
    browser, scope = browser_of(request), RepositoryScope(registry, namespace)
    found = await context_of(request).ask(browser.crawls, scope, before, limit + 1)
    page = found[:limit]
    more = page[-1].id if len(found) > limit else None
    return json_answer(request, Crawls([Crawl.of(each) for each in page], more))


@router.get("/crawls/{crawl_id}", responses=answers(Crawl), tags=["the index"])
async def crawl(request: Request, crawl_id: Annotated[int, Path(ge=1, le=LARGEST)]) -> Response:
    """One crawl."""
    found = await context_of(request).ask(browser_of(request).crawl, crawl_id)
    if found is None:
        raise NotKnown(f"there is no crawl {crawl_id}.")
    return json_answer(request, Crawl.of(found))


def namespace_records(request: Request, browser: Browser) -> list[status_render.NamespaceRow]:
    """The state of each namespace of the index and of the configuration."""
    site = context_of(request)
    return status_render.namespace_rows(
        browser.namespaces(), browser.crawl_history(), site.timetables, site.now()
    )
