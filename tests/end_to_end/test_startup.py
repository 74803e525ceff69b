"""What a command loads before it answers: most of the time of a short one.

`benchmarks/startup.py` measures the time. Here nothing is measured: what is loaded is compared.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from indexer.cli.app import GROUPS

if TYPE_CHECKING:
    from tests.end_to_end.program import Program

COMMANDS = {f"indexer.cli.{name}" for names in GROUPS.values() for name in names}

TELL_WHAT_IS_LOADED = """\
import atexit, json, sys

names = set(sys.modules)
atexit.register(lambda: json.dump(sorted(set(sys.modules) - names), open("loaded.json", "w")))
"""
"""A `sitecustomize` that writes down which modules a process had loaded when it ended."""


def loaded_by(program: Program, *arguments: str) -> set[str]:
    """The modules that a command loads."""
    (program.folder / "sitecustomize.py").write_text(TELL_WHAT_IS_LOADED, encoding="utf-8")
    path = f"{program.folder}:{program.environment['PYTHONPATH']}"
    program.run_installed(*arguments, PYTHONPATH=path)
    names = set(json.loads((program.folder / "loaded.json").read_text(encoding="utf-8")))
    assert "indexer.cli.app" in names
    return names


def those_below(names: set[str], *packages: str) -> list[str]:
    return sorted(name for name in names if name.startswith(packages))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["--nope"], ["qery"], ["qu"]])
def test_what_is_about_no_command_loads_none(program: Program, arguments: list[str]) -> None:
    loaded = loaded_by(program, *arguments)
    assert loaded & COMMANDS == set()
    assert those_below(loaded, "sqlalchemy", "msgspec", "rich.", "requests", "indexer.store") == []


@pytest.mark.parametrize("name", ["query", "serve", "notify"])
def test_the_help_of_a_command_loads_that_command_only(program: Program, name: str) -> None:
    loaded = loaded_by(program, name, "--help")
    assert loaded & COMMANDS == {f"indexer.cli.{name}"}
    assert those_below(loaded, "sqlalchemy", "msgspec", "rich.", "requests", "fastapi") == []
