"""Reads HCL to the nodes that its JSON form has, each with its line.

HCL's specification defines both forms ("JSON Configuration Syntax"), so what reads these nodes
reads `main.tf` and `main.tf.json`, `docker-bake.hcl` and `docker-bake.json`. The syntax is parsed
in `syntax`. What is more than a literal stays an `Expression`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml
from lark import Token, Tree

from indexer.pins.hcl.syntax import LONGEST, Damaged, heredoc, literal, parsed, trees, unwrapped
from indexer.pins.yaml_nodes import elements, items, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_STRUCTURES = frozenset(
    {"jsonencode", "yamlencode", "tolist", "toset", "tomap", "jsondecode", "yamldecode"}
)
"""Functions of one value that leave alone what it holds."""

_JOINED = frozenset({"concat", "merge", "setunion"})
"""Functions whose value holds what all their arguments hold."""

_STRING = "tag:yaml.org,2002:str"
_NULL = "tag:yaml.org,2002:null"


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
    if len(text) > LONGEST:
        raise Damaged("more characters than are read", text.count("\n", 0, LONGEST) + 1)
    text = text.replace("\r\n", "\n")
    try:
        return _Reader(text).body(trees(parsed(text))[0])
    except RecursionError:
        raise Damaged("it is nested too deeply", 1) from None


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
