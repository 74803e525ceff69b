"""A small server that says exactly what a test wants, and a clock that a test moves."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import ssl
    from typing import Self

START = datetime(2026, 7, 1, 12, tzinfo=UTC)

TLS_HANDSHAKE = b"\x16"
"""What a connection of TLS begins with (RFC 8446, section 5.1), and no request of HTTP."""


class FakeClock:
    """Waiting moves it, and is written down."""

    def __init__(self, now: datetime = START) -> None:
        self.time = now
        self.waits: list[float] = []
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return (self.time - START).total_seconds() + 1000

    def wait(self, seconds: float) -> None:
        with self._lock:
            self.waits.append(round(seconds, 3))
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        with self._lock:
            self.time += timedelta(seconds=seconds)


class Asked(NamedTuple):
    """A request as it arrived; header names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


Send = Callable[[socket.socket], None]


@dataclass
class Reply:
    """An answer, or whatever `raw` does to the connection, which then ends."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    raw: Send | None = None


def ok(value: object, **headers: str) -> Reply:
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(200, json.dumps(value).encode(), names)


def gzipped(body: bytes) -> Reply:
    return Reply(200, gzip.compress(body), {"Content-Encoding": "gzip"})


def reset(sock: socket.socket) -> None:
    """Closing with unsent data thrown away sends a RST."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def drop(_sock: socket.socket) -> None:
    """Just close."""


def sending(*parts: bytes) -> Send:
    def send(sock: socket.socket) -> None:
        for part in parts:
            sock.sendall(part)

    return send


class Server:
    """Answers on loopback with what `answer` says, or with what `script` holds, in turn.

    With a `greeting` it speaks first, whatever it is asked, and closes. Without a `context` it
    drops who speaks TLS at once: skopeo tries TLS first, and waits 10 seconds for an answer.
    """

    def __init__(
        self,
        answer: Callable[[Asked], Reply] | None = None,
        *,
        script: list[Reply] | None = None,
        context: ssl.SSLContext | None = None,
        greeting: bytes = b"",
    ) -> None:
        self._greeting = greeting
        self.script = script or []
        self.asked: list[Asked] = []
        self.connections = 0
        self.closing = threading.Event()
        self._answer = answer or (lambda _asked: self.script.pop(0))
        self._context = context
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}"

    @property
    def targets(self) -> list[str]:
        return [asked.target for asked in self.asked]

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            held = list(self._open)
        for sock in held:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()

    def trickle(self, *parts: bytes, gap: float = 0.05) -> Send:
        """Send the parts with gaps, then one byte after the other until the client leaves."""

        def send(sock: socket.socket) -> None:
            for part in parts:
                sock.sendall(part)
            while not self.closing.wait(gap):
                sock.sendall(b" ")

        return send

    def stall(self, *parts: bytes) -> Send:
        """Send the parts, then nothing."""

        def send(sock: socket.socket) -> None:
            for part in parts:
                sock.sendall(part)
            sock.recv(1)

        return send

    def _start(self, work: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=work, args=args)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.closing.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(sock)
                self.connections += 1
            self._start(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        raw = sock
        try:
            if self._context:
                sock = self._context.wrap_socket(sock, server_side=True)
                with self._lock:
                    self._open.add(sock)
            with sock, sock.makefile("rb") as lines:
                if self._greeting:
                    sock.sendall(self._greeting)
                    sock.recv(65536)
                    return
                if lines.peek(1)[:1] == TLS_HANDSHAKE:
                    return
                while self._one(sock, lines):
                    pass
        except OSError:
            pass
        finally:
            raw.close()
            with self._lock:
                self._open -= {raw, sock}

    def _one(self, sock: socket.socket, lines: Any) -> bool:
        first = lines.readline().decode("latin-1").split()
        if len(first) < 2:
            return False
        headers: dict[str, str] = {}
        while line := lines.readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = lines.read(int(headers.get("content-length", 0)))
        asked = Asked(first[0], first[1], headers, body)
        with self._lock:
            self.asked.append(asked)
        reply = self._answer(asked)
        if reply.raw:
            reply.raw(sock)
            return False
        head = [f"HTTP/1.1 {reply.status} Whatever", f"Content-Length: {len(reply.body)}"]
        head += [f"{name}: {value}" for name, value in reply.headers.items()]
        sock.sendall("\r\n".join([*head, "", ""]).encode("latin-1") + reply.body)
        return True
