"""The house is as CONTRIBUTING and each room's docstring describe it."""

from __future__ import annotations

import ast
import re
from itertools import chain
from typing import TYPE_CHECKING

import pytest

from tests.documents import pages

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = pages.ROOT / "indexer"
TESTS = pages.ROOT / "tests"

ROOMS = sorted(path.parent for path in PACKAGE.rglob("__init__.py") if path.parent != PACKAGE)

MOST_MODULES = 30
MOST_COMMANDS = 45
"""In `cli`, where each command has a file."""

CROSS_CUTTING = {
    "crash",
    "deployment",
    "documents",
    "end_to_end",
    "exhaustive",
    "faults",
    "fuzz",
    "oracle",
    "postgresql",
    "support",
}
"""Folders of tests that are of no single room: they run through all of the house, or look at it."""

_LISTED = re.compile(r"^([a-z_]+) {2,}\S", re.MULTILINE)
_QUESTION = re.compile(r"^\| (.+) \| `([a-z_/]+)` \| `([\w.]+)` \|$", re.MULTILINE)

each_room = pytest.mark.parametrize(
    "room", ROOMS, ids=lambda room: room.relative_to(PACKAGE).as_posix()
)


def tree(path: Path) -> ast.Module:
    return ast.parse(pages.read(path))


def docstring(path: Path) -> str:
    return ast.get_docstring(tree(path)) or ""


def modules(folder: Path) -> set[str]:
    return {path.stem for path in folder.glob("*.py")} - {"__init__", "__main__"}


def commands() -> set[str]:
    """The modules of `cli` that are a command's own."""
    return {
        name
        for name in modules(PACKAGE / "cli")
        if docstring(PACKAGE / "cli" / f"{name}.py").startswith(f"`indexer {name}`")
    }


def names(body: list[ast.stmt], prefix: str = "") -> set[str]:
    """What a module defines; of classes their methods too, as `Class.method`."""
    found = set()
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(prefix + node.name)
        if isinstance(node, ast.ClassDef):
            found |= names(node.body, f"{node.name}.")
    return found


def questions() -> list[tuple[str, str, str]]:
    return _QUESTION.findall(pages.read(pages.ROOT / "CONTRIBUTING.md"))


@each_room
def test_a_room_says_what_it_is_for_what_comes_in_and_out_and_what_it_may_not_do(
    room: Path,
) -> None:
    text = docstring(room / "__init__.py")
    purpose, *_ = text.partition("\n\n")

    assert purpose
    parts = re.search(r"^In: \S.*^Out: \S.*^May not: \S", text, re.MULTILINE | re.DOTALL)
    assert parts is not None


@each_room
def test_a_room_says_what_each_of_its_modules_is_for(room: Path) -> None:
    listed = set(_LISTED.findall(docstring(room / "__init__.py")))
    rooms = {each.name for each in ROOMS if each.parent == room}
    known = commands() if room.name == "cli" else set()

    assert listed == modules(room) - known | rooms


def test_no_room_holds_too_many_modules() -> None:
    most = {PACKAGE / "cli": MOST_COMMANDS}

    full = [room for room in ROOMS if len(modules(room)) > most.get(room, MOST_MODULES)]

    assert not full


def test_every_folder_with_modules_is_a_room() -> None:
    folders = {path.parent for path in PACKAGE.rglob("*.py")}

    assert folders - {PACKAGE} == set(ROOMS)


def test_at_the_top_stands_only_the_way_in() -> None:
    assert {path.name for path in PACKAGE.glob("*.py")} == {"__init__.py", "__main__.py"}


def test_tests_are_in_the_rooms_that_they_test() -> None:
    folders = {path.parent.relative_to(TESTS) for path in TESTS.rglob("test_*.py")}
    rooms = {room.relative_to(PACKAGE) for room in ROOMS}

    strangers = {
        folder for folder in folders if folder not in rooms and folder.parts[0] not in CROSS_CUTTING
    }

    assert not strangers
    assert CROSS_CUTTING - {path.name for path in TESTS.iterdir()} == set()


TESTED_ELSEWHERE = {
    "catalog",  # values and a port: with what answers, in `store/catalog`, and who asks, in `pins`
    "render/records",  # with what writes them, in `render`, and with docs/formats.md
    "store/notify",  # with the deliveries that it serves, in `notify`
    "store/policies",  # with the evaluations that it serves, in `policies`
}


def test_every_room_is_tested() -> None:
    folders = {path.parent.relative_to(TESTS) for path in TESTS.rglob("test_*.py")}
    tested = {room.as_posix() for folder in folders for room in [folder, *folder.parents]}
    rooms = {room.relative_to(PACKAGE).as_posix() for room in ROOMS}

    assert rooms - tested == TESTED_ELSEWHERE


def test_there_are_25_questions_and_each_is_asked_once() -> None:
    asked = [question for question, _, _ in questions()]

    assert len(asked) == 25
    assert len({module for _, module, _ in questions()}) == 25
    assert len(set(asked)) == 25


@pytest.mark.parametrize(("question", "module", "name"), questions(), ids=lambda text: text)
def test_a_question_is_answered_where_the_map_says(question: str, module: str, name: str) -> None:
    path = PACKAGE / f"{module}.py"

    assert path.is_file(), question
    assert name in names(tree(path).body), question


def test_a_question_may_be_about_any_room() -> None:
    """The questions are spread over the house, and not over the rooms that are easy to guess."""
    asked = {module.partition("/")[0] for _, module, _ in questions()}

    assert len(asked) >= 10
    assert asked <= {room.name for room in ROOMS if room.parent == PACKAGE}


def test_the_map_names_what_there_is() -> None:
    house = pages.fenced(pages.read(pages.ROOT / "CONTRIBUTING.md"), "")[1]
    inside, outside = house.split("\nmigrations/")
    rooms = re.findall(r"^  ([a-z_]+)/ ", inside, re.MULTILINE)
    folders = re.findall(r"^([a-z_]+)/ ", "migrations/" + outside, re.MULTILINE)

    assert sorted(rooms) == [room.name for room in ROOMS if room.parent == PACKAGE]
    assert [name for name in chain(folders) if not (pages.ROOT / name).is_dir()] == []


def test_modules_that_the_guide_names_are_there() -> None:
    text = pages.read(pages.ROOT / "CONTRIBUTING.md")
    named = set(re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)`", text))

    here = {name for name in named if (pages.ROOT / name).is_file() or (PACKAGE / name).is_file()}

    assert named
    assert named == here
