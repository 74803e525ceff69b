"""`/api/v1`: repositories, tags, digests and their history, a page at a time."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query, Request  # noqa: TC002 - FastAPI reads annotations
from starlette.responses import Response  # noqa: TC002 - the same

from indexer.catalog.answers import RepositoryKey, RepositoryScope, TagSort  # noqa: TC001 - the same
from indexer.catalog.outdated import Currency, outdated_tags, unless_unseen
from indexer.catalog.settled import UNNAMED, settled_tag
from indexer.config.value_readers import duration
from indexer.core.digest_text import parse_digest, several
from indexer.core.errors import UsageError
from indexer.core.printable import shown
from indexer.crawl.schedule.freshness import of_namespace, of_repositories
from indexer.manifests.image_contents import parse_label
from indexer.render.records.images import FoundTag, Repository, RepositoryDay, Tag
from indexer.render.records.outdated import Outdated
from indexer.render.records.settled import Settled
from indexer.web.answer_age import freshness_record
from indexer.web.api.answers import (
    Comparison,
    Counters,
    FoundDigest,
    History,
    Repositories,
    Tags,
)
from indexer.web.api.openapi import PROBLEMS, answers
from indexer.web.api.parameters import (  # noqa: TC001 - FastAPI reads annotations
    MOST,
    After,
    Limit,
    Namespace,
    Registry,
    Repo,
    TagName,
    When,
)
from indexer.web.change_filters import LONGEST, Everything  # noqa: TC001 - FastAPI reads annotations
from indexer.web.context import browser_of, context_of, host_registry_of
from indexer.web.fuzzy_search import best
from indexer.web.repository_lookup import known
from indexer.web.responses import NotKnown, json_answer
from indexer.web.shared_digests import period_records, tag_records
from indexer.web.sorted_tags import sorted_tags
from indexer.web.time_parameters import moment_of, times_of

if TYPE_CHECKING:
    from indexer.core.catalog_entries import Period

router = APIRouter(prefix="/api/v1", responses=PROBLEMS)


@router.get("/repositories", responses=answers(Repositories), tags=["images"])
async def repositories(
    request: Request,
    registry: Registry = None,
    namespace: Namespace = None,
    after: After = "",
    limit: Limit = 100,
    label: Annotated[
        str | None,
        Query(
            max_length=LONGEST,
            description="Only those of an image with it: `NAME`, `NAME=VALUE` or `NAME=GLOB`.",
        ),
    ] = None,
) -> Response:
    """Repositories by registry and name."""
    browser, scope = browser_of(request), RepositoryScope(registry, namespace)
    wanted = parse_label(label) if label is not None else None
    host, _, name = after.partition("/")
    start = RepositoryKey(host, name) if after else None
    site = context_of(request)
    age = await site.ask(freshness_record, request, of_namespace(registry, namespace))
    found = await site.ask(browser.repositories, scope, start, limit + 1, wanted)
    page = found[:limit]
    more = f"{page[-1].registry}/{page[-1].repository}" if len(found) > limit else None
    return json_answer(request, Repositories([Repository.of(each) for each in page], more, age))


@router.get("/counters/{repository:path}", responses=answers(Counters), tags=["images"])
async def counters(
    request: Request,
    repository: Repo,
    after: After = "",
    limit: Limit = 100,
) -> Response:
    """Pulls, stars and size of a repository by the day, the oldest first; `after` is a day."""
    browser, host_registry = browser_of(request), host_registry_of(request)
    start = _day(after) if after else date.min

    def look() -> Counters:
        place = known(browser, repository, host_registry)
        age = freshness_record(request, of_repositories([place]))
        found = browser.counted(place, start, limit + 1)
        page = [RepositoryDay.of(each) for each in found[:limit]]
        more = page[-1].date if len(found) > limit else None
        return Counters(place.registry, place.repository, page, more, age)

    return json_answer(request, await context_of(request).ask(look))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError("after is not a date: write it as 2026-11-29.") from None


@router.get("/tags", responses=answers(Tags), tags=["images"])
async def tags_of_all(
    request: Request,
    tag: Annotated[
        str, Query(min_length=1, max_length=LONGEST, description="A tag, or a glob: `1.27*`.")
    ],
    registry: Registry = None,
    namespace: Namespace = None,
    after: After = "",
    limit: Limit = 100,
    *,
    everything: Everything = False,
) -> Response:
    """A tag of all repositories, by registry, repository and name."""
    browser, scope = browser_of(request), RepositoryScope(registry, namespace)

    def look() -> Tags:
        age = freshness_record(request, of_namespace(registry, namespace))
        name, _, seen = after.rpartition(":")
        host, _, path = name.partition("/")
        start = RepositoryKey(host, path) if after else None
        left, records, last = limit, list[Tag](), None
        for place in browser.with_tag(tag, scope, start, limit + 2):
            here = seen if place == start else ""
            found = browser.tags(place, here, left + 1, everything=everything, glob=tag)
            if len(found) > left or (found and left == 0):
                records += tag_records(browser, place, found[:left], None)
                return Tags(records, last if left == 0 else _cursor(records[-1]), age)
            records += tag_records(browser, place, found, None)
            left -= len(found)
            last = _cursor(records[-1]) if records else None
        return Tags(records, None, age)

    return json_answer(request, await context_of(request).ask(look))


def _cursor(record: Tag) -> str:
    return f"{record.registry}/{record.repository}:{record.tag}"


@router.get("/tags/{repository:path}", responses=answers(Tags), tags=["images"])
async def tags(
    request: Request,
    repository: Repo,
    as_of: When | None = None,
    after: After = "",
    limit: Limit = 100,
    *,
    tag: Annotated[
        str | None, Query(max_length=LONGEST, description="Only these tags: a name or a glob.")
    ] = None,
    sort: Annotated[
        TagSort | None, Query(description="The newest or greatest first; without it by name.")
    ] = None,
    everything: Everything = False,
) -> Response:
    """The tags of a repository and what each points to, or pointed to at a time."""
    site, browser, host_registry = (
        context_of(request),
        browser_of(request),
        host_registry_of(request),
    )

    def look() -> Tags:
        time = moment_of(browser, as_of, site.now()) if as_of else None
        place = known(browser, repository, host_registry)
        age = freshness_record(request, of_repositories([place]))
        if sort is not None:
            if time is not None:
                raise UsageError("sort is of the present tags: leave out as_of.")
            page, more = sorted_tags(
                browser, place, sort, after, limit, glob=tag or None, everything=everything
            )
            return Tags(tag_records(browser, place, page, None), more, age)
        found = browser.tags(place, after, limit + 1, time, everything=everything, glob=tag or None)
        page = found[:limit]
        more = page[-1].tag if len(found) > limit else None
        return Tags(tag_records(browser, place, page, time), more, age)

    return json_answer(request, await site.ask(look))


@router.get("/history/{repository:path}", responses=answers(History), tags=["images"])
async def history(
    request: Request,
    repository: Repo,
    tag: TagName = None,
    after: After = "",
    limit: Limit = 100,
    *,
    everything: Everything = False,
) -> Response:
    """Every digest that each tag had, by tag and time."""
    browser, host_registry = browser_of(request), host_registry_of(request)
    start = history_cursor(after)

    def look() -> History:
        place = known(browser, repository, host_registry)
        age = freshness_record(request, of_repositories([place]))
        name, seen = start
        is_middle = seen > 0  # then the one before says what moved
        begin, most = (name, seen - is_middle), limit + 1 + is_middle
        found = browser.history(place, tag, begin, most, everything=everything)
        before, found = (found[:1], found[1:]) if is_middle else ([], found)
        page = found[:limit]
        more = _history_next(page, start) if len(found) > limit else None
        since = browser.known_since(place)
        periods = period_records(browser, place, next(iter(before), None), page)
        return History(periods, more, since, age)

    return json_answer(request, await context_of(request).ask(look))


def history_cursor(after: str) -> tuple[str, int]:
    """Parse a cursor: a tag and how many of its periods were sent, as in `latest:3`.

    Raises:
        UsageError: it is none.
    """
    if not after:
        return "", 0
    name, colon, number = after.rpartition(":")
    if not (colon and number.isascii() and number.isdigit()):
        raise UsageError("after is not a cursor: use 'next' of the previous page.")
    return name, int(number[:9])


def _history_next(page: list[Period], start: tuple[str, int]) -> str:
    name = page[-1].tag
    told = sum(each.tag == name for each in page) + (start[1] if name == start[0] else 0)
    return f"{name}:{told}"


@router.get("/digests/{digest:path}", responses=answers(FoundDigest), tags=["images"])
async def digests(
    request: Request,
    digest: Annotated[
        str,
        Path(
            max_length=LONGEST,
            description="`sha256:…`, its first 7 or more digits, or `nginx@sha256:…` as pasted.",
            examples=["4bcff63"],
        ),
    ],
    limit: Limit = 1_000,
) -> Response:
    """The tags that lead to a digest, or ever did, of all repositories.

    The digest of one platform's image leads to the tags of the index that holds it.
    """
    browser, wanted = browser_of(request), parse_digest(digest)

    def look() -> FoundDigest:
        age = freshness_record(request)
        found = browser.find(wanted)
        if len(found) > 1:
            raise UsageError(several(wanted, found))
        for full, tags in found.items():
            shown_tags = [FoundTag.of(each) for each in tags[:limit]]
            return FoundDigest(full, shown_tags, more=len(tags) > limit, freshness=age)
        raise NotKnown(f"the index knows no tag that points or pointed to {wanted}.")

    return json_answer(request, await context_of(request).ask(look))


@router.get("/settled/{repository:path}", responses=answers(Settled), tags=["images"])
async def settled(
    request: Request,
    repository: Repo,
    least: Annotated[
        str,
        Query(alias="for", max_length=60, description="How long: `24h`, `7d`, `2w`."),
    ],
    tag: Annotated[str, Query(max_length=128, description="The tag.")] = UNNAMED,
) -> Response:
    """The newest digest that a tag kept for at least so long; 404 if there is none.

    The age counts from when a crawl first saw the tag with this digest, or from its push, as
    `age_by` says.
    """
    site, browser, host_registry = (
        context_of(request),
        browser_of(request),
        host_registry_of(request),
    )
    wanted = duration(least, "for")

    def look() -> Settled:
        place = known(browser, repository, host_registry)
        age = freshness_record(request, of_repositories([place]))
        periods = browser.tag_periods(place, tag, MOST)[::-1]
        if not periods:
            raise NotKnown(f"{shown(str(place))} never had a tag '{shown(tag)}'.")
        left_out = browser.unwatched_since(place, tag)
        unseen = browser.unseen(place, [tag])
        found = settled_tag(
            place, tag, periods, wanted, site.now(), unwatched_since=left_out, unseen=unseen
        )
        if found.found is None:
            raise NotKnown(found.sentence)
        return Settled.of(found, wanted, age)

    return json_answer(request, await site.ask(look))


@router.get("/outdated/{repository:path}", responses=answers(Outdated), tags=["images"])
async def outdated(
    request: Request,
    repository: Repo,
    tag: Annotated[str, Query(min_length=1, max_length=128, description="The tag in use.")],
) -> Response:
    """The newest tags of the same shape as a tag, by patch, minor and major version.

    They have the same prefix and suffix (`-alpine`) and as many numbers, and are pre-releases only
    if the tag is one; where none is newer, the version of the distribution and a `v` may differ.
    404 if the tag is not known and no newer one is.
    """
    browser, host_registry = browser_of(request), host_registry_of(request)

    def look() -> Outdated:
        place = known(browser, repository, host_registry)
        age = freshness_record(request, of_repositories([place]))
        names = browser.all_tag_names(place)
        look_up = partial(browser.named_tags, place)
        found = unless_unseen(
            outdated_tags(place, [tag], names, look_up)[tag], browser.unseen(place, [tag])
        )
        if found.status is Currency.UNKNOWN:
            raise NotKnown(found.sentence)
        return Outdated.of(found, age)

    return json_answer(request, await context_of(request).ask(look))


@router.get("/compare/{repository:path}", responses=answers(Comparison), tags=["images"])
async def compare(
    request: Request,
    repository: Repo,
    earlier: When = "7d",
    later: When | None = None,
    limit: Limit = 1_000,
    *,
    everything: Everything = False,
) -> Response:
    """Tags that differ between two times. Without `to`, the later time is now."""
    site, browser, host_registry = (
        context_of(request),
        browser_of(request),
        host_registry_of(request),
    )

    def look() -> Comparison:
        place = known(browser, repository, host_registry)
        age = freshness_record(request, of_repositories([place]))
        times = times_of(browser, place, (earlier, later), site.now())
        found = browser.differences(place, *times[:2], limit + 1, everything=everything)
        return Comparison(
            registry=place.registry,
            repository=place.repository,
            earlier=times.earlier,
            later=times.later,
            differences=found[:limit],
            more=len(found) > limit,
            known_since=times.known_since,
            freshness=age,
        )

    return json_answer(request, await site.ask(look))


@router.get("/search", responses=answers(Repositories), tags=["images"])
async def search(
    request: Request,
    q: Annotated[
        str,
        Query(min_length=1, max_length=LONGEST, description="A name; typing errors are tolerated."),
    ],
    limit: Limit = 20,
) -> Response:
    """Repositories by name, despite typing errors. The best matches come first."""
    site = context_of(request)
    age = await site.ask(freshness_record, request)
    found = await site.ask(best, browser_of(request), q, limit)
    return json_answer(request, Repositories([Repository.of(each) for each in found], None, age))
