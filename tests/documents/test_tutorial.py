"""docs/tutorial.md, followed to the letter: every command is run, and its output compared."""

from __future__ import annotations

import re
import shlex
import signal
import socket
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.documents import pages
from tests.end_to_end.program import Program

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

PAGE = pages.ROOT / "docs" / "tutorial.md"

_BLOCK = re.compile(r"^```(sh|text|toml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HUB = "hub_simulator --team --port 8099"


class Practice(NamedTuple):
    """A folder in which somebody follows the page."""

    program: Program
    hub: subprocess.Popen[str]
    port: int

    def types(self, line: str) -> str:
        """Do a line of a shell, and return what both streams showed."""
        if line.startswith("python -m indexer.hub_simulator"):
            return ""  # it runs
        if _HUB in line:
            number = signal.SIGUSR1 if "-USR1" in line else signal.SIGTERM
            self.hub.send_signal(number)
            if number == signal.SIGUSR1:
                assert self.hub.stdout is not None
                assert "A day has passed" in self.hub.stdout.readline()
            return ""
        words = shlex.split(line, comments=True)
        assert words[0] == "indexer", line
        done = self.program.run(*words[1:])
        assert done.code == ("exit code 1" in line), done
        return done.out + done.err


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = re.findall(
        r"^python (-m indexer.hub_simulator .*?) >", pages.read(PAGE), re.MULTILINE
    )
    words = shlex.split(started[0].replace("8099", str(port)))
    program = Program(tmp_path)
    hub = program.start_python(*words)
    try:
        assert hub.stdout is not None
        assert hub.stdout.readline().strip().endswith(f":{port}")
        yield Practice(program, hub, port)
    finally:
        hub.kill()
        hub.communicate()


def shows(line: str, output: str) -> bool:
    """Whether a line of the page is in an output; `…` stands for anything, a gap for any gap."""
    parts = (re.escape(part).replace(r"\ ", " ") for part in re.split(r" ?… ?", line.strip()))
    pattern = ".*".join(re.sub(" +", r"\\s+", part) for part in parts)
    return re.search(pattern, output) is not None


def test_every_step_of_the_tutorial_does_what_it_says(practice: Practice) -> None:
    output, compared = "", 0
    for language, block in _BLOCK.findall(pages.read(PAGE)):
        text = block.replace("8099", str(practice.port)) if language == "toml" else block
        if language == "toml":
            (practice.program.folder / "indexer.toml").write_text(text, encoding="utf-8")
        elif language == "sh":
            output = "".join(map(practice.types, text.splitlines()))
        else:
            missing = [line for line in text.splitlines() if not shows(line, output)]
            assert not missing, output
            compared += 1

    alarms = (practice.program.folder / "alarms.jsonl").read_text(encoding="utf-8")
    assert compared >= 6
    assert alarms.count('"type": "indexer.violation"') == 3, "a removed repository is one message"
    assert practice.hub.wait(20) == 0
