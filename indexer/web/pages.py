"""The pages of changes, namespaces, repositories, and search."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.responses import RedirectResponse

from indexer.catalog.answers import RepositoryKey, RepositoryScope
from indexer.core.catalog_entries import ChangeFilter
from indexer.core.digest_text import digest_in, is_pasted_digest
from indexer.core.errors import UsageError
from indexer.core.model import ChangeKind
from indexer.core.printable import shown
from indexer.crawl.schedule.freshness import of_changes, of_namespace
from indexer.render.freshness import beginnings
from indexer.web.answer_age import freshness_of
from indexer.web.api.status import namespace_records
from indexer.web.change_filters import LONGEST, filters_of
from indexer.web.charts.change_columns import columns
from indexer.web.context import context_of, page_browser_of
from indexer.web.feeds import title_of
from indexer.web.fuzzy_search import best
from indexer.web.templating import page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from indexer.store.catalog.browser import Browser
    from indexer.web.charts.change_columns import Columns

PAGE = 50
"""The most rows on a page."""

MOST_TAGS = 500
"""Tags of a digest on its page."""

DAYS = (7, 30, 90)
"""The lengths that the chart can have, in days."""

KINDS = {
    ChangeKind.TAG_ADDED: "tag added",
    ChangeKind.TAG_RETAGGED: "tag retagged",
    ChangeKind.TAG_REMOVED: "tag removed",
    ChangeKind.REPOSITORY_ADDED: "repository added",
    ChangeKind.REPOSITORY_REMOVED: "repository removed",
}


async def changes(request: Request) -> Response:
    """The page of changes, the newest first."""
    site, browser = context_of(request), page_browser_of(request)
    filters = filters_of(request.query_params)
    wanted = filters.wanted(site.now())
    before = number_of(request, "before")
    days = _days_of(request)

    def look() -> Response:
        age = freshness_of(request, of_changes(wanted))
        found, until = browser.newest(wanted, before, PAGE + 1)
        before_next = found[PAGE - 1].id if len(found) > PAGE else until
        return page(
            request,
            "changes.html",
            age=age,
            unverified=browser.unverified(),
            changes=found[:PAGE],
            older=before_next and filters.address(before=before_next, days=days),
            is_cut=until is not None,
            newest=filters.address(days=days) if before else None,
            filters=filters,
            feed=filters.address(),
            beginnings=list(beginnings(age, wanted.since)) if wanted.since else [],
            chart=chart_of(browser, wanted, site.now(), days),
            days=days,
            all_days=DAYS,
            days_address={each: filters.address(days=each) for each in DAYS},
            kinds=KINDS,
            title_of=title_of,
        )

    return await site.ask(look)


def chart_of(browser: Browser, wanted: ChangeFilter, now: datetime, days: int) -> Columns:
    """The chart of the last `days` days. The times of the filter do not apply."""
    today = now.astimezone(UTC).date()
    first = datetime.combine(today - timedelta(days=days - 1), time(), UTC)
    where = ChangeFilter(
        since=first,
        registry=wanted.registry,
        namespace=wanted.namespace,
        repository=wanted.repository,
    )
    return columns(browser.days(where), today, days)


async def namespaces(request: Request) -> Response:
    """The page of namespaces: the state of each."""
    site, browser = context_of(request), page_browser_of(request)

    def look() -> Response:
        age, unverified = freshness_of(request), browser.unverified()
        found = namespace_records(request, browser)
        return page(request, "namespaces.html", age=age, namespaces=found, unverified=unverified)

    return await site.ask(look)


async def repositories(request: Request) -> Response:
    """The page of repositories, by name."""
    site, browser = context_of(request), page_browser_of(request)
    given = {name: _text(request, name) for name in ("registry", "namespace", "after")}
    scope = RepositoryScope(given["registry"] or None, given["namespace"] or None)
    host, _, name = given["after"].partition("/")
    start = RepositoryKey(host, name) if given["after"] else None

    def look() -> Response:
        age = freshness_of(request, of_namespace(*scope))
        found = browser.repositories(scope, start, PAGE + 1)
        more = None
        if len(found) > PAGE:
            last = found[PAGE - 1]
            kept = {k: v for k, v in given.items() if v and k != "after"}
            more = urlencode({**kept, "after": f"{last.registry}/{last.repository}"})
        return page(
            request,
            "repositories.html",
            age=age,
            unverified=browser.unverified(),
            repositories=found[:PAGE],
            more=more,
            scope=scope,
            is_first=start is None,
        )

    return await site.ask(look)


async def search(request: Request) -> Response:
    """The page of search: repositories with a similar name, or the tags of a digest."""
    site, browser = context_of(request), page_browser_of(request)
    typed = _text(request, "q")
    name, _, tag = typed.rpartition(":") if "/" not in typed.rpartition(":")[2] else (typed, "", "")
    name = name or typed

    def look() -> Response:
        age = freshness_of(request)
        digest = digest_in(typed)
        tags = browser.find(digest) if digest else {}
        if tags or is_pasted_digest(typed):
            return page(
                request,
                "digest.html",
                age=age,
                unverified=browser.unverified(),
                found=tags,
                typed=typed,
                most=MOST_TAGS,
            )
        found = best(browser, name, PAGE)
        exact = [
            each
            for each in found
            if each.repository.endswith(f"/{name}") or each.repository == name
        ]
        if (
            tag
            and len(exact) == 1
            and browser.tag(RepositoryKey(exact[0].registry, exact[0].repository), tag)
        ):
            path = f"/image/{exact[0].registry}/{exact[0].repository}:{tag}"
            return RedirectResponse(path, status_code=303)
        unverified = browser.unverified()
        return page(
            request,
            "search.html",
            age=age,
            unverified=unverified,
            repositories=found,
            typed=typed,
        )

    return await site.ask(look)


def number_of(request: Request, name: str) -> int | None:
    """A number in the address.

    Raises:
        UsageError: it is not a number.
    """
    text = request.query_params.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise UsageError(f"{name} must be a number, not '{shown(text, 40)}'.")
    return int(text[:18])


def _days_of(request: Request) -> int:
    days = number_of(request, "days")
    return days if days in DAYS else DAYS[1]


def _text(request: Request, name: str) -> str:
    text: str = request.query_params.get(name, "").strip()
    if len(text) > LONGEST:
        raise UsageError(f"{name} has more than {LONGEST} characters.")
    return text
