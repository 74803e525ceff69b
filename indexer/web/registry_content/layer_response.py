"""Passes on the bytes of a layer while they arrive. Nothing is kept.

A client that takes nothing for a while is disconnected, since the registry waits as well.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from starlette.responses import StreamingResponse

from indexer.core.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from concurrent.futures import Executor

    from starlette.types import Receive, Scope, Send

    from indexer.manifests.ports import LayerBytes

log = logging.getLogger("indexer.web")

STALLED_SECONDS = 60.0
"""How long a client may take nothing."""


class LayerResponse(StreamingResponse):
    """A layer, or a part of it.

    Args:
        layer: the bytes.
        headers: further headers.
        pool: the threads in which they are read.
        registry: who sends them, for the log.
        stalled: how many seconds a client may take nothing.
    """

    def __init__(
        self,
        layer: LayerBytes,
        headers: Mapping[str, str],
        pool: Executor,
        registry: str,
        stalled: float = STALLED_SECONDS,
    ) -> None:
        self._layer = layer
        self._stalled = stalled
        self._pool = pool
        self._registry = registry
        told = {**headers, "Cache-Control": "no-store", "Accept-Ranges": "bytes"}
        if layer.length is not None:
            told["Content-Length"] = str(layer.length)
        if layer.content_range is not None:
            told["Content-Range"] = layer.content_range
        status = 200 if layer.content_range is None else 206
        super().__init__(self._chunks(), status, told, "application/octet-stream")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI. A layer that is cut short is not completed: the client sees that it is."""
        scope["indexer.deadline"].reschedule(None)  # it takes as long as it takes
        try:
            await super().__call__(scope, receive, send)
        except SourceError as error:
            log.warning("a layer of %s was cut short: %s", self._registry, error)
        except TimeoutError:
            log.info("a client took nothing of a layer for %g seconds", self._stalled)
        finally:
            self._layer.close()

    async def stream_response(self, send: Send) -> None:
        """See `StreamingResponse`."""

        async def patient(message: dict[str, object]) -> None:
            async with asyncio.timeout(self._stalled):
                await send(message)

        await super().stream_response(patient)  # type: ignore[arg-type] # a message is a dict

    async def _chunks(self) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        chunks = self._layer.chunks
        while chunk := await loop.run_in_executor(self._pool, next, chunks, b""):
            yield chunk
