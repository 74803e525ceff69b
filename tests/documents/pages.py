"""The written pages: which there are, and what links, anchors and commands they hold."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent.parent

PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").rglob("*.md")]
)

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:^ {4}.*\n)+", re.MULTILINE)
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_COMMAND = re.compile(r"(?:^|[\s;&(])(?:[\w./]*/)?indexer (?=[a-z-])([^\n]*)")
"""A command's name and one space, so that a table's column of that name is none."""

_END = re.compile(r"\s(?:[|>;]|&&|2>|#)\s?")


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def links(text: str) -> list[str]:
    """Where a page leads, code left out."""
    return _LINK.findall(_INLINE.sub("", _FENCED.sub("", text)))


def anchors(text: str) -> set[str]:
    """What can stand after a `#`, as GitHub makes it of headings."""
    return {
        re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        for heading in _HEADING.findall(_FENCED.sub("", text))
    }


def code(text: str) -> Iterator[str]:
    """Each block of code, and each piece between backticks."""
    yield from (block for _, block in _FENCED.findall(text))
    rest = _FENCED.sub("", text)
    yield from _INDENTED.findall(rest)
    yield from _INLINE.findall(rest)


def commands(text: str) -> list[str]:
    """What a page calls the program with, up to a pipe or a comment."""
    found = []
    for piece in code(text):
        for line in piece.replace("\\\n", " ").splitlines():
            found += [_END.split(match[1])[0].strip() for match in _COMMAND.finditer(line)]
    return found


def fenced(text: str, language: str) -> list[str]:
    """The blocks of one language."""
    return [block for its_language, block in _FENCED.findall(text) if its_language == language]
