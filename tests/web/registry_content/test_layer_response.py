"""A layer on its way to a client that takes nothing."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from indexer.core.daemon_executor import DaemonExecutor
from indexer.manifests.ports import LayerBytes
from indexer.web.registry_content.layer_response import LayerResponse

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    import pytest


def test_a_client_that_takes_nothing_is_left_and_the_registry_too(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "indexer.web")
    closed: list[int] = []
    layer = LayerBytes(chunks=iter([b"one", b"two"]), length=6, close=lambda: closed.append(1))
    sent: list[str] = []

    async def play() -> None:
        never = asyncio.Event()

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message["type"])
            if message["type"] == "http.response.body":
                await never.wait()

        async def receive() -> MutableMapping[str, Any]:
            await never.wait()
            return {}

        pool = DaemonExecutor(1, "layer")
        response = LayerResponse(layer, {}, pool, "registry.test", stalled=0)
        async with asyncio.timeout(None) as deadline:
            scope = {"type": "http", "indexer.deadline": deadline}
            await response(scope, receive, send)
        pool.shutdown()

    asyncio.run(play())
    assert (sent, closed) == (["http.response.start", "http.response.body"], [1])
    assert "took nothing" in caplog.text
