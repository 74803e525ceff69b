"""`/healthz` and `/readyz`: for load balancers, by any host name, without a token.

They tell no name. An old index is no reason to stop serving it, so `/readyz` fails for its age only
where it is asked to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse

from indexer.config.value_readers import duration
from indexer.core.errors import StoreError
from indexer.crawl.schedule.freshness import freshness
from indexer.web.context import context_of
from indexer.web.responses import JSON, encoded

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from indexer.crawl.schedule.freshness import Freshness
    from indexer.web.context import AppContext

PATHS = frozenset({"/healthz", "/readyz"})

KEPT_SECONDS = 2.0
"""How long an answer of the index is used again, so that not each request asks the index."""


async def healthz(_: Request) -> Response:
    """Whether the server answers."""
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """Whether the index can be read, and how old it is; 503 if it is older than `max_age`."""
    site = context_of(request)
    typed = request.query_params.get("max_age")
    most = None if typed is None else duration(typed, "max_age")
    try:
        found: Freshness = await request.app.state.ages.read(site)
    except StoreError:
        return _answer(503, error="cannot read the index: see the log of the server.")
    oldest = found.last_complete_at
    seconds = None if oldest is None else max((site.now() - oldest).total_seconds(), 0.0)
    if most is not None and (seconds is None or seconds > most.total_seconds()):
        sentence = "a namespace has had no complete crawl within max_age."
        return _answer(503, seconds, len(found.stale), sentence)
    return _answer(200, seconds, len(found.stale))


def _answer(
    status: int, seconds: float | None = None, stale: int | None = None, error: str | None = None
) -> Response:
    content = {"ready": status == 200, "seconds_since_crawl": seconds, "namespaces_stale": stale}  # noqa: PLR2004 - HTTP's number
    return PlainTextResponse(
        encoded(content | ({"error": error} if error else {})), status, media_type=JSON
    )


class Ages:
    """When each namespace was last crawled completely, asked at most every few seconds."""

    def __init__(self) -> None:
        self._asked_at: float | None = None
        self._found: Freshness | None = None

    async def read(self, site: AppContext) -> Freshness:
        """How fresh the whole index is.

        Raises:
            StoreError: it cannot be read.
        """
        now = site.clock.monotonic()
        is_old = self._asked_at is None or now - self._asked_at >= KEPT_SECONDS
        if self._found is None or is_old:
            ages = await site.ask(site.everything.ages, site.now())
            self._found = freshness(ages, site.timetables, site.now(), None)
            self._asked_at = now
        return self._found
