"""Reads YAML to nodes, each with its line.

Only to nodes, not to objects: YAML tags cannot run code, aliases cost nothing, and each image keeps
its line.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import yaml

from indexer.core.printable import shown
from indexer.pins import yaml_composer
from indexer.pins.pin import Pin

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_T = TypeVar("_T")

MERGE = "<<"
"""The key whose mappings are merged in."""

_KEPT = "indexer_keys"
"""The attribute of a mapping that keeps its keys."""


class Documents:
    """The documents of a YAML file.

    Args:
        content: of the file; as bytes in UTF-8.
        called: what it should be; JSON is YAML too.
    """

    def __init__(self, content: str | bytes, called: str = "YAML") -> None:
        self._called = called
        self._content = content if isinstance(content, bytes) else content.encode()
        self._problem: Pin | None = None
        self._is_looked_at = False

    @cached_property
    def roots(self) -> list[yaml.Node]:
        """The root of each document, as far as it could be read."""
        found = self._until_damaged(yaml_composer.nodes(self._content))
        return [root for root, _ in found]

    @property
    def problem(self) -> Pin | None:
        """What could not be read, with its line, if anything."""
        if not self._is_looked_at:
            _ = self.keys
        return self._problem

    @cached_property
    def keys(self) -> list[frozenset[str]]:
        """The keys at the top of each document; costs a tenth of what the roots cost."""
        return list(self._until_damaged(yaml_composer.keys(self._content)))

    def objects(self) -> Iterator[tuple[yaml.Node, bool]]:
        """Yield each document, and whether it is an item of a list.

        Of a document that has a list of `items`, these come first, and then the rest of it. So a
        list of any length takes no more memory than its longest item.
        """
        return self._until_damaged(yaml_composer.nodes(self._content, apart=True))

    def _until_damaged(self, found: Iterator[_T]) -> Iterator[_T]:
        try:
            yield from found
        except yaml_composer.Damaged as damage:
            sentence = f"from here on it is not {self._called}: {shown(damage.why, 100)}."
            self._problem = Pin("", self._called, problem=sentence, line=damage.line)
        self._is_looked_at = True


def at(node: yaml.Node | None, key: str) -> yaml.Node | None:
    """The value of a mapping's key, also one that is merged in (`<<`)."""
    for mapping in _merged(node):
        value = _keys_of(mapping).values.get(key)
        if value is not None:
            return value
    return None


class _Keys(NamedTuple):
    """The keys of a mapping: looked for thousands of times in a file with as many jobs.

    Attributes:
        number: of the entries that it was made of.
        values: the first value of each.
        merged: the values that are merged in, the last one first.
    """

    number: int
    values: dict[str, yaml.Node]
    merged: list[yaml.Node]


def _keys_of(mapping: yaml.MappingNode) -> _Keys:
    kept: _Keys | None = vars(mapping).get(_KEPT)
    if kept is None or kept.number != len(mapping.value):
        values: dict[str, yaml.Node] = {}
        for name, value in mapping.value:
            if isinstance(name, yaml.ScalarNode):
                values.setdefault(name.value, value)
        merged = [value for name, value in reversed(mapping.value) if text_of(name) == MERGE]
        kept = _Keys(len(mapping.value), values, merged)
        vars(mapping)[_KEPT] = kept
    return kept


def _merged(node: yaml.Node | None) -> Iterator[yaml.MappingNode]:
    """Yield a mapping and those that are merged into it, in the order in which their keys win.

    That order is that of YAML's "Merge Key Language-Independent Type": a mapping's own keys, then
    those of the first that it merges, with what that one merges, then those of the next.
    """
    seen: set[int] = set()
    waiting: list[yaml.Node] = [node] if isinstance(node, yaml.MappingNode) else []
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, yaml.SequenceNode):
            waiting += reversed(each.value)
        elif isinstance(each, yaml.MappingNode):
            yield each
            waiting += _keys_of(each).merged


def items(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    """The keys and values of a mapping, and those merged in (`<<`); nothing for anything else."""
    known: set[str] = set()
    for mapping in _merged(node):
        mine = [(text_of(name), value) for name, value in mapping.value if text_of(name) != MERGE]
        yield from ((name, value) for name, value in mine if name not in known)
        known.update(name for name, _ in mine)


def items_with_keys(node: yaml.Node | None) -> list[tuple[yaml.Node, yaml.Node]]:
    """The keys and values of a mapping, both as nodes; none for anything else."""
    return node.value if isinstance(node, yaml.MappingNode) else []


def elements(node: yaml.Node | None) -> list[yaml.Node]:
    """The elements of a sequence; none for anything else."""
    return node.value if isinstance(node, yaml.SequenceNode) else []


def is_empty(node: yaml.Node | None) -> bool:
    """Whether there is no value: none at all, null, or an empty text."""
    return node is None or (
        isinstance(node, yaml.ScalarNode) and (not node.value or node.tag.endswith(":null"))
    )


def nodes(root: yaml.Node, but: Collection[str] = ()) -> Iterator[yaml.Node]:
    """Every node at or below a node but keys, in file order, each once even if aliases repeat it.

    Args:
        root: the node.
        but: keys below which nothing is looked for.
    """
    seen: set[int] = set()
    open_ones = [root]
    while open_ones:
        node = open_ones.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, yaml.MappingNode):
            open_ones += [v for k, v in reversed(node.value) if text_of(k) not in but]
        elif isinstance(node, yaml.SequenceNode):
            open_ones += reversed(node.value)


def scalars(root: yaml.Node, but: Collection[str] = ()) -> Iterator[yaml.ScalarNode]:
    """Every scalar of `nodes`."""
    return (node for node in nodes(root, but) if isinstance(node, yaml.ScalarNode))


def mappings(root: yaml.Node, but: Collection[str] = ()) -> Iterator[yaml.MappingNode]:
    """Every mapping of `nodes`."""
    return (node for node in nodes(root, but) if isinstance(node, yaml.MappingNode))


def text_of(node: yaml.Node | None) -> str:
    """What a scalar says; empty for null and for anything else."""
    is_text = isinstance(node, yaml.ScalarNode) and not node.tag.endswith(":null")
    return str(node.value) if node is not None and is_text else ""


def line_of(node: yaml.Node) -> int:
    """The line on which it begins, from 1."""
    return int(node.start_mark.line) + 1
