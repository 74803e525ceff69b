"""`/api/v1`: what the commands print with `--format json`, over HTTP, a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query, Request  # noqa: TC002 - FastAPI reads annotations
from starlette.responses import Response  # noqa: TC002 - the same

from indexer.catalog.browser import RepositoryKey, RepositoryScope
from indexer.config.timetables import timetables_of
from indexer.core.errors import UsageError
from indexer.core.humanize import iso
from indexer.core.printable import shown
from indexer.render import json_records
from indexer.render import status as status_render
from indexer.web import api_schema
from indexer.web.change_filters import LONGEST
from indexer.web.context import browser_of, context_of, home_of
from indexer.web.fuzzy_search import best
from indexer.web.repository_lookup import find
from indexer.web.responses import NotKnown, json_answer
from indexer.web.shared_digests import step_records, tag_records
from indexer.web.time_parameters import moment_of

if TYPE_CHECKING:
    from indexer.catalog.browser import Browser, Difference
    from indexer.core.model import Period

MOST = 1_000
"""Things on a page."""

LARGEST = 2**63 - 1
"""What both databases take for a number."""

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": api_schema.Problem, "description": description}
    for status, description in (
        (400, "It cannot be understood; the sentence says what was expected."),
        (401, "The token is missing, or is another one."),
        (404, "The index does not know it, or not for you."),
        (414, "The address is longer than any question needs."),
        (422, "A value is not of its kind."),
        (503, "The index cannot answer now, or not in time."),
    )
}

router = APIRouter(prefix="/api/v1", responses=PROBLEMS)

Limit = Annotated[int, Query(ge=1, le=MOST, description="How many at most.")]
Repo = Annotated[
    str,
    Path(
        max_length=LONGEST,
        description="`docker.io/library/nginx`; without the registry where only one has it.",
        examples=["docker.io/library/nginx"],
    ),
]
When = Annotated[
    str,
    Query(
        max_length=60,
        description="ISO 8601, how long ago (`7d`), or `crawl:ID` for the end of that crawl.",
    ),
]
TagName = Annotated[str | None, Query(max_length=128, description="Only this tag.")]
_After = Annotated[str, Query(max_length=LONGEST, description="`next` of the page before.")]
_Registry = Annotated[str | None, Query(max_length=LONGEST, description="Only this registry.")]
_Namespace = Annotated[str | None, Query(max_length=LONGEST, description="Only this namespace.")]


@router.get("/status", response_model=api_schema.Status, tags=["the index"])
async def status(request: Request) -> Response:
    """How well each namespace is known, and what is late."""
    site, browser = context_of(request), browser_of(request)
    found = await site.ask(lambda: namespace_records(request, browser))
    now = site.now()
    return json_answer(request, {"namespaces": [status_render.record(each, now) for each in found]})


@router.get("/crawls", response_model=api_schema.Crawls, tags=["the index"])
async def crawls(
    request: Request,
    registry: _Registry = None,
    namespace: _Namespace = None,
    before: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
    limit: Limit = 100,
) -> Response:
    """Crawls, newest first."""
    browser, shelf = browser_of(request), RepositoryScope(registry, namespace)
    found = await context_of(request).ask(browser.crawls, shelf, before, limit + 1)
    page = found[:limit]
    more = page[-1].id if len(found) > limit else None
    content = [{"id": each.id, **json_records.crawl(each)} for each in page]
    return json_answer(request, {"crawls": content, "next": more})


@router.get("/crawls/{crawl_id}", response_model=api_schema.Crawl, tags=["the index"])
async def crawl(request: Request, crawl_id: Annotated[int, Path(ge=1, le=LARGEST)]) -> Response:
    """One crawl."""
    found = await context_of(request).ask(browser_of(request).crawl, crawl_id)
    if found is None:
        raise NotKnown(f"there is no crawl {crawl_id}.")
    return json_answer(request, {"id": found.id, **json_records.crawl(found)})


@router.get("/repositories", response_model=api_schema.Repositories, tags=["images"])
async def repositories(
    request: Request,
    registry: _Registry = None,
    namespace: _Namespace = None,
    after: _After = "",
    limit: Limit = 100,
) -> Response:
    """Repositories by registry and name."""
    browser, shelf = browser_of(request), RepositoryScope(registry, namespace)
    home, _, name = after.partition("/")
    start = RepositoryKey(home, name) if after else None
    found = await context_of(request).ask(browser.repositories, shelf, start, limit + 1)
    page = found[:limit]
    more = f"{page[-1].registry}/{page[-1].repository}" if len(found) > limit else None
    content = [json_records.repository(each) for each in page]
    return json_answer(request, {"repositories": content, "next": more})


@router.get("/tags/{repository:path}", response_model=api_schema.Tags, tags=["images"])
async def tags(
    request: Request,
    repository: Repo,
    as_of: When | None = None,
    after: _After = "",
    limit: Limit = 100,
) -> Response:
    """The tags of a repository and what each points to, or pointed to at a time."""
    site, browser, home = context_of(request), browser_of(request), home_of(request)

    def look() -> dict[str, Any]:
        time = moment_of(browser, as_of, site.now()) if as_of else None
        place = known(browser, repository, home)
        found = browser.tags(place, after, limit + 1, time)
        page = found[:limit]
        more = page[-1].tag if len(found) > limit else None
        return {"tags": tag_records(browser, place, page, time), "next": more}

    return json_answer(request, await site.ask(look))


@router.get("/history/{repository:path}", response_model=api_schema.History, tags=["images"])
async def history(
    request: Request,
    repository: Repo,
    tag: TagName = None,
    after: _After = "",
    limit: Limit = 100,
) -> Response:
    """Every digest that each tag had, by tag and time."""
    browser, home = browser_of(request), home_of(request)
    start = _history_cursor(after)

    def look() -> dict[str, Any]:
        place = known(browser, repository, home)
        name, seen = start
        is_middle = seen > 0  # then the one before says what moved
        found = browser.history(place, tag, (name, seen - is_middle), limit + 1 + is_middle)
        before, found = (found[:1], found[1:]) if is_middle else ([], found)
        page = found[:limit]
        more = _history_next(page, start) if len(found) > limit else None
        content = step_records(browser, place, next(iter(before), None), page)
        return {"history": content, "next": more}

    return json_answer(request, await context_of(request).ask(look))


def _history_cursor(after: str) -> tuple[str, int]:
    """How many intervals of which tag were told: `latest:3`, which no tag can look like."""
    if not after:
        return "", 0
    name, colon, number = after.rpartition(":")
    if not (colon and number.isascii() and number.isdigit()):
        raise UsageError("after is no cursor: take 'next' of the page before.")
    return name, int(number[:9])


def _history_next(page: list[Period], start: tuple[str, int]) -> str:
    name = page[-1].tag
    told = sum(each.tag == name for each in page) + (start[1] if name == start[0] else 0)
    return f"{name}:{told}"


@router.get("/compare/{repository:path}", response_model=api_schema.Comparison, tags=["images"])
async def compare(
    request: Request,
    repository: Repo,
    earlier: When = "7d",
    later: When | None = None,
    limit: Limit = 1_000,
) -> Response:
    """Tags that did not point to the same at two times; the later one is now if not given."""
    site, browser, home = context_of(request), browser_of(request), home_of(request)

    def look() -> dict[str, Any]:
        place = known(browser, repository, home)
        one = moment_of(browser, earlier, site.now())
        other = moment_of(browser, later, site.now()) if later else site.now()
        found = browser.differences(place, one, other, limit + 1)
        return {
            "registry": place.registry,
            "repository": place.repository,
            "earlier": iso(one),
            "later": iso(other),
            "differences": [difference(each) for each in found[:limit]],
            "more": len(found) > limit,
        }

    return json_answer(request, await site.ask(look))


def difference(item: Difference) -> dict[str, Any]:
    """A difference as JSON."""
    kind = api_schema.DifferenceKind.RETAGGED
    if not item.was_there:
        kind = api_schema.DifferenceKind.ADDED
    elif not item.is_there:
        kind = api_schema.DifferenceKind.REMOVED
    return {"tag": item.tag, "kind": kind, "old_digest": item.was, "new_digest": item.now}


@router.get("/search", response_model=api_schema.Repositories, tags=["images"])
async def search(
    request: Request,
    q: Annotated[str, Query(min_length=1, max_length=LONGEST, description="A name, roughly.")],
    limit: Limit = 20,
) -> Response:
    """Repositories by name; typing errors are forgiven. The best come first."""
    found = await context_of(request).ask(best, browser_of(request), q, limit)
    content = [json_records.repository(each) for each in found]
    return json_answer(request, {"repositories": content, "next": None})


def known(browser: Browser, repository: str, home: str | None) -> RepositoryKey:
    """A repository that is or was there.

    Raises:
        UsageError: it cannot be a name.
        NotKnown: there is none.
    """
    place = find(browser, repository, home)
    if browser.card(place) is None:
        raise NotKnown(f"the index knows no repository '{shown(str(place))}'.")
    return place


def namespace_records(request: Request, browser: Browser) -> list[status_render.NamespaceRow]:
    """How each namespace stands, of the index and of the configuration."""
    site = context_of(request)
    return status_render.namespace_rows(
        browser.namespaces(), browser.crawl_history(), timetables_of(site.settings), site.now()
    )
