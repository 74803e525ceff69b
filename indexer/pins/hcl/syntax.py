"""Parses HCL with python-hcl2, to its tree of tokens, and what its texts mean."""

from __future__ import annotations

import re

from lark import Token, Tree
from lark.exceptions import UnexpectedInput

_LONGEST_BLANK = 300
LONGEST = 4 * 1024 * 1024
"""The most characters of a file; parsing them takes half a minute."""

_BLANK = re.compile(rf"\s{{{_LONGEST_BLANK}}}")
"""More blanks in a row are refused: the grammar's here-documents take their square in time."""

_HEREDOC = re.compile(r"<<(-?)[^\r\n]*\r?\n(.*?)[ \t]*[\w.-]+\r?\n\Z", re.DOTALL)


class Damaged(Exception):
    """The text is not HCL.

    Args:
        why: in words.
        line: from 1.
    """

    def __init__(self, why: str, line: int) -> None:
        super().__init__(why)
        self.line = line


def parsed(text: str) -> Tree[Token]:
    """Parse HCL to the tree of python-hcl2.

    Raises:
        Damaged: it cannot be parsed.
    """
    import hcl2  # noqa: PLC0415 - a tenth of a second, only for HCL

    if blank := _BLANK.search(text):
        raise Damaged("too many blanks in a row", text.count("\n", 0, blank.start()) + 1)
    try:
        return hcl2.parses_to_tree(text)
    except UnexpectedInput as error:
        last = text.count("\n") + 1
        line = error.line if 0 < error.line <= last else last
        raise Damaged("this is not expected here", line) from None


def expression(text: str) -> Tree[Token]:
    """Parse one expression.

    Raises:
        Damaged: it cannot be parsed.
    """
    parts = trees(trees(parsed(f"x = {text}\n"))[0])
    if len(parts) != 1 or parts[0].data != "attribute":
        raise Damaged("this is not one expression", 1)
    return trees(parts[0])[-1]


def trees(tree: Tree[Token]) -> list[Tree[Token]]:
    """The children that are no tokens, comments or ends of lines."""
    return [
        each
        for each in tree.children
        if isinstance(each, Tree) and each.data != "new_line_or_comment"
    ]


def unwrapped(tree: Tree[Token]) -> Tree[Token]:
    """What an expression is without its parentheses."""
    while tree.data == "expr_term" and len(trees(tree)) == 1:
        (tree,) = trees(tree)
    return tree


def literal(tree: Tree[Token]) -> str | None:
    """The text of a string without templates; None for any other."""
    parts = []
    for part in trees(tree):
        token = part.children[0]
        if not isinstance(token, Token):
            return None
        if token.type == "STRING_CHARS":
            parts.append(unescaped(token))
        else:  # an escaped template: `$${…}`
            parts.append(token[1:])
    return "".join(parts)


def unescaped(text: str) -> str:
    r"""The characters that a quoted text means: `\n`, `\"`, `é` (HCL, "Template Expressions")."""
    escapes = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}

    def one(match: re.Match[str]) -> str:
        code = match[1]
        if code[0] in "uU":
            number = int(code[1:], 16)
            return chr(number) if number <= 0x10FFFF else match[0]  # noqa: PLR2004 - Unicode's last
        return escapes.get(code, match[0])

    return re.sub(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", one, text)


def heredoc(written: str) -> str:
    """The text of a here-document; with `<<-` without the blanks that all its lines begin with."""
    match = _HEREDOC.match(written)
    if match is None:
        return ""
    text = match[2]
    if not match[1]:
        return text
    lines = text.split("\n")
    indent = min((len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()), default=0)
    return "\n".join(line[indent:] for line in lines)
