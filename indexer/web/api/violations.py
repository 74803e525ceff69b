"""`/api/v1/violations`: what `indexer violations` lists, a page at a time."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request  # noqa: TC002 - FastAPI reads annotations
from starlette.responses import Response  # noqa: TC002 - the same

from indexer.crawl.schedule.freshness import of_namespace, of_repositories
from indexer.notify.payload import Violation
from indexer.policies.violation import Severity, ViolationFilter  # noqa: TC001 - the same
from indexer.web.answer_age import freshness_record
from indexer.web.api.answers import Violations
from indexer.web.api.openapi import PROBLEMS, answers
from indexer.web.api.parameters import LARGEST, Limit  # noqa: TC001 - the same
from indexer.web.change_filters import LONGEST
from indexer.web.context import browser_of, context_of
from indexer.web.responses import NotKnown, json_answer

router = APIRouter(prefix="/api/v1", responses=PROBLEMS)

_Text = Annotated[str | None, Query(max_length=LONGEST)]


@router.get("/violations", responses=answers(Violations), tags=["policies"])
async def violations(  # noqa: PLR0913, PLR0917 - each is a parameter of the API
    request: Request,
    policy: Annotated[_Text, Query(description="Only of this policy.")] = None,
    severity: Annotated[
        Severity | None, Query(description="Only of this severity and worse.")
    ] = None,
    registry: Annotated[_Text, Query(description="Only in this registry.")] = None,
    namespace: Annotated[_Text, Query(description="Only in this namespace.")] = None,
    repository: Annotated[_Text, Query(description="Only in this one: `library/nginx`.")] = None,
    tag: Annotated[_Text, Query(description="Only of this tag.")] = None,
    before: Annotated[
        int | None, Query(ge=1, le=LARGEST, description="`next` of the previous page.")
    ] = None,
    limit: Limit = 100,
    *,
    everything: Annotated[
        bool, Query(alias="all", description="Also acknowledged and resolved ones.")
    ] = False,
) -> Response:
    """Violations of the policies, newest first: those that are open.

    A crawl evaluates the policies, and so does `indexer violations`. Without the token those of
    public repositories are returned, and not who acknowledged them.
    """
    browser = browser_of(request)
    wanted = ViolationFilter(
        policy, severity, registry, namespace, repository, tag, only_open=not everything
    )

    def look() -> Violations:
        is_of_one = registry is not None and repository is not None
        scope = (
            of_repositories([(registry or "", repository or "")])
            if is_of_one
            else of_namespace(registry, namespace)
        )
        age = freshness_record(request, scope)
        found = browser.violations(wanted, before, limit + 1)
        page = [Violation.of(each) for each in found[:limit]]
        return Violations(page, page[-1].id if len(found) > limit else None, age)

    return json_answer(request, await context_of(request).ask(look))


@router.get("/violations/{violation_id}", responses=answers(Violation), tags=["policies"])
async def violation(
    request: Request, violation_id: Annotated[int, Path(ge=1, le=LARGEST)]
) -> Response:
    """One violation."""
    found = await context_of(request).ask(browser_of(request).violation, violation_id)
    if found is None:
        raise NotKnown(f"there is no violation {violation_id}.")
    return json_answer(request, Violation.of(found))
