"""`POST /api/v1/check` and `/api/v1/outdated`: what the commands say of the images in a file."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Request  # noqa: TC002 - FastAPI reads annotations
from starlette.responses import Response  # noqa: TC002 - the same

from indexer.catalog.outdated import Currency
from indexer.config.value_readers import duration
from indexer.core.errors import UsageError
from indexer.crawl.schedule.freshness import of_repositories
from indexer.pins import file_kinds
from indexer.pins.check import check as judge
from indexer.pins.min_age import MinAge
from indexer.pins.outdated import outdated as compare
from indexer.render.records.outdated import OutdatedImage
from indexer.render.records.pins import CheckedPin
from indexer.web.answer_age import freshness_record
from indexer.web.api import isolated_file
from indexer.web.api.answers import Checked, OutdatedImages, Problem
from indexer.web.api.openapi import PROBLEMS, answer_of, answers
from indexer.web.audience_lookup import AudienceLookup
from indexer.web.change_filters import LONGEST
from indexer.web.context import browser_of, context_of
from indexer.web.responses import json_answer, problem

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

MOST_BYTES = 1024 * 1024
"""The most bytes of a file; `indexer.web.middleware` refuses more."""

MOST_IMAGES = 1_000
"""The most images of a file: each takes some milliseconds."""

MOST_VALUES = 100
"""The most values for variables."""

SLOWEST_SECONDS = 10.0
"""How long a file may take to arrive."""

MOST_AT_ONCE = 2
"""How many files are read at the same time: pages and programs share the other threads."""

MOST_WAITING = 16
"""How many files may wait for their turn."""

router = APIRouter(prefix="/api/v1", responses=PROBLEMS)

Kind = StrEnum("Kind", [(each.name, each.name) for each in file_kinds.KINDS])  # type: ignore[misc]
"""The kinds of files that are known, by name."""

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": f"The file, in UTF-8: at most {MOST_BYTES:,} bytes and {MOST_IMAGES:,} "
        "images.",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }
}
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    413: answer_of(Problem, "The file is too large."),
}

_Name = Annotated[
    str,
    Query(
        min_length=1,
        max_length=LONGEST,
        description="The file's name, which tells its kind: `compose.yaml`, `Dockerfile`.",
    ),
]
_Kind = Annotated[
    Kind | None, Query(alias="as", description="The file's kind; without it that is found out.")
]
_Values = Annotated[
    list[str],
    Query(
        alias="set",
        max_length=MOST_VALUES,
        description="The value of a variable, `NAME=VALUE`; may be repeated.",
    ),
]


@router.post(
    "/check", responses={**answers(Checked), **_PROBLEMS}, tags=["images"], openapi_extra=_BODY
)
async def check(
    request: Request,
    name: _Name = "file",
    kind: _Kind = None,
    values: _Values = [],  # noqa: B006 - FastAPI never changes it
    min_age: Annotated[
        str | None, Query(max_length=60, description="Fail digests that are younger: `7d`.")
    ] = None,
    *,
    strict: Annotated[bool, Query(description="Images that are not pinned fail too.")] = False,
) -> Response:
    """Whether the images in a file still are what they are pinned to: the verdicts of `check`.

    The body is the file. `passed` says whether `indexer check` would exit with 0. What the client
    may not see is `unknown`.
    """
    site, lookup = context_of(request), AudienceLookup(browser_of(request))
    wanted = MinAge(duration(min_age, "min_age"), site.now()) if min_age else None
    given = _pairs(values)

    def look(content: bytes) -> Checked:
        found = isolated_file.images(name, content, given, kind and kind.value, MOST_IMAGES)
        verdicts = list(judge(lookup, found.pins, wanted))
        places = {
            (each.registry, one)
            for each in verdicts
            if each.registry and each.pin.reference
            for one in each.pin.reference.names
        }
        age = freshness_record(request, of_repositories(places))
        failed = any(
            each.verdict.is_failure or (strict and not each.verdict.is_answer) for each in verdicts
        )
        records = [CheckedPin.of(each) for each in verdicts]
        return Checked(records, found.refused, not (failed or found.refused), age)

    return await _answer(request, look)


@router.post(
    "/outdated",
    responses={**answers(OutdatedImages), **_PROBLEMS},
    tags=["images"],
    openapi_extra=_BODY,
)
async def outdated_images(
    request: Request,
    name: _Name = "file",
    kind: _Kind = None,
    values: _Values = [],  # noqa: B006 - FastAPI never changes it
) -> Response:
    """Newer versions of the images in a file, as `indexer outdated` finds them.

    The body is the file.
    """
    lookup, given = AudienceLookup(browser_of(request)), _pairs(values)

    def look(content: bytes) -> OutdatedImages:
        found = isolated_file.images(name, content, given, kind and kind.value, MOST_IMAGES)
        images = compare(lookup, found.pins)
        places = {
            (each.found.registry, each.found.repository)
            for each in images
            if each.found.registry and each.found.repository
        }
        age = freshness_record(request, of_repositories(places))
        fine = {Currency.CURRENT, Currency.UNVERSIONED}
        passed = not found.refused and all(each.found.status in fine for each in images)
        records = [OutdatedImage.of(each) for each in images]
        return OutdatedImages(records, found.refused, passed, age)

    return await _answer(request, look)


class Turns:
    """Lets a few files be read at the same time, and a few wait."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(MOST_AT_ONCE)
        self._waiting = 0

    async def take(self, work: Callable[[], Any]) -> Any:
        """Do the work when it is its turn; None: too many wait already."""
        if self._waiting >= MOST_WAITING:
            return None
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        task = asyncio.ensure_future(work())
        # A thread goes on after its request has timed out: the turn ends with the thread.
        task.add_done_callback(lambda _: self._free.release())
        return await asyncio.shield(task)


async def _answer(request: Request, look: Callable[[bytes], object]) -> Response:
    """Read the body, and answer from it in a thread."""
    try:
        content = await asyncio.wait_for(request.body(), SLOWEST_SECONDS)
    except TimeoutError:
        return problem(400, "the file did not arrive in time.")
    site, turns = context_of(request), request.app.state.turns
    answer = await turns.take(lambda: site.ask(look, content))
    if answer is None:
        return problem(503, "too many files are being checked: try later.", {"Retry-After": "10"})
    return json_answer(request, answer)


def _pairs(values: list[str]) -> dict[str, str]:
    """Values of variables, by name.

    Raises:
        UsageError: one is not NAME=VALUE, or too long.
    """
    pairs = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not (name and equals) or len(text) > LONGEST:
            raise UsageError(
                f"set takes NAME=VALUE of at most {LONGEST} characters, as 'VERSION=1.27'."
            )
        pairs[name] = value
    return pairs
