"""Many commands, each in a process of its own, of which none has to load the program first.

Most of the time that a short command takes is Python's, which loads the program's modules. So a
process loads them once and forks for each command: environment, folder, streams and exit code are
the command's own, nothing stays of it, and it takes a fraction of the time. What starts a command
to send it signals, and what is about starting, runs the installed command: `Program.start`.

This module is both ends: `python -m tests.end_to_end.forking FD` is the process that forks.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn, TextIO, cast

import indexer
from indexer.__main__ import main as run_the_command
from tests.support.session import ENDING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent.parent

LONGEST_REQUEST = 1 << 20
STANDARD_ERROR = 2

FOREIGN = (
    *("alembic.command", "psycopg", "requests", "rich.console", "rich.table"),
    *("sqlalchemy.dialects.postgresql.psycopg", "sqlalchemy.dialects.sqlite.pysqlite"),
)
"""What the program's modules load only where they need it."""


def can_fork_for(environment: Mapping[str, str]) -> bool:
    """Whether a command can run so: not where Python itself is told something as it starts.

    Linux only: elsewhere nobody tells when one of several processes ends.
    """
    told = {
        name: value
        for name, value in environment.items()
        if name.startswith(("LANG", "LC_", "PYTHON"))
    }
    return sys.platform == "linux" and told == {"LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}


class Forked:
    """A command that runs."""

    def __init__(self, process: int, replies: socket.socket) -> None:
        self._process = process
        self._replies = replies

    def wait(self, seconds: float) -> int:
        """The exit code; negative: the signal that ended it.

        Raises:
            subprocess.TimeoutExpired: it took longer. It is killed.
        """
        with self._replies:
            self._replies.settimeout(seconds)
            try:
                return int(self._replies.recv(100))
            except TimeoutError:
                os.kill(self._process, signal.SIGKILL)
                raise subprocess.TimeoutExpired("indexer", seconds) from None


def fork(
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    streams: tuple[int, int, int],
) -> Forked:
    """Run a command.

    Args:
        arguments: the whole command line.
        folder: where it runs.
        environment: all of it.
        streams: its standard input, output and error; they stay the caller's too.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        request = json.dumps([list(arguments), str(folder), dict(environment)])
        socket.send_fds(_forker(), [request.encode()], [theirs.fileno(), *streams])
    return Forked(int(ours.recv(100)), ours)


@cache
def _forker() -> socket.socket:
    """The connection to the process that forks; it ends with the connection."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
        )
    ENDING.callback(process.wait)
    ENDING.callback(ours.close)
    return ours


class Request(NamedTuple):
    """A command that is to run, in the process that shall become it."""

    arguments: list[str]
    folder: str
    environment: dict[str, str]
    streams: list[int]


def serve(requests: socket.socket) -> Request | None:
    """Fork for each request until nobody is left who could ask.

    Returns:
        In a child, what it was asked for; None in the parent, at the end.
    """
    with selectors.DefaultSelector() as selector:
        selector.register(requests, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is not requests:
                    selector.unregister(key.fd)
                    _tell_the_end(key.fd, *key.data)
                    continue
                data, handles, _, _ = socket.recv_fds(requests, LONGEST_REQUEST, 4)
                if not data:
                    return None
                told, *streams = handles
                process = os.fork()
                if not process:
                    os.close(told)
                    arguments, folder, environment = json.loads(data)
                    return Request(arguments, folder, environment, streams)
                for stream in streams:
                    os.close(stream)
                os.set_inheritable(told, False)
                replies = socket.socket(fileno=told)
                replies.send(str(process).encode())
                ended = os.pidfd_open(process)
                selector.register(ended, selectors.EVENT_READ, (process, replies))


def _tell_the_end(ended: int, process: int, replies: socket.socket) -> None:
    os.close(ended)
    _, status = os.waitpid(process, 0)
    with replies:
        replies.send(str(os.waitstatus_to_exitcode(status)).encode())


def become(request: Request) -> NoReturn:
    """Run what was asked for, as if Python had just been started for it."""
    for number, stream in enumerate(request.streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(request.folder)
    os.environ.clear()
    os.environ.update(request.environment)
    time.tzset()
    sys.argv = request.arguments
    sys.stdin = _stream(0, "r", sys.stdin)
    sys.stdout = _stream(1, "w", sys.stdout)
    sys.stderr = _stream(2, "w", sys.stderr)
    try:
        run_the_command()
    except SystemExit as ended:
        _end(ended)
    raise AssertionError("the command has ended this process")


def _end(ended: SystemExit) -> NoReturn:
    """End as Python does, but for taking every module apart, which takes as long as the command."""
    assert isinstance(ended.code, int)
    threading._shutdown()  # type: ignore[attr-defined] # as Python calls it: wait for threads
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(ended.code)


def _stream(number: int, mode: str, like: TextIO) -> TextIO:
    """A standard stream as Python makes it: the error stream never keeps a line back."""
    buffering = 1 if number == STANDARD_ERROR or os.isatty(number) else -1
    made = open(  # noqa: SIM115 - it stays
        number, mode, buffering, encoding=like.encoding, errors=like.errors, closefd=False
    )
    return cast("TextIO", made)


def load() -> None:
    """Load what commands need, and let nothing of it be looked through for garbage again."""
    for module in pkgutil.walk_packages(indexer.__path__, "indexer."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in FOREIGN:
        importlib.import_module(name)
    gc.freeze()


def main() -> None:
    """Be the process that forks."""
    load()
    with socket.socket(fileno=int(sys.argv[1])) as requests:
        request = serve(requests)
    if request is not None:
        become(request)


if __name__ == "__main__":
    main()
