"""Reads HCL to the nodes that its JSON form has, each with its line.

HCL's specification defines both forms ("JSON Configuration Syntax"), so what reads these nodes
reads `main.tf` and `main.tf.json`, `docker-bake.hcl` and `docker-bake.json`. The syntax is parsed
by python-hcl2. What is more than a literal stays an `Expression`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml
from lark import Token, Tree
from lark.exceptions import UnexpectedInput

from indexer.pins.yaml_nodes import elements, items, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_BLANK = 300
_LONGEST = 4 * 1024 * 1024
"""The most characters of a file; parsing them takes half a minute."""

_BLANK = re.compile(rf"\s{{{_LONGEST_BLANK}}}")
"""More blanks in a row are refused: the grammar's here-documents take their square in time."""

_HEREDOC = re.compile(r"<<(-?)[^\r\n]*\r?\n(.*?)[ \t]*[\w.-]+\r?\n\Z", re.DOTALL)
_STRUCTURES = frozenset(
    {"jsonencode", "yamlencode", "tolist", "toset", "tomap", "jsondecode", "yamldecode"}
)
"""Functions of one value that leave alone what it holds."""

_JOINED = frozenset({"concat", "merge", "setunion"})
"""Functions whose value holds what all their arguments hold."""

_STRING = "tag:yaml.org,2002:str"
_NULL = "tag:yaml.org,2002:null"


class Damaged(Exception):
    """The text is not HCL.

    Args:
        why: in words.
        line: from 1.
    """

    def __init__(self, why: str, line: int) -> None:
        super().__init__(why)
        self.line = line


class Expression(yaml.ScalarNode):
    """What is more than a literal. Its `value` is what is written.

    Attributes:
        tree: the parsed expression.
    """

    def __init__(
        self, tree: Tree[Token], written: str, line: int, style: str | None = None
    ) -> None:
        super().__init__("!expression", written, _mark(line), style=style)
        self.tree = tree


def read(text: str) -> yaml.MappingNode:
    """Read HCL.

    Raises:
        Damaged: it cannot be parsed.
    """
    if len(text) > _LONGEST:
        raise Damaged("more characters than are read", text.count("\n", 0, _LONGEST) + 1)
    text = text.replace("\r\n", "\n")
    try:
        return _Reader(text).body(trees(parsed(text))[0])
    except RecursionError:
        raise Damaged("it is nested too deeply", 1) from None


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


def blocks(root: yaml.Node, kind: str, labels: int) -> Iterator[tuple[tuple[str, ...], yaml.Node]]:
    """Yield the bodies of all blocks of a type, each with its labels.

    Args:
        root: the file.
        kind: the type.
        labels: how many labels such a block has.
    """
    for name, node in items(root):
        if name == kind:
            yield from _labelled(node, labels, ())


def _labelled(
    node: yaml.Node, count: int, above: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], yaml.Node]]:
    if isinstance(node, yaml.SequenceNode):  # JSON may have a list on each level
        for each in elements(node):
            yield from _labelled(each, count, above)
    elif len(above) == count:
        yield above, node
    else:
        for label, body in items(node):
            yield from _labelled(body, count, (*above, label))


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


class _Reader:
    """Makes nodes of the tree of a text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def body(self, tree: Tree[Token] | Token) -> yaml.MappingNode:
        assert isinstance(tree, Tree)
        root = yaml.MappingNode("", [], _mark(_line(tree)))
        for each in trees(tree):
            if each.data == "attribute":
                name, value = trees(each)
                root.value.append((_key(_name(name), _line(name)), self.node(value)))
            else:
                *labels, inner = trees(each)
                node = self.body(inner)
                for label in reversed(labels):
                    key = _key(_name(label), _line(label))
                    node = yaml.MappingNode("", [(key, node)], _mark(_line(each)))
                root.value += node.value
        return root

    def node(self, tree: Tree[Token]) -> yaml.Node:
        inner = unwrapped(tree)
        line = _line(inner)
        node: yaml.Node
        match inner.data:
            case "string" if (text := literal(inner)) is not None:
                node = yaml.ScalarNode(_STRING, text, _mark(line), style='"')
            case "heredoc_template" | "heredoc_template_trim":
                node = self._heredoc(inner, line)
            case "int_lit" | "float_lit" | "literal_value":
                word = str(inner.children[0])
                node = yaml.ScalarNode(_NULL if word == "null" else _STRING, word, _mark(line))
            case "tuple":
                parts = [self.node(each) for each in trees(inner)]
                node = yaml.SequenceNode("", parts, _mark(line))
            case "object":
                node = self._object(inner, line)
            case "function_call":
                node = self._call(inner, line)
            case _:
                node = Expression(inner, self._written(inner), line)
        return node

    def _heredoc(self, tree: Tree[Token], line: int) -> yaml.Node:
        text = heredoc(str(tree.children[0]))
        if "${" in text or "%{" in text:
            return Expression(tree, text, line, style="|")
        return yaml.ScalarNode(_STRING, text, _mark(line), style="|")

    def _object(self, tree: Tree[Token], line: int) -> yaml.Node:
        root = yaml.MappingNode("", [], _mark(line))
        for each in trees(tree):
            key, value = trees(each)
            inner = unwrapped(trees(key)[0]) if trees(key) else key
            root.value.append((_key(_name(inner), _line(key)), self.node(value)))
        return root

    def _call(self, tree: Tree[Token], line: int) -> yaml.Node:
        """A function: one that leaves its values as they are stands for them."""
        name = _name(tree.children[0])
        arguments = [arg for each in trees(tree) if each.data == "arguments" for arg in trees(each)]
        if name in _STRUCTURES and len(arguments) == 1:
            return self.node(arguments[0])
        parts = [self.node(each) for each in arguments] if name in _JOINED else []
        if parts and all(isinstance(each, yaml.SequenceNode) for each in parts):
            return yaml.SequenceNode("", [one for each in parts for one in each.value], _mark(line))
        if parts and all(isinstance(each, yaml.MappingNode) for each in parts):
            last = {text_of(key): (key, value) for each in parts for key, value in each.value}
            return yaml.MappingNode("", list(last.values()), _mark(line))
        return Expression(tree, self._written(tree), line)

    def _written(self, tree: Tree[Token]) -> str:
        return self._text[tree.meta.start_pos : tree.meta.end_pos]


def _name(tree: Tree[Token] | Token) -> str:
    """The name that an identifier, a key or a label is."""
    if isinstance(tree, Token):
        return str(tree)
    if tree.data == "string":
        return literal(tree) or ""
    return str(tree.children[0]) if tree.children else ""


def _key(name: str, line: int) -> yaml.ScalarNode:
    return yaml.ScalarNode(_STRING, name, _mark(line))


def _line(tree: Tree[Token]) -> int:
    return int(getattr(tree.meta, "line", 1))


def _mark(line: int) -> yaml.Mark:
    return yaml.Mark("", 0, line - 1, 0, "", 0)
