"""The ports of the house are those that CONTRIBUTING lists, and at least two classes keep each."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.documents import pages

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = pages.ROOT / "indexer"
TESTS = pages.ROOT / "tests"

_ROW = re.compile(r"^\| `(\w+)` \| `([a-z_/]+)` \| (.+?) \|(?: (.+?))? \|$", re.MULTILINE)
_NAME = re.compile(r"`(\w+)`")


class Row(NamedTuple):
    """A line of the table: a port, its module, and classes that keep it."""

    port: str
    module: str
    real: list[str]
    ours: list[str]


def rows() -> list[Row]:
    text = pages.read(pages.ROOT / "CONTRIBUTING.md").partition("### Ports\n")[2]
    table = text.partition("\n\n*Pure*")[0]
    return [
        Row(port, module, _NAME.findall(real), _NAME.findall(ours))
        for port, module, real, ours in _ROW.findall(table)
    ]


@cache
def sources(folder: Path) -> dict[Path, str]:
    return {path: pages.read(path) for path in sorted(folder.rglob("*.py"))}


@cache
def classes(folder: Path) -> list[tuple[Path, ast.ClassDef]]:
    return [
        (path, node)
        for path, text in sources(folder).items()
        for node in ast.parse(text).body
        if isinstance(node, ast.ClassDef)
    ]


def bases(node: ast.ClassDef) -> set[str]:
    return {each.id for each in node.bases if isinstance(each, ast.Name)}


def members(node: ast.ClassDef) -> set[str]:
    """The names of methods, properties and fields."""
    methods = {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
    fields = {
        each.target.id
        for each in node.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }
    return methods | fields


def ports() -> dict[str, tuple[str, ast.ClassDef]]:
    """Every `Protocol`, with its module."""
    return {
        node.name: (path.relative_to(PACKAGE).with_suffix("").as_posix(), node)
        for path, node in classes(PACKAGE)
        if "Protocol" in bases(node)
    }


def test_the_ports_are_those_that_are_listed() -> None:
    assert {row.port: row.module for row in rows()} == {
        name: module for name, (module, _) in ports().items()
    }


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.port)
def test_at_least_two_classes_keep_a_port(row: Row) -> None:
    """By subclassing it, or by having all that it promises."""
    promised = members(ports()[row.port][1])

    def keeping(folder: Path) -> set[str]:
        return {
            node.name
            for _, node in classes(folder)
            if row.port in bases(node) or promised <= members(node)
        } - {row.port}

    assert set(row.real) - keeping(PACKAGE) == set()
    assert set(row.ours) - keeping(TESTS) == set()
    assert len({*row.real, *row.ours}) >= 2


@pytest.mark.parametrize("row", [row for row in rows() if row.ours], ids=lambda row: row.port)
def test_the_tests_own_is_used(row: Row) -> None:
    """A class of tests that nothing names keeps a promise to nobody."""
    for name in row.ours:
        named = re.compile(rf"(?<!class )\b{name}\b")
        assert any(named.search(text) for text in sources(TESTS).values()), name
