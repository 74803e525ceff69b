"""Lets pages of other sites read what programs read, where the configuration names the site (CORS).

A script of another site sends a token itself, as any program does. A browser never sends our cookie
with its requests: credentials are not allowed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from typing import Any

ANYBODY = "*"

PATHS = ("/api/", "/v2", "/feed.", "/token", "/metrics")
"""Beginnings of the paths that are for programs; pages are for people who visit us."""

EXPOSED = (
    b"ETag, Link, Retry-After, WWW-Authenticate, Docker-Content-Digest, "
    b"Docker-Distribution-API-Version, OCI-Filters-Applied"
)
ACCEPTED = b"Authorization, Content-Type, If-None-Match, Last-Event-ID"
KEPT_SECONDS = b"600"

Headers = list[tuple[bytes, bytes]]


def of_answer(scope: Mapping[str, Any], allowed: Collection[str]) -> Headers:
    """The headers that let the site which asks read an answer; none if it may not.

    Args:
        scope: of the request.
        allowed: origins such as `https://dashboard.example.com`, or `*`.
    """
    origin = next((value for name, value in scope["headers"] if name == b"origin"), None)
    if origin is None or not scope["path"].startswith(PATHS):
        return []
    if ANYBODY in allowed:
        origin = ANYBODY.encode()
    elif origin.decode("latin-1") not in allowed:
        return []
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-expose-headers", EXPOSED),
    ]


def is_preflight(scope: Mapping[str, Any]) -> bool:
    """Whether a browser asks what a script of another site may send."""
    names = {name for name, _ in scope["headers"]}
    return scope["method"] == "OPTIONS" and b"access-control-request-method" in names


def of_preflight(methods: Iterable[str]) -> Headers:
    """The further headers of the answer to such a question.

    Args:
        methods: that the path has.
    """
    return [
        (b"access-control-allow-methods", ", ".join(methods).encode()),
        (b"access-control-allow-headers", ACCEPTED),
        (b"access-control-max-age", KEPT_SECONDS),
    ]
