"""Compresses answers for clients that accept it: by zstd where Python has it, else by gzip.

Only texts of at least a kilobyte, and no streams. What is addressed by its digest, manifests and
configurations, is sent as it is. An `ETag` names one coding of an answer and ends with its name;
`plain_etag` leaves that out, so that a client which has any coding of the same answer is told so.
Pages with private names echo what was typed, but other sites cannot make a browser send its cookie,
so they learn nothing from lengths.
"""

from __future__ import annotations

import asyncio
import importlib
import re
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping
    from types import ModuleType

    from starlette.types import ASGIApp, Receive, Scope, Send

LEAST_BYTES = 1_024
"""Shorter answers fit into one packet anyway."""

MOST_BYTES_AT_ONCE = 64 * 1_024
"""Longer answers are compressed in a thread: a megabyte takes about 20 ms."""

GZIP_LEVEL = 4
ZSTD_LEVEL = 3

TYPES = frozenset({
    b"application/json", b"application/atom+xml", b"application/feed+json", b"image/svg+xml",
    b"application/openmetrics-text", b"text/html", b"text/css", b"text/plain",
})  # fmt: skip
"""The media types that are compressed: texts, and neither manifests nor event streams."""

_GZIP_WINDOW = 31
"""The largest window, in gzip's format (zlib's `wbits`)."""

_SUFFIX = re.compile(r"-(?:gzip|zstd)\"$")


def _gzip(body: bytes) -> bytes:
    made = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
    return made.compress(body) + made.flush()


def _zstd_module() -> ModuleType | None:
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


def _codings() -> dict[str, Callable[[bytes], bytes]]:
    """The codings that there are, the best first."""
    found: dict[str, Callable[[bytes], bytes]] = {}
    module = _zstd_module()
    if module is not None:
        found["zstd"] = lambda body: bytes(module.compress(body, ZSTD_LEVEL))
    return found | {"gzip": _gzip}


CODINGS = _codings()


def chosen(accepted: str) -> str | None:
    """The coding for an `Accept-Encoding` header (RFC 9110, section 12.5.3); None: none.

    Of those that the client likes best the first of ours is taken; one with the weight 0 never.
    """
    weights: dict[str, float] = {}
    for part in accepted.lower().split(","):
        name, _, parameter = part.partition(";")
        key, _, value = parameter.strip().partition("=")
        weights[name.strip()] = _weight(value) if key.strip() == "q" else 1.0
    liked = {name: weights.get(name, weights.get("*", 0.0)) for name in CODINGS}
    best = max(liked, key=liked.__getitem__)
    return best if liked[best] > 0 else None


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def plain_etag(tag: str) -> str:
    """An `ETag` without what a coding, or weak comparison, adds to it."""
    return _SUFFIX.sub('"', tag.strip().removeprefix("W/"))


class CompressionMiddleware:
    """Compresses what the application answers.

    Args:
        app: the application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        accepted = b""
        if scope["type"] == "http":
            accepted = b",".join(v for k, v in scope["headers"] if k == b"accept-encoding")
        coding = chosen(accepted.decode("latin-1")) if accepted else None
        if coding is None:
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, _Compressed(send, coding).send)


class _Compressed:
    """Compresses one answer, if it is worth it."""

    def __init__(self, send: Send, coding: str) -> None:
        self._send = send
        self._coding = coding
        self._start: MutableMapping[str, Any] | None = None

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            if _is_text(message["headers"]):
                self._start = message  # the body decides
                return
        elif self._start is not None:
            start, self._start = self._start, None
            body: bytes = message.get("body", b"")
            if not message.get("more_body", False) and len(body) >= LEAST_BYTES:
                body = await self._compressed(body)
                message["body"] = body
                start["headers"] = self._changed(start["headers"], len(body))
            await self._send(start)
        await self._send(message)

    async def _compressed(self, body: bytes) -> bytes:
        compress = CODINGS[self._coding]
        if len(body) <= MOST_BYTES_AT_ONCE:
            return compress(body)
        return await asyncio.to_thread(compress, body)

    def _changed(
        self, headers: list[tuple[bytes, bytes]], length: int
    ) -> list[tuple[bytes, bytes]]:
        """The headers of the compressed answer."""
        suffix = f'-{self._coding}"'.encode()
        changed = [(b"content-encoding", self._coding.encode())]
        for name, value in headers:
            if name == b"content-length":
                changed.append((name, b"%d" % length))
            elif name == b"etag":
                changed.append((name, value.removesuffix(b'"') + suffix))
            else:
                changed.append((name, value))
        return changed


def _is_text(headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether an answer is a text that is not compressed yet."""
    is_text = False
    for name, value in headers:
        if name == b"content-encoding":
            return False
        if name == b"content-type":
            is_text = value.partition(b";")[0].strip().lower() in TYPES
    return is_text
