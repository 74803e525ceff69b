"""`/api/v1/changes`: the change log after a cursor: at once, as a long poll, or as a stream.

The cursor is the number of a change. Numbers become visible in their order, so a client that
continues after a number misses nothing.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import msgspec
from fastapi import APIRouter, Depends, Header, Query, Request  # noqa: TC002 - FastAPI reads annotations
from starlette.responses import Response, StreamingResponse  # noqa: TC002 - the same

from indexer.core.errors import IndexerError, UsageError
from indexer.crawl.schedule.freshness import of_changes
from indexer.render.freshness import record
from indexer.web.answer_age import freshness_of
from indexer.web.api.answers import Changes
from indexer.web.api.openapi import PROBLEMS, answers
from indexer.web.api.parameters import LARGEST, Limit  # noqa: TC001 - the same
from indexer.web.change_filters import ChangeFilters, from_api
from indexer.web.context import browser_of, context_of
from indexer.web.responses import json_answer, problem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from datetime import datetime

    from indexer.core.catalog_entries import ChangeFilter
    from indexer.core.model import Change
    from indexer.crawl.schedule.freshness import Freshness
    from indexer.store.catalog.browser import Browser
    from indexer.web.context import AppContext

MOST_STREAMS = 64
"""How many clients may wait for changes at the same time."""

LONGEST_WAIT = 55
"""Seconds; proxies give up after a minute."""

HEARTBEAT_SECONDS = 15.0
"""A stream without changes sends a comment after this time, so that proxies keep it open."""

PAGE = 200
"""Changes that a stream reads at a time."""

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["changes"])

_Filters = Annotated[ChangeFilters, Depends(from_api)]
_After = Annotated[
    int | None,
    Query(ge=0, le=LARGEST, description="Only what follows the change with this number."),
]


@contextmanager
def _waiting(site: AppContext) -> Iterator[bool]:
    """Take one of the places for waiting clients; False if none is free."""
    if site.requests.streams >= MOST_STREAMS:
        yield False
        return
    site.requests.streams += 1
    try:
        yield True
    finally:
        site.requests.streams -= 1


def _full() -> Response:
    return problem(503, f"{MOST_STREAMS} clients wait already: try later.", {"Retry-After": "30"})


class _Follower:
    """Reads the changes after a number."""

    def __init__(
        self, site: AppContext, browser: Browser, wanted: ChangeFilter, after: int
    ) -> None:
        self._site = site
        self._browser = browser
        self._wanted = wanted
        self.after = after

    async def read(self, limit: int) -> tuple[list[Change], bool]:
        """The next changes, and whether there are more. Skips changes that the filter excludes."""
        return await self._site.ask(self._read, limit)

    def _read(self, limit: int) -> tuple[list[Change], bool]:
        # Asked first: what is committed meanwhile is found, and not skipped.
        last = self._browser.last_change()
        found, until = self._browser.changes(self._wanted, self.after, limit + 1)
        page = found[:limit]
        if len(found) > limit:
            self.after, more = page[-1].id, True
        elif until is not None:
            self.after, more = until, True
        else:
            self.after, more = max([self.after, last, *(c.id for c in page[-1:])]), False
        return page, more


@router.get("/changes", responses=answers(Changes))
async def changes(
    request: Request,
    filters: _Filters,
    after: _After = None,
    limit: Limit = 100,
    wait: Annotated[
        int,
        Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait for a change if there is none."),
    ] = 0,
    *,
    newest_first: Annotated[
        bool, Query(description="Newest first; continue with `before` set to `next`.")
    ] = False,
    before: Annotated[
        int | None,
        Query(ge=1, le=LARGEST, description="With `newest_first`: only what precedes this change."),
    ] = None,
) -> Response:
    """Changes, oldest first, or newest first.

    Start with a time (`changed_since`) or a number (`after`), and continue with `after` set to
    `next`. If the filter matches few changes of a long log, a page may be short or empty although
    more follow: then `more` is true. With `wait` the answer comes as soon as there is a change, or
    empty after that time.
    """
    site = context_of(request)
    wanted = filters.wanted(site.now())
    age = await site.ask(freshness_of, request, of_changes(wanted))
    if newest_first:
        return await _newest(request, wanted, before, limit, age)
    if before is not None:
        raise UsageError("before needs newest_first=true; oldest first, use after.")
    follower = _Follower(site, browser_of(request), wanted, after or 0)
    found, more = await follower.read(limit)
    if wait and not found and not more:
        with _waiting(site) as may_wait:
            if not may_wait:
                return _full()
            end = site.clock.monotonic() + wait
            while not (found or more) and (left := end - site.clock.monotonic()) > 0:
                if not await site.watcher.beyond(follower.after, left):
                    break
                found, more = await follower.read(limit)
    answer = Changes(found, follower.after, more, _known_since(wanted, age), record(age))
    return json_answer(request, answer)


async def _newest(
    request: Request, wanted: ChangeFilter, before: int | None, limit: int, age: Freshness
) -> Response:
    """A page of changes, newest first; `next` is the number before which the next one starts."""
    found, until = await context_of(request).ask(
        browser_of(request).newest, wanted, before, limit + 1
    )
    page = found[:limit]
    more = len(found) > limit or until is not None
    following = page[-1].id if len(found) > limit else until or 0
    return json_answer(
        request, Changes(page, following, more, _known_since(wanted, age), record(age))
    )


def _known_since(wanted: ChangeFilter, age: Freshness) -> datetime | None:
    """Since when what was asked about is known, if that is later than was asked for."""
    late = age.unknown_at(wanted.since) if wanted.since else []
    return max((each.began_at for each in late if each.began_at), default=None)


@router.get(
    "/changes/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def events(
    request: Request,
    filters: _Filters,
    after: _After = None,
    last_event_id: Annotated[
        str, Header(max_length=30, description="Sent by a browser when it reconnects.")
    ] = "",
) -> Response:
    """Changes as server-sent events, when they are recorded.

    Each event is named `change`; its id is the number of the change, its data is the change.
    The stream starts after `Last-Event-ID`, after `after`, at `changed_since`, or now.
    """
    site, browser = context_of(request), browser_of(request)
    if site.requests.streams >= MOST_STREAMS:
        return _full()
    wanted = filters.wanted(site.now())
    await site.ask(browser.check_changes, wanted)  # once the stream has begun, nobody reads why
    if last_event_id.isascii() and last_event_id.isdigit():
        after = min(int(last_event_id), LARGEST)
    if after is None:
        is_dated = filters.changed_since is not None
        after = 0 if is_dated else await site.ask(browser.last_change)
    follower = _Follower(site, browser, wanted, after)
    return StreamingResponse(
        _stream(site, follower),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _stream(site: AppContext, follower: _Follower) -> AsyncIterator[bytes]:
    with _waiting(site) as may_wait:
        yield b"retry: 5000\n\n"
        while may_wait and not site.watcher.is_closing:
            try:
                found, more = await follower.read(PAGE)
            except IndexerError:
                return  # the client comes back, and goes on after the last number
            for each in found:
                data = msgspec.json.encode(each)
                yield b"id: %d\nevent: change\ndata: %b\n\n" % (each.id, data)
            if not more and not await site.watcher.beyond(follower.after, HEARTBEAT_SECONDS):
                yield b": still here\n\n"
