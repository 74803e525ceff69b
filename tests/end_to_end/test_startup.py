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

FOR_FEW = (
    *("alembic", "apprise", "fastapi", "jinja2", "psycopg", "pygments", "rich.", "sqlalchemy.orm"),
    *("uvicorn", "yaml", "indexer.hub_simulator", "indexer.web", "indexer.pins"),
)
"""Packages that only some commands, databases and configurations need."""

FOR_CRAWLS = ("requests", "urllib3", "indexer.sources", "indexer.http", "indexer.notify")

TELL_WHAT_IS_LOADED = """\
import atexit, gc, json, sys

names = set(sys.modules)

def tell():
    with open("loaded.json", "w") as file:
        json.dump([sorted(set(sys.modules) - names), gc.get_freeze_count()], file)

atexit.register(tell)
"""
"""A `sitecustomize` that writes down which modules a process had loaded when it ended, and how many
objects Python will not search for garbage any more.
"""


def loaded_by(program: Program, *arguments: str, **environment: str) -> set[str]:
    """The modules that a command loads; that it ends without a search for garbage is checked."""
    (program.folder / "sitecustomize.py").write_text(TELL_WHAT_IS_LOADED, encoding="utf-8")
    path = f"{program.folder}:{program.environment['PYTHONPATH']}"
    program.run_installed(*arguments, **environment, PYTHONPATH=path)
    names, frozen = json.loads((program.folder / "loaded.json").read_text(encoding="utf-8"))
    assert "indexer.cli.app" in names
    assert frozen > len(names)
    return set(names)


def those_below(names: set[str], *packages: str) -> list[str]:
    return sorted(name for name in names if name.startswith(packages))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["--nope"], ["qery"], ["qu"]])
def test_what_is_about_no_command_loads_none(program: Program, arguments: list[str]) -> None:
    loaded = loaded_by(program, *arguments)
    assert loaded & COMMANDS == set()
    assert (
        those_below(loaded, "sqlalchemy", "msgspec", "indexer.store", *FOR_FEW, *FOR_CRAWLS) == []
    )


@pytest.mark.parametrize(
    ("words", "loads"), [(["qu"], set()), (["tags", "--"], {"tags"}), (["tags", "acme/"], {"tags"})]
)
def test_completion_loads_the_command_that_is_being_typed(
    program: Program, words: list[str], loads: set[str]
) -> None:
    asked = {
        "_INDEXER_COMPLETE": "complete_bash",
        "COMP_WORDS": "\n".join(("indexer", *words)),
        "COMP_CWORD": str(len(words)),
    }
    loaded = loaded_by(program, **asked)
    assert loaded & COMMANDS == {f"indexer.cli.{name}" for name in loads}
    assert those_below(loaded, *FOR_FEW, *FOR_CRAWLS) == []


@pytest.mark.parametrize("name", ["query", "serve", "notify"])
def test_the_help_of_a_command_loads_that_command_only(program: Program, name: str) -> None:
    loaded = loaded_by(program, name, "--help")
    assert loaded & COMMANDS == {f"indexer.cli.{name}"}
    assert those_below(loaded, "sqlalchemy", "msgspec", *FOR_FEW, *FOR_CRAWLS) == []


def test_a_question_loads_nothing_to_crawl_to_notify_or_to_migrate(crawled: Program) -> None:
    loaded = loaded_by(crawled, "query", "--since", "24h", "--include-baseline")
    assert "sqlalchemy" in loaded
    assert loaded & COMMANDS == {"indexer.cli.query"}
    assert those_below(loaded, *FOR_FEW, *FOR_CRAWLS) == []


@pytest.mark.parametrize("arguments", [["status"], ["crawl", "-q"]])
def test_a_crawl_and_the_status_load_nothing_that_only_few_need(
    crawled: Program, arguments: list[str]
) -> None:
    loaded = loaded_by(crawled, *arguments)
    assert loaded & COMMANDS == {f"indexer.cli.{arguments[0]}"}
    assert those_below(loaded, *FOR_FEW) == []
