"""What is asked for, what is pinned, what is explained and what is imported are the same."""

from __future__ import annotations

import ast
import re
import tomllib
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.documents import pages

_PROJECT: dict[str, Any] = tomllib.loads(pages.read(pages.ROOT / "pyproject.toml"))
_GROUPS = {"run": _PROJECT["project"]["dependencies"], **_PROJECT["dependency-groups"]}
_TITLES = {
    "run": "To run",
    "build": "To build",
    "test": "To test",
    "lint": "To check",
    "docs": "To build the documentation",
    "audit": "To ask for known vulnerabilities",
}
_DEV = [group for group in _GROUPS if group not in {"audit", "docs"}]
_FILES = ["run.txt", "build.txt", "dev.txt", "parquet.txt", "docs.txt", "audit.txt"]

_PIN = re.compile(
    r"^([a-z0-9.-]+)==(\S+)((?: ;[^\\\n]*)?) \\\n((?: +--hash=\S+(?: \\)?\n)+)", re.MULTILINE
)

LOADED_BY_NAME = {"psycopg"}
"""SQLAlchemy imports the driver that a database's URL names."""

IMPORTED_AS = {
    "google-re2": "re2",
    "packageurl-python": "packageurl",
    "prometheus-client": "prometheus_client",
    "python-hcl2": "hcl2",
    "pyyaml": "yaml",
}
"""Packages whose modules have another name."""


def _asked(group: str) -> dict[str, Requirement]:
    requirements = [Requirement(text) for text in _GROUPS[group] if isinstance(text, str)]
    return {canonicalize_name(each.name): each for each in requirements}


def _pinned(file: str) -> dict[str, str]:
    text = pages.read(pages.ROOT / "requirements" / file)
    return {name: version for name, version, _, _ in _PIN.findall(text)}


@pytest.mark.parametrize("group", _GROUPS)
def test_every_dependency_is_explained_and_no_other(group: str) -> None:
    page = pages.read(pages.ROOT / "docs" / "dependencies.md")
    section = page.split(f"## {_TITLES[group]}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)

    explained = {canonicalize_name(Requirement(name).name) for name in rows}

    assert explained == set(_asked(group))


def test_every_dependency_is_imported_by_the_program() -> None:
    imported = set()
    for path in (pages.ROOT / "indexer").rglob("*.py"):
        for node in ast.walk(ast.parse(pages.read(path))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.partition(".")[0])

    asked = {IMPORTED_AS.get(name, name) for name in _asked("run")}
    assert asked - imported <= LOADED_BY_NAME


@pytest.mark.parametrize(
    ("file", "groups"),
    [
        ("run.txt", ["run"]),
        ("build.txt", ["build"]),
        ("dev.txt", _DEV),
        ("parquet.txt", ["run"]),
        ("docs.txt", ["docs"]),
        ("audit.txt", ["audit"]),
    ],
)
def test_the_lock_answers_what_is_asked_for(file: str, groups: list[str]) -> None:
    pinned = _pinned(file)
    asked = {name: each for group in groups for name, each in _asked(group).items()}

    unanswered = [
        str(each)
        for name, each in asked.items()
        if name not in pinned or not each.specifier.contains(pinned[name])
    ]

    assert not unanswered, "run 'make lock' and commit it"


def test_what_is_tested_is_what_is_run() -> None:
    everything = _pinned("dev.txt")

    assert _pinned("run.txt").items() <= everything.items()
    assert _pinned("build.txt").items() <= everything.items()


def test_each_extra_is_pinned_with_all_that_is_run() -> None:
    extras = _PROJECT["project"]["optional-dependencies"]

    assert sorted(path.name for path in (pages.ROOT / "requirements").iterdir()) == sorted(_FILES)
    for extra, requirements in extras.items():
        pinned = _pinned(f"{extra}.txt")
        assert {canonicalize_name(Requirement(each).name) for each in requirements} <= set(pinned)
        assert _pinned("run.txt").items() <= pinned.items()


@pytest.mark.parametrize("file", _FILES)
def test_every_pin_has_its_hashes_and_names_no_place(file: str) -> None:
    text = pages.read(pages.ROOT / "requirements" / file)

    assert len(_PIN.findall(text)) == text.count("==") - text.count(" == ")
    assert "://" not in text
    assert not re.search(r"^(-|/|\.)", text, re.MULTILINE)


def test_the_build_system_is_what_is_pinned_for_it() -> None:
    assert _PROJECT["build-system"]["requires"] == _GROUPS["build"]


@pytest.mark.parametrize(
    "contract",
    [
        each
        for each in _PROJECT["tool"]["importlinter"]["contracts"]
        if each["type"] == "protected" and "indexer" not in each["protected_modules"][0]
    ],
    ids=lambda each: each["name"],
)
def test_the_page_says_who_may_import_what(contract: dict[str, Any]) -> None:
    """As the import contracts have it, for a package and those that come with it."""
    page = pages.read(pages.ROOT / "docs" / "dependencies.md")
    rows = re.findall(r"^\| `([^`\[]+)(?:\[[^`]*)?` \|(.*)$", page, re.MULTILINE)
    told = "".join(text for name, text in rows if name in contract["protected_modules"])
    importers = {name.removeprefix("indexer.") for name in contract["allowed_importers"]}

    assert {name for name in importers if f"`{name}`" not in told} == set()
