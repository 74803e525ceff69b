"""The installed command as people run it: in a process, a folder and an environment of its own."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import tempfile
import termios
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.end_to_end.forking import can_fork_for, fork
from tests.support.databases import missing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent.parent

PATIENCE_SECONDS = 60


def command() -> list[str]:
    """The command of this environment, or the package itself where it is not installed."""
    installed = Path(sys.executable).with_name("indexer")
    if installed.exists():
        return [str(installed)]
    if "CI" in os.environ:
        missing("the command 'indexer' is not installed beside this Python")
    return [sys.executable, "-m", "indexer"]


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, decoded; a command that failed shows why."""
        assert self.code in {0, 1}, self.err
        return json.loads(self.out)


class Program:
    """Runs commands, with nothing of this machine's settings.

    Args:
        folder: the working directory.
        environment: variables of every run.
    """

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "PYTHONPATH": str(ROOT),
            **environment,
        }

    def run(self, *arguments: str, **environment: str) -> Done:
        """Run a command to its end, its output in files."""
        if not can_fork_for({**self.environment, **environment}):
            return self.run_installed(*arguments, **environment)
        code, out, err = self.run_on_bytes(arguments, environment=environment)
        return Done(code, out.decode(), err.decode())

    def run_on_bytes(
        self,
        arguments: Sequence[str],
        given: bytes = b"",
        *,
        environment: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes, bytes]:
        """The same of a command that is given something, or writes what is no text."""
        everything = {**self.environment, **(environment or {})}
        assert can_fork_for(everything), "there is no other way here"
        with ExitStack() as stack:
            files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
            files[0].write(given)
            files[0].seek(0)
            streams = files[0].fileno(), files[1].fileno(), files[2].fileno()
            running = fork([*command(), *arguments], self.folder, everything, streams)
            code = running.wait(PATIENCE_SECONDS)
            for file in files[1:]:
                file.seek(0)
            return code, files[1].read(), files[2].read()

    def run_installed(self, *arguments: str, **environment: str) -> Done:
        """The same by the installed command, its output in pipes."""
        done = subprocess.run(
            [*command(), *arguments],
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def good(self, *arguments: str, **environment: str) -> Done:
        """Run a command that has to end with 0."""
        done = self.run(*arguments, **environment)
        assert done.code == 0, done
        return done

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command."""
        return self._started([*command(), *arguments])

    def start_python(self, *arguments: str) -> subprocess.Popen[str]:
        """Start this Python, as for `-m indexer.hub_simulator`."""
        return self._started([sys.executable, *arguments])

    def _started(self, words: Sequence[str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            words,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def shell(self, line: str, **environment: str) -> Done:
        """Run a line as a person types it, with `indexer` in the path."""
        path = f"{Path(command()[0]).parent}:{self.environment['PATH']}"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", line],
            cwd=self.folder,
            env={**self.environment, **environment, "PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def terminal(self, *arguments: str, columns: int = 80, **environment: str) -> Done:
        """Run a command on a terminal; what both streams showed is in `out`."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        everything = {**self.environment, **environment}
        assert can_fork_for(everything), "as `run`, but there is no other way here"
        running = fork([*command(), *arguments], self.folder, everything, (theirs,) * 3)
        os.close(theirs)
        shown = b"".join(iter(lambda: _read(ours), b""))
        os.close(ours)
        code = running.wait(PATIENCE_SECONDS)
        return Done(code, shown.decode().replace("\r\n", "\n"), "")


def _read(handle: int) -> bytes:
    """What a terminal shows next; nothing once the program has left it."""
    try:
        return os.read(handle, 65_536)
    except OSError:  # Linux says EIO at the end
        return b""


def needs_the_installed_command() -> None:
    """Skip a test that types `indexer` into a shell."""
    if len(command()) > 1:
        pytest.skip("the command 'indexer' is not installed beside this Python")
