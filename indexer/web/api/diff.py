"""`/api/v1/diff`: what two digests of a tag differ in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request  # noqa: TC002 - FastAPI reads annotations
from starlette.responses import Response  # noqa: TC002 - the same

from indexer.catalog.settled import UNNAMED
from indexer.catalog.tag_diff import Times, tag_diff
from indexer.core.errors import NotInIndex
from indexer.core.printable import shown
from indexer.crawl.schedule.freshness import of_repositories
from indexer.render.records.inside import Diff
from indexer.web.answer_age import freshness_record
from indexer.web.api.openapi import PROBLEMS, answers
from indexer.web.api.parameters import MOST, Repo  # noqa: TC001 - FastAPI reads annotations
from indexer.web.context import browser_of, context_of, host_registry_of
from indexer.web.repository_lookup import known
from indexer.web.responses import NotKnown, json_answer

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.catalog.answers import RepositoryKey
    from indexer.catalog.tag_diff import TagDiff
    from indexer.store.catalog.browser import Browser

router = APIRouter(prefix="/api/v1", responses=PROBLEMS)

_Side = Annotated[
    str | None,
    Query(
        max_length=200,
        description="A time (`7d`, ISO 8601, `crawl:ID`), or a digest of the tag, full or its "
        "first 7 or more digits.",
    ),
]


@router.get("/diff/{repository:path}", responses=answers(Diff), tags=["images"])
async def diff(
    request: Request,
    repository: Repo,
    tag: Annotated[str, Query(max_length=128, description="The tag.")] = UNNAMED,
    start: Annotated[_Side, Query(alias="from")] = None,
    end: Annotated[_Side, Query(alias="to")] = None,
) -> Response:
    """What two digests of a tag differ in; 404 if it has no such digest.

    Without `from` the digest before, without `to` the last one. Layers and values are compared
    where manifests were fetched; `advice` says how to fetch the others.
    """
    site, browser, host_registry = (
        context_of(request),
        browser_of(request),
        host_registry_of(request),
    )

    def look() -> Diff:
        place = known(browser, repository, host_registry)
        age = freshness_record(request, of_repositories([place]))
        return Diff.of(diff_of(browser, place, tag, (start, end), site.now()), age)

    return json_answer(request, await site.ask(look))


def diff_of(
    browser: Browser,
    place: RepositoryKey,
    tag: str,
    sides: tuple[str | None, str | None],
    now: datetime,
) -> TagDiff:
    """What two digests of a tag differ in.

    Args:
        browser: for an audience.
        place: the repository.
        tag: its name.
        sides: times or digests as they were typed; None: see `tag_diff`.
        now: the time.

    Raises:
        UsageError: a side cannot be read, or a short digest fits several.
        NotKnown: there is no such tag, or it has no such digest.
    """
    periods = browser.tag_periods(place, tag, MOST)[::-1]
    if not periods:
        raise NotKnown(f"{shown(str(place))} never had a tag '{shown(tag)}'.")
    times = Times(now, partial(_end_of, browser), partial(browser.check_known, place))
    try:
        return tag_diff(periods, *sides, times, partial(browser.content, place))
    except NotInIndex as none:
        raise NotKnown(str(none)) from None


def _end_of(browser: Browser, number: int) -> datetime | None:
    """When a crawl ended; None: it is still running.

    Raises:
        NotKnown: there is no such crawl.
    """
    crawl = browser.crawl(number) if number < 2**63 else None
    if crawl is None:
        raise NotKnown(f"there is no crawl {number}.")
    return crawl.finished_at
