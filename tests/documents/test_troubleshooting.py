"""docs/troubleshooting.md: each message that it quotes is one that the program says."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.documents import pages

PAGE = pages.ROOT / "docs" / "troubleshooting.md"

_QUOTED = re.compile(r"(?<![*\w])\*([^*\n]{6,}?)\*(?!\*)")


def quoted() -> list[str]:
    return [each.strip(" …") for each in _QUOTED.findall(pages.read(PAGE))]


@cache
def said() -> str:
    """All sentences of the program, their inserts left out as `…`."""
    texts = []
    for path in sorted((pages.ROOT / "indexer").rglob("*.py")):
        for node in ast.walk(ast.parse(pages.read(path))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = (
                    each.value if isinstance(each, ast.Constant) else "…" for each in node.values
                )
                texts.append("".join(map(str, parts)))
    return " ".join("\n".join(texts).split())


def test_there_are_messages_to_look_for() -> None:
    assert len(quoted()) > 20


@pytest.mark.parametrize("message", quoted())
def test_a_message_is_one_of_the_program(message: str) -> None:
    parts = [part.strip() for part in message.split("…")]

    assert [part for part in parts if part not in said()] == []
