"""Receivers of messages on loopback: some take them, some fail, hang, redirect, or lie."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass
class Request:
    """What somebody sent."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Answer:
    """What a receiver answers; `hangs`: nothing, until the test ends."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    hangs: bool = False
    drips: bool = False


class Receiver:
    """An HTTP server that keeps what it is sent.

    `answer` says what to answer to the n-th request, from 0.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answer: Callable[[int], Answer] = lambda _number: Answer()
        self.ended = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            told: ClassVar[Receiver] = receiver

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                headers = {name.lower(): value for name, value in self.headers.items()}
                number = len(receiver.requests)
                receiver.requests.append(Request(self.path, headers, body))
                self._give(receiver.answer(number))

            def _give(self, answer: Answer) -> None:
                if answer.hangs:
                    receiver.ended.wait()
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(10**6 if answer.drips else len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)
                while answer.drips and not receiver.ended.wait(0.05):
                    self.wfile.write(b".")
                    self.wfile.flush()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign] # clients that give up
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator[Receiver]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.ended.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()


@contextmanager
def one_that_lies() -> Iterator[str]:
    """A server that accepts connections and talks what is no HTTP."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65_536)
                    connection.sendall(b"220 what do you want\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
    thread.join()
