"""Each file of tests that a page names is there: what a page calls proven can be run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.documents import pages

if TYPE_CHECKING:
    from pathlib import Path

_NAMED = re.compile(r"\btests/[\w/]+\.py\b")
_NAME = re.compile(r"(?:`|::)(test_\w+)`")
"""The name of a test function, not of a file."""

_TEST = re.compile(r"^ *def (test_\w+)\(", re.MULTILINE)


@pytest.mark.parametrize("page", pages.PAGES, ids=pages.name)
def test_every_file_of_tests_that_a_page_names_is_there(page: Path) -> None:
    named = set(_NAMED.findall(pages.read(page)))
    assert [file for file in sorted(named) if not (pages.ROOT / file).is_file()] == []


def test_every_test_that_a_page_names_is_there() -> None:
    files = (pages.ROOT / "tests").rglob("test_*.py")
    there = {name for file in files for name in _TEST.findall(file.read_text(encoding="utf-8"))}
    named = {name for page in pages.PAGES for name in _NAME.findall(pages.read(page))}
    assert len(named) > 50
    assert sorted(named - there) == []


def test_each_wall_has_a_proof() -> None:
    section = pages.read(pages.ROOT / "docs" / "security.md").partition("## The walls")[2]
    rows = [line for line in section.partition("\n## ")[0].splitlines() if line.startswith("| ")][
        2:
    ]
    assert len(rows) > 20
    assert [row for row in rows if not _NAMED.search(row)] == []
