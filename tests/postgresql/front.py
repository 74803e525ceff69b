"""A front of the embedded server, which listens on a socket only: TCP, with TLS or without."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

_ASKS_FOR_TLS = bytes.fromhex("0000000804d2162f")
"""How a client begins that wants TLS (PostgreSQL's manual, 55.2.10)."""


class Front:
    """Passes bytes between TCP and the server's socket.

    Args:
        server: the folder of its socket.
        certificate: a PEM file with a key; None: TLS is not spoken.
    """

    def __init__(self, server: str, certificate: Path | None = None) -> None:
        self._server = f"{server}/.s.PGSQL.5432"
        self._tls: ssl.SSLContext | None = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._open: list[socket.socket] = []
        self.swallows: bytes | None = None
        """What a client sends whose answer never comes, but the end of its connection; once."""
        self.stops_then = False
        """Whether the server goes away at that moment, with all other connections."""
        self.spoke_tls = 0
        self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Go away, as a server that is restarted: with every connection."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._shut()

    def _shut(self) -> None:
        """End every connection."""
        while self._open:
            each = self._open.pop()
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def come_back(self) -> None:
        """Be there again, at the same port."""
        self._listening = socket.create_server(("127.0.0.1", self.port))
        self._start()

    def _start(self) -> None:
        threading.Thread(target=self._serve, args=(self._listening,), daemon=True).start()

    def _serve(self, listening: socket.socket) -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            self._open.append(client)
            with contextlib.suppress(OSError):
                self._join(client)
            if listening.fileno() < 0:  # it was stopped meanwhile
                self._shut()
                return

    def _join(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        self._open.append(server)
        server.connect(self._server)
        if self._tls is not None:
            assert client.recv(8, socket.MSG_WAITALL) == _ASKS_FOR_TLS
            client.sendall(b"S")
            client = self._tls.wrap_socket(client, server_side=True)
            self._open.append(client)
            self.spoke_tls += 1
        cut = threading.Event()
        for act in (self._ask, self._answer):
            threading.Thread(target=act, args=(client, server, cut), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket, cut: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65_536):
                if self.swallows is not None and self.swallows in data:
                    self.swallows = None
                    cut.set()
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def _answer(self, client: socket.socket, server: socket.socket, cut: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while (data := server.recv(65_536)) and not cut.is_set():
                client.sendall(data)
            if cut.is_set() and self.stops_then:
                self.stop()
            client.shutdown(socket.SHUT_RDWR if cut.is_set() else socket.SHUT_WR)
