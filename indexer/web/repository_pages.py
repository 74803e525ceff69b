"""The pages of one repository, of one tag, and of one repository at two times."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from indexer.catalog.answers import TagSort
from indexer.core.catalog_entries import ChangeFilter
from indexer.core.digest_age import kept, settled
from indexer.core.errors import UsageError
from indexer.core.newer_versions import Versions
from indexer.core.printable import shown
from indexer.core.reference import is_tag
from indexer.core.version_tag import parse
from indexer.crawl.schedule.freshness import of_repositories
from indexer.policies.violation import ViolationFilter
from indexer.web.answer_age import freshness_of
from indexer.web.change_filters import is_on
from indexer.web.charts import count_bars
from indexer.web.charts.tag_timeline import tag_timeline
from indexer.web.context import browser_of, context_of, host_registry_of
from indexer.web.feeds import title_of
from indexer.web.pages import DAYS, KINDS, chart_of
from indexer.web.repository_lookup import known
from indexer.web.responses import NotKnown
from indexer.web.sorted_tags import sorted_tags
from indexer.web.templating import page
from indexer.web.time_parameters import times_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from indexer.catalog.answers import RepositoryKey
    from indexer.core.newer_versions import Level
    from indexer.store.catalog.browser import Browser

TAGS = 100
"""The most tags on a page."""

COUNTED_DAYS = DAYS[2]
"""Days of which a page shows the counters."""

SORTS = {
    TagSort.PUSHED_AT: "pushed last",
    TagSort.SIZE: "largest",
    TagSort.LAST_PULLED: "pulled last",
}

RECENT = 10
"""The most changes on the page of a repository."""

MOST_PERIODS = 500
"""The most periods on the page of a tag: the newest."""

MOST_VIOLATIONS = 1_000
"""The most open violations that are counted on the page of a repository."""

SETTLED_DAYS = (1, 7, 30)
"""For how many days a digest was kept, on the page of a tag."""

MOST_DIFFERENCES = 1_000


async def image(request: Request) -> Response:
    """The page of a repository, or of a tag if the path ends with one."""
    path: str = request.path_params["path"]
    name, colon, tag = path.rpartition(":")
    is_of_tag = bool(colon) and "/" not in tag
    browser, host_registry = browser_of(request), host_registry_of(request)

    def look() -> Response:
        if not is_of_tag:
            return _repository(request, browser, known(browser, path, host_registry))
        if not is_tag(tag):
            raise NotKnown(f"'{shown(tag)}' cannot be a tag.")
        return _tag(request, browser, known(browser, name, host_registry), tag)

    return await context_of(request).ask(look)


def _repository(request: Request, browser: Browser, place: RepositoryKey) -> Response:
    now, age = context_of(request).now(), freshness_of(request, of_repositories([place]))
    after = request.query_params.get("after", "")[:128]
    everything = is_on(request.query_params, "all")
    here = ChangeFilter(registry=place.registry, repository=place.repository, companions=everything)
    glob, sort = _tag_search(request)
    if sort is None:
        tags = browser.tags(place, after, TAGS + 1, everything=everything or bool(glob), glob=glob)
        more = tags[TAGS - 1].tag if len(tags) > TAGS else None
    else:
        tags, more = sorted_tags(
            browser, place, sort, after, TAGS, glob=glob, everything=everything or bool(glob)
        )
    kept = {"tag": glob, "sort": sort and sort.value, "all": "true" if everything else None}
    query = urlencode({name: value for name, value in kept.items() if value})
    found = browser.repository(place)
    # One day more: the pulls of the first day are those since the day before.
    before = now.date() - timedelta(COUNTED_DAYS + 1)
    days = browser.counted(place, before, COUNTED_DAYS + 1)
    return page(
        request,
        "repository.html",
        age=age,
        place=place,
        found=found,
        violations=len(browser.violations(_open(place), None, MOST_VIOLATIONS)),
        tags=tags[:TAGS],
        more=more,
        glob=glob,
        sort=sort,
        sorts=SORTS,
        query_of_tags=query,
        is_first=not after,
        everything=everything,
        hidden=0 if everything else browser.hidden_tags(place),
        changes=browser.newest(here, None, RECENT).changes,
        chart=chart_of(browser, here, now, DAYS[2]),
        kinds=KINDS,
        days=days,
        pulls=count_bars.pulls_by_day(days, now.date(), COUNTED_DAYS),
        stars=count_bars.stars_by_day(days, now.date(), COUNTED_DAYS),
        title_of=title_of,
    )


def _tag_search(request: Request) -> tuple[str | None, TagSort | None]:
    """Which tags are shown, and what they are sorted by; None: all, by name.

    Raises:
        UsageError: there is no such order.
    """
    glob = request.query_params.get("tag", "").strip()[:128]
    typed = request.query_params.get("sort", "").strip()
    if typed and typed not in set(TagSort):
        raise UsageError(f"tags can be sorted by {', '.join(TagSort)}.")
    return glob or None, TagSort(typed) if typed else None


def _tag(request: Request, browser: Browser, place: RepositoryKey, tag: str) -> Response:
    now, age = context_of(request).now(), freshness_of(request, of_repositories([place]))
    periods = browser.tag_periods(place, tag, MOST_PERIODS)
    if not periods:
        raise NotKnown(f"{shown(str(place))} never had a tag '{shown(tag)}'.")
    history = kept(reversed(periods))
    return page(
        request,
        "tag.html",
        age=age,
        place=place,
        tag=tag,
        entry=browser.tag(place, tag),
        unwatched_since=browser.unwatched_since(place, tag),
        unseen=browser.unseen(place, [tag]),
        newer=_newer(browser, place, tag),
        periods=periods,
        settled=[(days, settled(history, timedelta(days), now)) for days in SETTLED_DAYS],
        current=history[-1] if history[-1].ended_at is None else None,
        timeline=tag_timeline(periods, now),
        is_whole=len(periods) < MOST_PERIODS,
        violations=browser.violations(_open(place, tag), None, TAGS),
    )


def _newer(browser: Browser, place: RepositoryKey, tag: str) -> list[tuple[Level, str]]:
    """The newest versions of the same shape as a tag, by level; none for what is not a version."""
    if parse(tag) is None:
        return []
    found = Versions(browser.all_tag_names(place)).newer(tag)
    return found.by_level if found else []


def _open(place: RepositoryKey, tag: str | None = None) -> ViolationFilter:
    return ViolationFilter(registry=place.registry, repository=place.repository, tag=tag)


async def compare(request: Request) -> Response:
    """The page that compares a repository at two times."""
    site, browser, host_registry = (
        context_of(request),
        browser_of(request),
        host_registry_of(request),
    )
    path: str = request.path_params["path"]
    earlier = request.query_params.get("from", "").strip() or "7d"
    later = request.query_params.get("to", "").strip()

    def look() -> Response:
        place = known(browser, path, host_registry)
        age = freshness_of(request, of_repositories([place]))
        times = times_of(browser, place, (earlier, later or None), site.now())
        everything = is_on(request.query_params, "all")
        most = MOST_DIFFERENCES + 1
        found = browser.differences(place, *times[:2], most, everything=everything)
        return page(
            request,
            "compare.html",
            age=age,
            place=place,
            typed_from=earlier,
            typed_to=later,
            earlier=times.earlier,
            later=times.later,
            known_since=times.known_since,
            differences=found[:MOST_DIFFERENCES],
            more=len(found) > MOST_DIFFERENCES,
        )

    return await site.ask(look)
