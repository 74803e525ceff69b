"""One word for one thing, in all that users read: pages, help, messages."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from tests.documents import pages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SAY_INSTEAD = {
    r"owed|owes": "pending",
    r"sweeps?": "a full crawl",
    r"standings?": "a verdict",
    r"vanish(ed|es)?": "removed",
    r"gone": "removed",
    r"news": "a change, or new",
    r"late": "overdue",
    r"(points?|pointed) elsewhere|points to something else": "retagged",
    r"(tags?|releases?)( that| must not| may not)? mov(e|es|ed)|moved tags?": "retagged",
    r"kinds? of moves?|moves? of a tag": "a kind of retag",
    r"(become|in|as|of) a digest of|digests? of changes": "a summary",
    r"life of a tag|intervals? of (a|each) tag": "periods",
}
"""What is not said, and what is."""

_REFUSED = {
    re.compile(rf"\b({word})\b", re.IGNORECASE): better for word, better in SAY_INSTEAD.items()
}

_EXAMPLES = [pages.ROOT / "config.example.toml", *(pages.ROOT / "docs" / "examples").iterdir()]

_OLD_WORDS = {"CHANGELOG.md"}
"""Says what things were called before."""


def _written() -> Iterator[tuple[str, str]]:
    """Where something stands that users read, and the text."""
    for page in [*pages.PAGES, *_EXAMPLES]:
        if pages.name(page) not in _OLD_WORDS:
            yield pages.name(page), pages.read(page)
    for path in sorted((pages.ROOT / "indexer").rglob("*.html")):
        yield pages.name(path), re.sub(r"\{[%{].*?[%}]\}|<[^>]*>", " ", pages.read(path))
    for path in sorted((pages.ROOT / "indexer").rglob("*.py")):
        yield from ((pages.name(path), text) for text in _messages(path))


def _messages(path: Path) -> Iterator[str]:
    """The texts of a module but for its docstrings; those of commands are on a page."""
    for node in ast.walk(ast.parse(pages.read(path))):
        for child in ast.iter_child_nodes(node):
            is_docstring = isinstance(node, ast.Expr)
            if (
                isinstance(child, ast.Constant)
                and isinstance(child.value, str)
                and not is_docstring
            ):
                yield child.value


def test_one_word_is_used_for_one_thing() -> None:
    found = [
        f"{where}: '{match[0]}' ({better}): {text[max(0, match.start() - 40) : match.end() + 40]!r}"
        for where, text in _written()
        for word, better in _REFUSED.items()
        for match in word.finditer(text)
    ]

    assert not found, "\n".join(found)
