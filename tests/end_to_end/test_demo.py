"""What the demo shows, and that the README shows the same."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest

from tests.documents import pages
from tests.end_to_end.program import Program, needs_the_installed_command

if TYPE_CHECKING:
    from pathlib import Path

README = pages.read(pages.ROOT / "README.md")

_VARIABLE = (
    (r"\d{4}-\d\d-\d\d", "DATE"),
    (r"\b\d\d-\d\d \d\d:\d\d\b", "DATE TIME"),
    (r"\d\d:\d\d\b", "TIME"),
    (r"[\d.]+ [kM]?B\b", "SIZE"),
    (r"[\d.]+ s\b", "DURATION"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def told(folder: Path) -> str:
    """What the demo tells, in a folder where it left its index."""
    return Program(folder).good("demo").out


@pytest.fixture
def program(folder: Path, told: str) -> Program:
    assert told
    return Program(folder, INDEXER_DATABASE_URL="sqlite:///demo.db")


def test_it_shows_what_is_new_removed_and_retagged_and_what_that_cost(told: str) -> None:
    for kind in ("repository_added", "repository_removed", "tag_added", "tag_retagged"):
        assert f"    {kind} " in told
    requests = dict(re.findall(r"^  (\S.*?) {2,}[\d,]+ +([\d,]+)$", told, re.MULTILINE))
    second, polled = (int(each.replace(",", "")) for each in requests.values())
    assert second * 50 < polled


def test_it_asks_what_only_a_history_answers(told: str) -> None:
    story = told.partition("Its history answers:\n")[2].splitlines()[:6]
    assert re.fullmatch(r"    acme/proxy:1\.2\.4, from \S+ until 20\S+", story[1])
    assert [line.strip() for line in (story[3], story[5])] == [
        "da1670cb2449",
        "1.2.5 is newer, by a patch version.",
    ]


def test_every_command_that_it_names_next_works(told: str, folder: Path) -> None:
    needs_the_installed_command()
    following = told.split("Try the other commands on this index:\n")[1]
    lines = [line.strip() for line in following.splitlines() if line.startswith("  ")]
    here = lines[: lines.index("unset INDEXER_DATABASE_URL")]

    assert len(here) > 4
    # What is outdated is exit code 1.
    lines = [f"{line} || [ $? = 1 ]" if " outdated " in line else line for line in here]
    done = Program(folder).shell("\n".join(lines))
    assert re.search(r"^outdated .* acme/proxy:1\.2\.4 +1\.2\.5 ", done.out, re.MULTILINE)
    assert (done.code, "indexer: " in done.err) == (0, False), done


def test_a_second_demo_takes_the_place_of_the_first(program: Program) -> None:
    done = program.good("demo")

    assert "replacing that of an earlier demo" in done.out


def test_an_index_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "demo.db").write_bytes(b"precious")

    done = Program(tmp_path).run("demo")

    assert (done.code, done.out) == (2, "")
    assert "was not created by a demo" in done.err
    assert (tmp_path / "demo.db").read_bytes() == b"precious"


def test_the_readme_shows_what_the_demo_shows(told: str, program: Program) -> None:
    (excerpt,) = (block for block in pages.fenced(README, "") if block.startswith("$ make demo"))
    shown = {_normal(line) for line in told.splitlines()}
    for command in re.findall(r"^\$ indexer (.*)$", excerpt, re.MULTILINE):
        shown |= {
            _normal(line) for line in program.terminal(*shlex.split(command)).out.splitlines()
        }

    claimed = [line for line in excerpt.splitlines() if line.strip("… ") and line[0] != "$"]

    assert [line for line in claimed if _normal(line) not in shown] == []


def test_the_readme_lists_the_commands_that_there_are(program: Program) -> None:
    help_text = program.good("--help").out

    commands = re.search(r"^Collect:\n(?:.*\n)+(?=\n  Exit codes)", help_text, re.MULTILINE)

    assert commands is not None
    assert f"```\n{commands[0]}```\n" in README


def test_the_line_that_hands_changes_to_jq_works(program: Program) -> None:
    """The one with `sqlite3` is left out: few machines have its command."""
    (line,) = (
        command
        for block in pages.fenced(README, "")
        for command in block.splitlines()
        if "| jq " in command
    )
    needs_the_installed_command()
    done = program.shell(f"command -v jq >/dev/null || exit 77; {line}")

    if done.code == 77:
        pytest.skip("there is no jq")
    assert done.code == 0
    assert "acme/api" in done.out


def _normal(line: str) -> str:
    """A line without what is never the same twice."""
    for pattern, name in _VARIABLE:
        line = re.sub(pattern, name, line)
    return " ".join(line.split())
