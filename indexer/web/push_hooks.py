"""`/hooks/…`: notifications of pushes from registries. They are hints; nothing in them is trusted.

A repository that a hint names is due at once: a daemon crawls it, or else the next crawl reads it
from the registry. So a client that knows the secret can cause a crawl, but cannot write to the
index. What notifications look like is in `indexer.web.hook_formats`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from indexer.core.errors import UsageError
from indexer.core.hub_names import canonical_registry
from indexer.core.reference import is_registry
from indexer.web.access.wrong_credentials import refusal
from indexer.web.context import context_of
from indexer.web.responses import json_answer, problem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from indexer.web.hook_formats import Read

MOST_BYTES = 256 * 1024
"""The most bytes of a notification; those of Docker Hub have some 2,000."""

SLOWEST_SECONDS = 10.0
"""How long a notification may take to arrive."""

PER_MINUTE = 120
"""The most notifications accepted in a minute; the next crawl finds what the others announced."""


class Bucket:
    """A token bucket: allows `per_minute` calls in a minute, and as many at once.

    Args:
        per_minute: how many calls are allowed.
    """

    def __init__(self, per_minute: int = PER_MINUTE) -> None:
        self._size = float(per_minute)
        self._left = self._size
        self._seen: float | None = None

    def take(self, now: float) -> bool:
        """Take one token; False if none is left. `now` is a monotonic time in seconds."""
        if self._seen is not None:
            self._left = min(self._left + (now - self._seen) * self._size / 60, self._size)
        self._seen = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def receiver(read: Read) -> Callable[[Request], Awaitable[Response]]:
    """The handler for the notifications that `read` understands.

    `?registry=` names the registry if the notifications do not, or name another.
    """

    async def receive(request: Request) -> Response:
        named = request.query_params.get("registry")
        if named is not None and not is_registry(named):
            return problem(
                400, "registry must be the host of a registry, such as 'registry.example.com'."
            )
        return await _take(request, read, named and canonical_registry(named))

    return receive


async def _take(request: Request, read: Read, named: str | None) -> Response:
    site = context_of(request)
    secret = request.path_params["secret"]
    user = site.rules.hook_of(secret)
    seconds = site.wrong_credentials.seconds_to_wait(
        request.scope, site.clock.monotonic(), is_right=user is not None, secret=secret
    )
    if seconds:
        return problem(429, *refusal(seconds))
    request.scope["indexer.user"] = user
    if user is None:
        return problem(404, "there is no such hook.")
    bucket: Bucket = request.app.state.bucket
    if not bucket.take(site.clock.monotonic()):
        return problem(429, "too many notifications: try later.", {"Retry-After": "60"})
    try:
        body = await asyncio.wait_for(request.body(), SLOWEST_SECONDS)
        hinted = read(body, named)
    except (UsageError, TimeoutError) as error:
        return problem(400, str(error) or "the notification did not arrive in time.")
    except msgspec.MsgspecError:
        return problem(400, "expected a notification of a registry in JSON.")
    for host, names in hinted.items():
        await site.tell(site.hints.hint, host, sorted(names))
    # How many of them the index knows would tell who has only the secret what is there.
    return json_answer(request, {"accepted": sum(map(len, hinted.values()))})
