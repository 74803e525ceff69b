"""The pages of violations: all, and one with the command that acknowledges it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from indexer.core.errors import UsageError
from indexer.core.printable import shown
from indexer.crawl.schedule.freshness import of_namespace, of_repositories
from indexer.policies.violation import Severity, ViolationFilter
from indexer.web.answer_age import freshness_of
from indexer.web.api.parameters import LARGEST
from indexer.web.change_filters import LONGEST, is_on
from indexer.web.context import browser_of, context_of, page_browser_of
from indexer.web.pages import PAGE, number_of
from indexer.web.responses import NotKnown
from indexer.web.templating import page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_TEXTS = ("policy", "registry", "namespace", "repository", "tag")


async def violations(request: Request) -> Response:
    """The page of violations, newest first: those that are open, or all."""
    browser, before = page_browser_of(request), number_of(request, "before")
    wanted = _wanted(request)
    kept = {name: value for name in _TEXTS if (value := getattr(wanted, name))}
    if wanted.least:
        kept["severity"] = wanted.least.value
    if not wanted.only_open:
        kept["all"] = "true"

    def look() -> Response:
        age = freshness_of(request, of_namespace(wanted.registry, wanted.namespace))
        found = browser.violations(wanted, before, PAGE + 1)
        last = found[PAGE - 1].id if len(found) > PAGE else None
        return page(
            request,
            "violations.html",
            age=age,
            unverified=browser.unverified(),
            violations=found[:PAGE],
            older=last and urlencode({**kept, "before": last}),
            newest=urlencode(kept) if before else None,
            wanted=wanted,
            with_all=urlencode({**kept, "all": "true"}),
            without_all=urlencode({k: v for k, v in kept.items() if k != "all"}),
            words=_words(wanted),
            severities=list(Severity),
            with_policies=bool(context_of(request).settings.policies),
        )

    return await context_of(request).ask(look)


async def violation(request: Request) -> Response:
    """The page of one violation."""
    browser, site = browser_of(request), context_of(request)
    text: str = request.path_params["number"]
    number = int(text[:19]) if text.isascii() and text.isdigit() else 0

    def look() -> Response:
        item = browser.violation(number) if 0 < number <= LARGEST else None
        if item is None:
            raise NotKnown(f"there is no violation '{shown(text, 40)}'.")
        place = (item.found.registry, item.found.repository)
        return page(
            request,
            "violation.html",
            age=freshness_of(request, of_repositories([place])),
            item=item,
            people=len(site.settings.people),
        )

    return await site.ask(look)


def _wanted(request: Request) -> ViolationFilter:
    """The filter of the form; empty values count as absent.

    Raises:
        UsageError: a value is too long, or there is no such severity.
    """
    query = request.query_params
    given = {name: query.get(name, "").strip() or None for name in _TEXTS}
    for name, value in given.items():
        if value and len(value) > LONGEST:
            raise UsageError(f"{name} has more than {LONGEST} characters.")
    least = query.get("severity", "").strip()
    if least and least not in set(Severity):
        raise UsageError(f"severity takes one of {', '.join(Severity)}.")
    return ViolationFilter(
        **given, least=Severity(least) if least else None, only_open=not is_on(query, "all")
    )


def _words(wanted: ViolationFilter) -> str:
    """The filter for a person; empty without one."""
    parts = [f"{name} {value}" for name in _TEXTS if (value := getattr(wanted, name))]
    if wanted.least:
        parts.append(f"severity {wanted.least} and worse")
    return shown(", ".join(parts))
