"""`/hooks/…`: notifications of pushes from registries. They are hints; nothing in them is trusted.

A repository that a hint names is due at once: the next crawl reads it from the registry. So a
client that knows the secret can cause a crawl, but cannot write to the index.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from indexer.core.errors import UsageError
from indexer.core.hub_names import canonical_registry
from indexer.core.reference import DOCKER_HUB, is_registry, is_repository, parse_reference
from indexer.web.context import context_of
from indexer.web.responses import json_answer, problem

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

MOST_BYTES = 256 * 1024
"""The most bytes of a notification; those of Docker Hub have some 2,000."""

MOST_EVENTS = 200
"""The most events read of one notification; a registry sends queued events together."""

SLOWEST_SECONDS = 10.0
"""How long a notification may take to arrive."""

PER_MINUTE = 120
"""The most notifications accepted in a minute; the next crawl finds what the others announced."""


class _HubRepository(msgspec.Struct):
    repo_name: Annotated[str, msgspec.Meta(max_length=300)]


class _HubNotice(msgspec.Struct):
    """The part of a notification of Docker Hub that is used."""

    repository: _HubRepository


class _Target(msgspec.Struct):
    repository: str = ""


class _Asked(msgspec.Struct):
    host: str = ""


class _Event(msgspec.Struct):
    action: str = ""
    target: _Target = msgspec.field(default_factory=_Target)
    request: _Asked = msgspec.field(default_factory=_Asked)


class _Notice(msgspec.Struct):
    """The part of a notification of a distribution registry that is used."""

    events: list[_Event]


_hub = msgspec.json.Decoder(_HubNotice)
_distribution = msgspec.json.Decoder(_Notice)


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


async def dockerhub(request: Request) -> Response:
    """A webhook of Docker Hub."""
    return await _take(request, _from_hub)


async def registry(request: Request) -> Response:
    """A notification of a distribution registry; `?registry=` names it if the events do not."""
    named = request.query_params.get("registry")
    if named is not None and not is_registry(named):
        return problem(
            400, "registry must be the host of a registry, such as 'registry.example.com'."
        )
    host = named and canonical_registry(named)
    return await _take(request, lambda body: _from_registry(body, host))


async def _take(request: Request, read: Any) -> Response:
    site = context_of(request)
    user = site.rules.hook_of(request.path_params["secret"])
    request.scope["indexer.user"] = user
    if user is None:
        return problem(404, "there is no such hook.")
    bucket: Bucket = request.app.state.bucket
    if not bucket.take(site.clock.monotonic()):
        return problem(429, "too many notifications: try later.", {"Retry-After": "60"})
    try:
        body = await asyncio.wait_for(request.body(), SLOWEST_SECONDS)
        hinted: list[tuple[str | None, list[str]]] = read(body)
    except (UsageError, TimeoutError) as error:
        return problem(400, str(error) or "the notification did not arrive in time.")
    except msgspec.MsgspecError:
        return problem(400, "expected a notification of a registry in JSON.")
    due = 0
    for host, names in hinted:
        due += await site.tell(site.hints.hint, host, names)
    return json_answer(request, {"due": due})


def _from_hub(body: bytes) -> list[tuple[str | None, list[str]]]:
    reference = parse_reference(_hub.decode(body).repository.repo_name)
    return [(DOCKER_HUB, [reference.repository])]


def _from_registry(body: bytes, named: str | None) -> list[tuple[str | None, list[str]]]:
    """The repositories with a push or a deletion, by registry."""
    found: dict[str | None, set[str]] = {}
    for event in _distribution.decode(body).events[:MOST_EVENTS]:
        name = event.target.repository
        if event.action in {"push", "delete"} and is_repository(name):
            host = event.request.host if is_registry(event.request.host) else None
            found.setdefault(named or host, set()).add(name)
    return [(host, sorted(names)) for host, names in found.items()]
