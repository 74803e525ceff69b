"""Makes answers: with an `ETag`, in JSON, and for errors."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec
from starlette.responses import Response

from indexer.core.errors import StoreError, UsageError
from indexer.web.api.answers import Problem
from indexer.web.context import context_of, sees_private
from indexer.web.protocol.compression import plain_etag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from indexer.core.errors import IndexerError

_encode = msgspec.json.Encoder().encode

JSON = "application/json"


def tagged(
    request: Request,
    body: bytes,
    media_type: str,
    headers: Mapping[str, str] | None = None,
    *,
    seconds: int = 0,
) -> Response:
    """An answer with an `ETag`; 304 without a body if the client already has it.

    Args:
        request: its `If-None-Match` tells which answer the client has.
        body: the content of the answer.
        media_type: of the body.
        headers: further headers.
        seconds: how long caches may use it without asking again; 0: they must ask.
    """
    tag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
    access = "private" if sees_private(request) or context_of(request).rules.closed else "public"
    lasting = f"max-age={seconds}" if seconds else "no-cache"
    common = {
        "ETag": tag,
        "Cache-Control": f"{access}, {lasting}",
        **(headers or {}),
    }
    held = _held(request, tag)
    if held is not None:
        return Response(status_code=304, headers=common | {"ETag": held})
    return Response(body, media_type=media_type, headers=common)


def json_answer(
    request: Request, content: object, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer in JSON. `content` is anything that msgspec encodes."""
    return tagged(request, _encode(content), JSON, headers)


def encoded(content: object) -> bytes:
    """Anything that msgspec encodes, as JSON."""
    return _encode(content)


def problem(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    """An error as JSON, with a sentence that says what is wrong."""
    return Response(
        _encode(Problem(sentence)),
        status_code=status,
        media_type=JSON,
        headers=dict(headers or {}),
    )


def status_of(error: IndexerError) -> int:
    """The HTTP status for an error: 404, 400, 503 or 500."""
    if isinstance(error, NotKnown):
        return 404
    if isinstance(error, UsageError):
        return 400
    return 503 if isinstance(error, StoreError) else 500


class NotKnown(UsageError):
    """The requested thing is not in the index, or the client may not see it."""


class SeveralKnown(NotKnown):
    """A name that is not enough: the index has several things of it that the client may see."""


def _held(request: Request, tag: str) -> str | None:
    """The `ETag` of what the client has already, in whatever coding; None: it has not."""
    given = request.headers.get("if-none-match")
    if given is None:
        return None
    for each in map(str.strip, given.split(",")):
        if each == "*":
            return tag
        if plain_etag(each) == tag:
            return each
    return None
