"""Commands: JSON on standard input, without a shell, within a time limit."""

from __future__ import annotations

import json
import os
import select
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import NotDelivered
from indexer.core.keyboard_interrupt import interruptible
from indexer.notify import sample_messages
from indexer.notify.channels.command import Command
from indexer.notify.links import Links
from indexer.notify.sink import Sink

if TYPE_CHECKING:
    from pathlib import Path

    from indexer.notify.message import Message

pytestmark = pytest.mark.integration

NOW = datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC)


def message() -> Message:
    return sample_messages.messages(Sink("audit"), Links("indexer"), NOW)[0][0]


def python(script: str, *arguments: str, timeout: float = 30.0) -> Command:
    return Command("audit", [sys.executable, "-c", script, *arguments], timeout=timeout)


def test_a_command_reads_the_message_from_its_standard_input(tmp_path: Path) -> None:
    there = tmp_path / "message"
    script = "import sys; open(sys.argv[1], 'w').write(sys.stdin.read())"
    assert python(script, str(there)).send(message(), NOW).endswith("ended with 0")
    event = json.loads(there.read_text())
    assert (event["type"], event["data"]["test"]) == ("indexer.repository_added", True)


def test_no_shell_is_in_between(tmp_path: Path) -> None:
    words = ["/bin/echo", "$(touch", f"{tmp_path}/x)", ";", "touch", f"{tmp_path}/y"]
    Command("audit", words).send(message(), NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_command_that_reads_nothing_succeeds() -> None:
    assert Command("audit", ["true"]).send(message(), NOW) == "'true' ended with 0"


def test_what_it_writes_does_not_come_among_our_results(capfd: pytest.CaptureFixture[str]) -> None:
    python("import sys; print('out'); print('err', file=sys.stderr)").send(message(), NOW)
    assert capfd.readouterr() == ("", "err\n")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["false"], "the command 'false' ended with 1."),
        (["/nowhere/at-all"], "the command 'at-all' cannot be run: No such file or directory."),
        (["/etc"], "the command 'etc' cannot be run: Permission denied."),
        (["sh", "-c", "kill -9 $$"], "the command 'sh' was killed by signal 9."),
    ],
)
def test_a_command_that_fails_is_named(words: list[str], sentence: str) -> None:
    with pytest.raises(NotDelivered) as failed:
        Command("audit", words).send(message(), NOW)
    assert str(failed.value) == sentence


def test_a_command_that_hangs_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = (
        "import os, signal, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
        "open(sys.argv[1], 'w').write(f'{os.getpid()} {child.pid}')\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "signal.pause()\n"
    )
    with pytest.raises(NotDelivered, match="did not end within 3 seconds and was killed"):
        python(script, str(pids), timeout=3).send(message(), NOW)
    for pid in map(int, pids.read_text().split()):
        assert ends(pid)


def ends(pid: int) -> bool:
    """Whether a process ends, if it has not: it was killed, and that takes its moment."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 30)[0])
    finally:
        os.close(handle)


def test_it_is_killed_when_we_are_interrupted(tmp_path: Path) -> None:
    there = tmp_path / "pid"
    script = (
        "import os, signal, sys; open(sys.argv[1], 'w').write(str(os.getpid()));"
        "os.kill(os.getppid(), signal.SIGINT); signal.pause()"
    )
    with pytest.raises(KeyboardInterrupt), interruptible():
        python(script, str(there)).send(message(), NOW)
    assert ends(int(there.read_text()))
