"""Sockets and threads: one thread accepts, and each connection has its own."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

from indexer.hub_simulator.http import BadRequest, Reader
from indexer.hub_simulator.hub_refusals import refused
from indexer.hub_simulator.response_delivery import Gate, deliver

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.hub_simulator.http import Request
    from indexer.hub_simulator.response_delivery import ResponseDelivery

HOST = "127.0.0.1"
BACKLOG = 128
STOP_SECONDS = 10.0
"""Seconds after which a thread notices at the latest that it has to end."""


class SocketServer:
    """Receives requests on loopback and sends the deliveries.

    Attributes:
        gate: where deliveries pause.

    Args:
        handle: returns the delivery for a request; called from many threads.
        port: to listen on; 0 chooses a free one, which is used again after a restart.
    """

    def __init__(self, handle: Callable[[Request], ResponseDelivery], port: int) -> None:
        self.gate = Gate()
        self._handle = handle
        self._port = port
        self._socket: socket.socket | None = None
        self._acceptor: threading.Thread | None = None
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return HOST, self._port

    @property
    def is_open(self) -> bool:
        """Whether it listens."""
        return self._socket is not None

    def start(self) -> None:
        """Listen."""
        self.gate = Gate()
        self._socket = socket.create_server((HOST, self._port), backlog=BACKLOG)
        self._port = self._socket.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, args=(self._socket,), daemon=True)
        self._acceptor.start()

    def stop(self) -> None:
        """End all connections and threads."""
        self.gate.release(for_ever=True)
        listening, self._socket = self._socket, None
        if listening is not None and self._acceptor is not None:
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            self._acceptor.join(STOP_SECONDS)
            listening.close()
        with self._lock:
            connections = dict(self._connections)
            for connection in connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in connections.values():
            thread.join(STOP_SECONDS)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            with self._lock:
                self._connections[connection] = thread
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, contextlib.suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._converse(connection)
        finally:
            with self._lock:
                self._connections.pop(connection, None)

    def _converse(self, connection: socket.socket) -> None:
        reader = Reader(connection)
        while True:
            try:
                request = reader.request()
            except BadRequest as problem:
                connection.sendall(refused(400, str(problem)).head(closes=True))
                return
            if request is None:
                return
            delivery = self._handle(request)
            is_head = request.method == "HEAD"
            if not deliver(delivery, connection, self.gate, head_only=is_head):
                return
            if not request.keeps_alive:
                return
