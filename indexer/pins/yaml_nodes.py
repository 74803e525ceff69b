"""Reads YAML to nodes, each with its line.

Only to nodes, not to objects: YAML tags cannot run code, aliases cost nothing, and each image keeps
its line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from indexer.core.printable import shown
from indexer.pins.pin import Pin

if TYPE_CHECKING:
    from collections.abc import Iterator

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's loader where it is installed: ten times as fast."""

_MOST_MERGES = 100
"""The most mappings merged into one; more is taken as an attack."""


class Documents:
    """The documents of a YAML file. `problem` says what could not be read, if anything."""

    def __init__(self, text: str) -> None:
        self.roots: list[yaml.Node] = []
        self.problem: Pin | None = None
        try:
            for root in yaml.compose_all(text, Loader=_Loader):
                self.roots.append(root)
        except RecursionError:
            self.problem = Pin("", "YAML", problem="it is nested too deeply.")
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            why = getattr(error, "problem", None) or getattr(error, "reason", None) or "damaged"
            line = mark.line + 1 if mark else None
            sentence = f"from here on it is not YAML: {shown(str(why), 100)}."
            self.problem = Pin("", "YAML", problem=sentence, line=line)


def at(node: yaml.Node | None, key: str) -> yaml.Node | None:
    """The value of a mapping's key, also one that is merged in (`<<`)."""
    merged: list[yaml.Node] = [node] if node is not None else []
    for number, each in enumerate(merged):
        if number > _MOST_MERGES or not isinstance(each, yaml.MappingNode):
            continue
        for name, value in each.value:
            if isinstance(name, yaml.ScalarNode) and name.value == key:
                return value  # type: ignore[no-any-return] # the stubs do not say what it holds
            if isinstance(name, yaml.ScalarNode) and name.value == "<<":
                merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
    return None


def items(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    """The keys and values of a mapping; nothing for anything else."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield text_of(name), value


def mappings(root: yaml.Node) -> Iterator[yaml.Node]:
    """Every mapping below a node, in file order, each once even if aliases repeat it."""
    seen: set[int] = set()
    open_ones = [root]
    while open_ones:
        node = open_ones.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            yield node
            open_ones += [value for _, value in reversed(node.value)]
        elif isinstance(node, yaml.SequenceNode):
            open_ones += reversed(node.value)


def joined_image(node: yaml.Node, name: str, tag: str) -> str:
    """`REGISTRY/NAME:TAG@DIGEST` from the parts that are given; empty without a name."""
    path = text_of(at(node, name))
    if not path:
        return ""
    host, label, digest = (text_of(at(node, key)) for key in ("registry", tag, "digest"))
    whole = f"{host}/{path}" if host else path
    whole = f"{whole}:{label}" if label else whole
    return f"{whole}@{digest}" if digest else whole


def text_of(node: yaml.Node | None) -> str:
    """What a scalar says; empty for anything else."""
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def line_of(node: yaml.Node) -> int:
    """The line on which it begins, from 1."""
    return int(node.start_mark.line) + 1
