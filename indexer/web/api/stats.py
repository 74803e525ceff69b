"""`/api/v1/stats`: what `indexer stats` prints, over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request  # noqa: TC002 - FastAPI reads annotations
from starlette.responses import Response  # noqa: TC002 - the same

from indexer.catalog.stats import NOT_PULLED_FOR, StatsQuestion, StatsScope
from indexer.core import time_expression
from indexer.crawl.schedule.freshness import of_namespace, of_repositories
from indexer.render.records.stats import Stats
from indexer.web.answer_age import freshness_record
from indexer.web.api.openapi import PROBLEMS, answers
from indexer.web.api.parameters import Limit, Repo, When  # noqa: TC001 - FastAPI reads annotations
from indexer.web.change_filters import LONGEST
from indexer.web.context import browser_of, context_of, host_registry_of
from indexer.web.repository_lookup import known
from indexer.web.responses import json_answer
from indexer.web.time_parameters import moment_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.crawl.schedule.freshness import Wanted

router = APIRouter(prefix="/api/v1", responses=PROBLEMS)


@router.get("/stats", responses=answers(Stats), tags=["images"])
async def stats_of_all(
    request: Request,
    registry: Annotated[
        str | None, Query(max_length=LONGEST, description="Only this registry.")
    ] = None,
    namespace: Annotated[
        str | None, Query(max_length=LONGEST, description="Only this namespace.")
    ] = None,
    since: When | None = None,
    until: When | None = None,
    *,
    not_pulled_since: When = NOT_PULLED_FOR,
    limit: Limit = 100,
) -> Response:
    """Pulls and stars of all present repositories by day, tags not pulled, and shared digests.

    A day has the sums: a repository that was not listed on it counts as it was listed last.
    """
    scope = StatsScope(registry, namespace)
    times = since, until, not_pulled_since
    wanted = of_namespace(registry, namespace)
    return await _answer(request, lambda: (scope, wanted), times, limit)


@router.get("/stats/{repository:path}", responses=answers(Stats), tags=["images"])
async def stats(
    request: Request,
    repository: Repo,
    since: When | None = None,
    until: When | None = None,
    not_pulled_since: When = NOT_PULLED_FOR,
    limit: Limit = 100,
) -> Response:
    """Pulls and stars of a repository by day, tags not pulled, and tags that share a digest."""
    browser, host_registry = browser_of(request), host_registry_of(request)

    def scope() -> tuple[StatsScope, Wanted]:
        place = known(browser, repository, host_registry)
        return StatsScope(place.registry, None, place.repository), of_repositories([place])

    return await _answer(request, scope, (since, until, not_pulled_since), limit)


async def _answer(
    request: Request,
    scope_of: Callable[[], tuple[StatsScope, Wanted]],
    times: tuple[str | None, str | None, str],
    limit: int,
) -> Response:
    site, browser = context_of(request), browser_of(request)

    def look() -> Stats:
        now = site.now()
        since, until, not_pulled_since = (
            moment_of(browser, each, now) if each else None for each in times
        )
        window = time_expression.When(since), time_expression.When(until)
        time_expression.check_window(*window)
        asked = StatsQuestion(since, until, not_pulled_since or now, limit)
        scope, wanted = scope_of()
        age = freshness_record(request, wanted)
        return Stats.of(browser.stats(scope, asked), scope, asked, age)

    return json_answer(request, await site.ask(look))
