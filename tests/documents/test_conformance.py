"""The table of docs/registries.md that says which test proves what of each registry."""

from __future__ import annotations

import re

import pytest

from tests.documents import pages

PAGE = pages.ROOT / "docs" / "registries.md"
TESTS = pages.ROOT / "tests"

_ROW = re.compile(r"^\|.*\| `((?:\w+/)*test_\w+\.py)::(test_\w+)` \|$", re.MULTILINE)

LEAST_ROWS = 30


def rows() -> list[tuple[str, str]]:
    """File and name of the test of each row."""
    section = pages.read(PAGE).partition("## OCI conformance of what we read")[2]
    return _ROW.findall(section)


def test_the_table_is_read() -> None:
    section = pages.read(PAGE).partition("## OCI conformance of what we read")[2]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    assert len(rows()) == len(lines) - 2 >= LEAST_ROWS


@pytest.mark.parametrize(("file", "name"), rows())
def test_each_test_that_the_table_names_exists(file: str, name: str) -> None:
    path = TESTS / file if "/" in file else TESTS / "sources" / "oci" / file
    assert f"\ndef {name}(" in path.read_text(encoding="utf-8")
