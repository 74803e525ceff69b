"""Runs the HTTP server until a signal stops it.

On SIGTERM and SIGINT it accepts no new requests, ends streams, and finishes answers that have
begun.
"""

from __future__ import annotations

import logging
import socket
import sys
from typing import TYPE_CHECKING, Any

import uvicorn

from indexer.core.errors import UsageError
from indexer.core.printable import shown
from indexer.web.app import application
from indexer.web.protocol import request_head
from indexer.web.protocol.patience import Patient

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.web.context import AppContext

log = logging.getLogger("indexer.web")

MOST_CONNECTIONS = 500
"""The most connections at the same time; more get 503."""

KEEP_ALIVE_SECONDS = 20
DRAIN_SECONDS = 10
"""How long answers that have begun may take after a signal."""

BACKLOG = 512

SWITCH_SECONDS = 0.0005
"""After how long a thread that computes lets another one compute; Python's own 5 ms are long for an
answer that takes one, and hands from thread to thread several times."""


class Server(uvicorn.Server):
    """Ends streams before it waits for connections, and exits without raising the signal again.

    Args:
        site: the site to serve.
        ready: called as soon as requests are answered.
    """

    def __init__(self, site: AppContext, ready: Callable[[], None]) -> None:
        super().__init__(_config(site))
        self._site = site
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn."""
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn."""
        log.info("stopping: finishing the running requests.")
        await self._site.watcher.close()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: Any) -> None:
        """See uvicorn. Without this it would raise the signal again at the end."""
        super().handle_exit(sig, frame)
        self._captured_signals.clear()


def listen(host: str, port: int) -> socket.socket:
    """Open a listening socket. Done first, so that a wrong address is reported at once.

    Raises:
        UsageError: the address cannot be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Accepted sockets inherit this. Head and body are sent separately; without it the body
        # waits until the client acknowledges the head, which clients delay by 40 ms.
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.bind((host, port))
        made.listen(BACKLOG)
    except OSError as error:
        made.close()
        why = (error.strerror or "it cannot be used").lower()
        raise UsageError(
            f"cannot listen on {shown(host)} port {port}: {why}; choose another with --host or "
            "--port."
        ) from None
    return made


def _config(site: AppContext) -> uvicorn.Config:
    for name in ("uvicorn.error", "uvicorn.asgi"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # we log what matters ourselves
    return uvicorn.Config(
        application(site),
        http=Patient,
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        h11_max_incomplete_event_size=request_head.MOST_BYTES,
        backlog=BACKLOG,
    )


def serve(site: AppContext, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Answer requests until a signal stops the server.

    Args:
        site: the site to serve.
        listener: from `listen`; it is closed at the end.
        ready: called as soon as requests are answered.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    Server(site, ready).run(sockets=[listener])
