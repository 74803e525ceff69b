"""Crawls by cron that overlap: the second names the first, and waits for it or declines."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from indexer.hub_simulator import Stall
from tests.crash.killing import until_alone

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from indexer.hub_simulator import Simulator
    from tests.crash.world import World
    from tests.end_to_end.program import Program


@pytest.fixture
def first(program: Program, simulator: Simulator) -> Iterator[subprocess.Popen[str]]:
    """A crawl that stands still in the middle: its list is recorded, no tags are."""
    simulator.inject(Stall(), "GET */tags*", times=1_000)
    with program.start("crawl", "-q") as process:
        assert simulator.wait_until_stalled(4, seconds=30)
        simulator.faults.clear()
        yield process
        process.kill()


def waiting(program: Program) -> subprocess.Popen[str]:
    """A second crawl, which has said that it waits."""
    process = program.start("crawl", "--wait", "--format", "json")
    assert process.stderr is not None
    said = process.stderr.readline()
    assert "docker.io/acme is being crawled by process" in said
    assert "Waiting until it has ended." in said
    return process


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_the_second_crawl_declines_and_names_the_first(
    program: Program, first: subprocess.Popen[str]
) -> None:
    done = program.run("crawl")
    assert done.code == 1
    (sentence,) = done.err.strip().splitlines()
    assert sentence.startswith(f"indexer: docker.io/acme is being crawled by process {first.pid} ")
    assert " since 20" in sentence
    assert sentence.endswith(" UTC. Use --wait to wait for it, or crawl later.")


def test_a_waiting_crawl_begins_as_soon_as_the_first_has_ended(
    program: Program, simulator: Simulator, world: World, first: subprocess.Popen[str]
) -> None:
    """And finds nothing left to do: the first asked for its list and all tags, it for the list."""
    with waiting(program) as second:
        simulator.release()
        assert ended(first)[0] == 0
        code, out, _ = ended(second)
    assert code == 0
    assert '"status": "complete"' in out
    assert len(simulator.requests) == 1 + len(world.state) + 1


def test_a_waiting_crawl_takes_over_from_a_dead_one(
    program: Program,
    simulator: Simulator,
    world: World,
    database_url: str,
    first: subprocess.Popen[str],
) -> None:
    with waiting(program) as second:
        first.send_signal(signal.SIGKILL)
        first.wait(timeout=30)
        simulator.release()
        assert ended(second)[0] == 0
    until_alone(database_url)
    repos = program.good("repos", "--format", "json").json
    assert {each["repository"]: each["tags"] for each in repos} == {
        name: len(tags) for name, tags in world.state.items()
    }


def test_a_waiting_crawl_can_be_stopped(
    program: Program, simulator: Simulator, first: subprocess.Popen[str]
) -> None:
    with waiting(program) as second:
        second.send_signal(signal.SIGINT)
        code, _, messages = ended(second)
    assert code == 130
    assert "Traceback" not in messages
    simulator.release()
    assert ended(first)[0] == 0


def test_readers_do_not_wait_for_anybody(
    program: Program, world: World, first: subprocess.Popen[str]
) -> None:
    repos = program.good("repos", "--format", "json").json
    assert len(repos) == len(world.state)
    program.good("query", "--changed-since", "2000-01-01", "--include-baseline")
    program.good("status")
    assert first.poll() is None
