"""What is kept when a crawl is stopped, and how the next one continues."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from indexer.hub_simulator import Stall

if TYPE_CHECKING:
    import subprocess

    from indexer.hub_simulator import Hub, Simulator
    from tests.end_to_end.program import Program


@pytest.fixture
def stored(program: Program, database_url: str) -> Program:
    """The program on each kind of database."""
    program.environment["INDEXER_DATABASE_URL"] = database_url
    return program


def _stop_in_the_middle(program: Program, simulator: Simulator, number: int) -> tuple[int, str]:
    """Stop a crawl by a signal while it waits for the last of three repositories, the oldest."""
    simulator.inject(Stall(), "GET */api/tags*")
    with program.start("crawl") as process:
        _wait(simulator, process)
        process.send_signal(number)
        if number != signal.SIGKILL:
            simulator.release()
        _, messages = process.communicate(timeout=30)
    simulator.clear()
    return process.returncode, messages


def _wait(simulator: Simulator, process: subprocess.Popen[str]) -> None:
    """Until a crawl stands still in the middle."""
    if not simulator.wait_until_stalled():
        process.kill()
        pytest.fail(f"the crawl did not get there: {process.communicate()}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_crawl_says_so_and_keeps_what_was_committed(
    stored: Program, simulator: Simulator, hub: Hub, number: signal.Signals
) -> None:
    stored.environment["INDEXER_CONFIG"] = str(_one_at_a_time(stored))
    code, messages = _stop_in_the_middle(stored, simulator, number)

    (status,) = stored.good("status", "--format", "json").json["namespaces"]
    assert code == 130, messages
    assert messages.splitlines()[-1].startswith(
        "indexer: interrupted: what was read so far is kept"
    )
    assert "Traceback" not in messages
    assert status["last_crawl"]["status"] == "interrupted"
    assert (
        status["pending"] < 3
    )  # what was read before is kept; a kill may lose half a second of it
    _the_next_one_goes_on(stored, simulator, hub, pending=status["pending"])


def test_a_killed_crawl_is_found_to_be_dead_by_the_next_one(
    stored: Program, simulator: Simulator, hub: Hub
) -> None:
    stored.environment["INDEXER_CONFIG"] = str(_one_at_a_time(stored))
    code, messages = _stop_in_the_middle(stored, simulator, signal.SIGKILL)

    (status,) = stored.good("status", "--format", "json").json["namespaces"]
    assert code == -signal.SIGKILL, messages
    assert status["last_crawl"]["status"] == "running"
    _the_next_one_goes_on(stored, simulator, hub, pending=status["pending"])


def test_a_second_crawl_of_a_namespace_says_who_has_it_and_since_when(
    stored: Program, simulator: Simulator
) -> None:
    simulator.inject(Stall(), "GET */api/tags*")
    with stored.start("crawl") as first:
        _wait(simulator, first)
        second = stored.run("crawl")
        asked = stored.good("repos", "--format", "json").json
        simulator.release()
        first.communicate(timeout=30)

    assert (first.returncode, second.code) == (0, 1)
    assert "docker.io/acme is being crawled by " in second.out + second.err
    assert str(first.pid) in second.out + second.err
    assert len(asked) == 3


def _one_at_a_time(program: Program) -> object:
    """A configuration that reads one repository after another, so that order is known."""
    file = program.folder / "indexer.toml"
    text = file.read_text(encoding="utf-8") + "\n[http]\nconcurrency = 1\n"
    slow = program.folder / "slow.toml"
    slow.write_text(text, encoding="utf-8")
    return slow


def _the_next_one_goes_on(
    program: Program, simulator: Simulator, hub: Hub, *, pending: int
) -> None:
    """The next crawl reads the list and what is pending; then nothing is missing."""
    assert 0 < pending <= 3
    (crawl,) = program.good("crawl", "--format", "json").json["crawls"]

    assert crawl["status"] == "complete"
    assert crawl["tags"] == sum(map(len, hub.truth("acme").values()))
    assert len(simulator.requests) == 1 + pending
    assert program.good("query", "--changed-since", "1h", "--format", "json").json == []


STOP_AT_IMPORT = """\
import os, signal, sys

class Stopping:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["STOP_AT"]:
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Stopping())
"""
"""A `sitecustomize` that plays Ctrl-C at the moment in which a module begins to be loaded."""


@pytest.mark.parametrize("module", ["typer", "indexer.cli.app", "indexer.cli.crawl", "sqlalchemy"])
def test_ctrl_c_while_the_command_is_still_loading_shows_no_traceback(
    program: Program, simulator: Simulator, module: str
) -> None:
    (program.folder / "sitecustomize.py").write_text(STOP_AT_IMPORT, encoding="utf-8")
    path = f"{program.folder}:{program.environment['PYTHONPATH']}"
    stopped = program.run("crawl", "--config", "indexer.toml", STOP_AT=module, PYTHONPATH=path)

    assert stopped.code == 130, stopped.err
    assert stopped.out == ""
    assert stopped.err in {
        "",
        (
            "indexer: interrupted: what was read so far is kept, "
            "and the next crawl continues from there.\n"
        ),
    }
    assert simulator.requests == []
