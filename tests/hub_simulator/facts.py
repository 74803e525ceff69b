"""The facts of docs/hub-facts.md, and which test is of which."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = Path(__file__).parents[2] / "docs" / "hub-facts.md"
HEADINGS = {"fact", "answer"}

Test = TypeVar("Test", bound="Callable[..., None]")


class Fact(NamedTuple):
    """A row of a table: what it is called, and what it says."""

    name: str
    says: str

    @property
    def fields(self) -> list[str]:
        """The names in it that are set as code, in their order."""
        return re.findall(r"`([a-z_0-9]+)`", self.says)


def facts() -> dict[str, Fact]:
    """The rows of all tables of the page, by name."""
    rows = [
        Fact(*(cell.strip() for cell in line.strip("| \n").split(" | ")[:2]))
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and not line.startswith("| ---")
    ]
    found = {row.name: row for row in rows if row.name not in HEADINGS}
    assert len(found) == sum(row.name not in HEADINGS for row in rows), "two rows of one name"
    return found


def shows(*names: str) -> Callable[[Test], Test]:
    """Say which rows of the page a test is of."""

    def marked(test: Test) -> Test:
        test.__dict__.setdefault("facts", []).extend(names)
        return test

    return marked
