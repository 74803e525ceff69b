"""Runs `indexer serve`, and asks servers over one connection: what an answer costs its process."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.measure import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import Self

COMMAND = (sys.executable, "-m", "indexer")

TIMES = 200
"""Requests of one measurement."""

WARM = 20

_CLOCK_OF_SCHEDULER = 2
"""The kind of clock of a process (clock_getcpuclockid(3) makes the same number)."""


class Served(NamedTuple):
    """A server: its process, and its port on loopback."""

    pid: int
    port: int


@contextmanager
def served(folder: Path, environment: Mapping[str, str]) -> Iterator[Served]:
    """Run the command in a folder until the context ends."""
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            match = re.search(r":(\d+)/", process.stderr.readline())
            assert match is not None
            yield Served(process.pid, int(match[1]))
        finally:
            process.terminate()


def cpu_seconds(pid: int) -> float:
    """The processor's time that a process has taken, all its threads and the system's. Linux."""
    return time.clock_gettime((~pid << 3) | _CLOCK_OF_SCHEDULER)


class Connection:
    """A connection that is kept, as clients keep theirs."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._file = self._socket.makefile("rb")
        self._host = f"127.0.0.1:{port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._socket.close()

    def ask(self, method: str, path: str, accept: str = "*/*") -> bytes:
        """The body of a good answer."""
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\nAccept: {accept}\r\n\r\n"
        self._socket.sendall(head.encode())
        status = self._file.readline().split()[1]
        length, is_chunked = 0, False
        while (line := self._file.readline()) != b"\r\n":
            name, _, value = line.lower().partition(b":")
            if name == b"content-length":
                length = int(value)
            is_chunked = is_chunked or (name == b"transfer-encoding" and b"chunked" in value)
        assert status == b"200", (method, path, status)
        if method == "HEAD":
            return b""
        return self._chunks() if is_chunked else self._file.read(length)

    def _chunks(self) -> bytes:
        parts = []
        while length := int(self._file.readline(), 16):
            parts.append(self._file.read(length))
            self._file.readline()
        self._file.readline()
        return b"".join(parts)


def cost(
    server: Served, method: str, path: str, *, accept: str = "*/*", times: int = TIMES
) -> float:
    """Milliseconds of the processor that one answer of a server takes, over one connection."""
    with Connection(server.port) as connection:
        for _ in range(min(WARM, times)):
            connection.ask(method, path, accept)
        before = cpu_seconds(server.pid)
        for _ in range(times):
            connection.ask(method, path, accept)
        return (cpu_seconds(server.pid) - before) / times * 1e3
