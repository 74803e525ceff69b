"""Parses Go's text templates into text, actions and blocks. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from indexer.core.errors import UsageError
from indexer.core.printable import shown

_ACTION = re.compile(
    r"\{\{(-\s)?\s*(/\*.*?\*/|(?:\"(?:[^\"\\]|\\.)*\"|`[^`]*`|[^\"`])*?)\s*(-)?\}\}", re.DOTALL
)
_WORD = re.compile(
    r"""\s*(?:
        (?P<text>"(?:[^"\\]|\\.)*"|`[^`]*`)
        |(?P<number>-?\d+)
        |(?P<path>(?:\$\w*)?(?:\.\w+)+|\$\w*|\.)
        |(?P<name>[A-Za-z_]\w*)
        |(?P<mark>:=|[|(),])
    )""",
    re.VERBOSE,
)
_OPENING = frozenset({"if", "with", "range"})


@dataclass
class Block:
    """An `if`, `with` or `range`, up to its `end`."""

    kind: str
    words: list[str]
    body: list[Any] = field(default_factory=list)
    otherwise: list[Any] | None = None


Node = str | list[str] | Block


def parsed(text: str) -> list[Node]:
    """Parse a template.

    Returns:
        Its nodes: text, actions (each a list of words), and blocks.

    Raises:
        UsageError: the template is wrong; the message says where.
    """
    root: list[Node] = []
    open_blocks: list[Block] = []
    here = root
    for piece in _pieces(text):
        if isinstance(piece, str):
            here.append(piece)
            continue
        head = piece[0] if piece else ""
        if head in _OPENING:
            block = Block(head, piece[1:])
            here.append(block)
            open_blocks.append(block)
            here = block.body
        elif head == "else" and len(piece) == 1 and open_blocks:
            here = open_blocks[-1].otherwise = []
        elif head == "end" and len(piece) == 1 and open_blocks:
            open_blocks.pop()
            last = open_blocks[-1] if open_blocks else None
            here = root if last is None else last.body if last.otherwise is None else last.otherwise
        else:
            here.append(piece)
    if open_blocks:
        raise wrong(f"its '{open_blocks[-1].kind}' has no 'end'")
    return root


def _pieces(text: str) -> list[str | list[str]]:
    """Split into text (a string) and actions (a list of words)."""
    pieces: list[str | list[str]] = []
    place, trim = 0, False
    for action in _ACTION.finditer(text):
        before = text[place : action.start()]
        before = before.lstrip() if trim else before
        pieces.append(before.rstrip() if action[1] else before)
        if not action[2].startswith("/*"):
            pieces.append(_words(action[2]))
        place, trim = action.end(), bool(action[3])
    rest = text[place:]
    if "{{" in rest or "}}" in rest:
        raise wrong("'{{' and '}}' do not match")
    pieces.append(rest.lstrip() if trim else rest)
    return pieces


def _words(action: str) -> list[str]:
    words: list[str] = []
    place, text = 0, action.strip()
    while place < len(text):
        found = _WORD.match(text, place)
        if found is None:
            raise wrong(f"'{shown(text[place:], 40)}' cannot be read")
        words.append(found[0].strip())
        place = found.end()
    if not words:
        raise wrong("'{{}}' is empty")
    return words


def wrong(what: str) -> UsageError:
    """The error for a mistake in a template; the message ends with what is supported."""
    return UsageError(
        f"--format: {what}; supported are fields such as '{{{{.Digest}}}}', 'index', 'json', "
        "'join', 'len', 'range', 'if', 'with' and 'else': see docs/registries.md."
    )
