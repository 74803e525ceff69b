"""Composes YAML's events to nodes, as YAML 1.2 has it, in one pass and without recursion.

PyYAML's own composer refuses an anchor that is set twice (YAML 1.2 allows that, section 3.2.2.2),
looks up a type for every scalar in Python, which takes most of its time, and holds a whole list of
objects at once. This one knows strings and null only, and hands out the items of a list one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

_Node = TypeVar("_Node", bound=yaml.CollectionNode)

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's loader where it is installed: ten times as fast."""

DEEPEST = 500
"""How deep nodes may be nested; a schema of Kubernetes has some 60 levels."""

_STRING = "tag:yaml.org,2002:str"
_NULL = "tag:yaml.org,2002:null"
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
"""What a plain scalar without a tag is null by (YAML 1.2, section 10.3.2)."""

ITEMS = "items"
"""The key under which a list of Kubernetes objects has them."""


class Damaged(Exception):
    """The text is not YAML from a line on.

    Args:
        why: in words.
        line: from 1; None if it is not known.
    """

    def __init__(self, why: str, line: int | None) -> None:
        super().__init__(why)
        self.why = why
        self.line = line


def events(content: bytes) -> Iterator[yaml.Event]:
    """Yield the events of YAML text in UTF-8.

    Raises:
        Damaged: it is not YAML from there on.
    """
    try:
        yield from yaml.parse(content, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or getattr(error, "reason", None) or "damaged"
        raise Damaged(str(why), mark.line + 1 if mark else None) from None


def nodes(content: bytes, *, apart: bool = False) -> Iterator[tuple[yaml.Node, bool]]:
    """Yield the root of each document, and whether it is an item of a list.

    Args:
        content: in UTF-8.
        apart: yield the items of a document that has a list of `items` one by one, as soon as they
            are read, and the document without them afterwards.

    Raises:
        Damaged: it is not YAML from there on.
    """
    composer = _Composer(apart=apart)
    for event in events(content):
        done = composer.add(event)
        if done is not None:
            yield done, composer.is_item


def keys(content: bytes) -> Iterator[frozenset[str]]:
    """Yield the keys at the top of each document; none for a document that is no mapping.

    Raises:
        Damaged: it is not YAML from there on.
    """
    found: set[str] = set()
    depth, is_mapping, is_key = 0, False, True
    for event in events(content):
        match event:
            case yaml.DocumentStartEvent():
                found, is_mapping, is_key = set(), False, True
            case yaml.DocumentEndEvent():
                yield frozenset(found)
            case yaml.CollectionEndEvent():
                depth -= 1
            case yaml.NodeEvent():
                if depth == 1 and is_mapping:
                    if is_key and isinstance(event, yaml.ScalarEvent):
                        found.add(event.value)
                    is_key = not is_key
                if isinstance(event, yaml.CollectionStartEvent):
                    is_mapping = (
                        isinstance(event, yaml.MappingStartEvent) if not depth else is_mapping
                    )
                    depth += 1


class _Composer:
    """Builds nodes from events. `is_item` says of the last one whether it was an item."""

    def __init__(self, *, apart: bool) -> None:
        self._apart = apart
        self.is_item = False
        self._anchors: dict[str, yaml.Node] = {}
        self._open: list[yaml.CollectionNode] = []
        self._keys: list[yaml.Node | None] = []
        """For each open mapping the key that waits for its value."""
        self._list: yaml.Node | None = None
        """The list whose items are told one by one."""

    def add(self, event: yaml.Event) -> yaml.Node | None:
        """Take the next event; return what is complete with it and is told, if anything is."""
        match event:
            case yaml.ScalarEvent():
                return self._place(event, _scalar(event))
            case yaml.MappingStartEvent():
                self._begin(event, _node(yaml.MappingNode, event))
            case yaml.SequenceStartEvent():
                self._begin(event, _node(yaml.SequenceNode, event))
            case yaml.CollectionEndEvent():
                self._keys.pop()
                return self._told(self._open.pop())
            case yaml.AliasEvent():
                return self._place(event, self._anchored(event))
            case yaml.DocumentStartEvent():
                self._anchors.clear()
        return None

    def _begin(self, event: yaml.NodeEvent, node: yaml.CollectionNode) -> None:
        if len(self._open) >= DEEPEST:
            raise Damaged(f"more than {DEEPEST} levels are nested", node.start_mark.line + 1)
        if self._apart and self._is_items(node):
            self._list = node
        self._attach(event, node)
        self._open.append(node)
        self._keys.append(None)

    def _is_items(self, node: yaml.Node) -> bool:
        """Whether a node is the list of items of a document."""
        key = self._keys[0] if len(self._open) == 1 else None
        return isinstance(node, yaml.SequenceNode) and key is not None and key.value == ITEMS

    def _place(self, event: yaml.NodeEvent, node: yaml.Node) -> yaml.Node | None:
        self._attach(event, node)
        return self._told(node)

    def _attach(self, event: yaml.NodeEvent, node: yaml.Node) -> None:
        """Put a node where it belongs. That is before its content is read: it may hold itself."""
        if event.anchor and not isinstance(event, yaml.AliasEvent):
            self._anchors[event.anchor] = node
        if not self._open or self._open[-1] is self._list:
            return
        parent, key = self._open[-1], self._keys[-1]
        if isinstance(parent, yaml.SequenceNode):
            parent.value.append(node)
        elif key is None:
            self._keys[-1] = node
        else:
            parent.value.append((key, node))
            self._keys[-1] = None

    def _told(self, node: yaml.Node) -> yaml.Node | None:
        """The node if it is a root or an item, and complete."""
        self.is_item = bool(self._open) and self._open[-1] is self._list
        if node is self._list:
            self._list = None
        return node if self.is_item or not self._open else None

    def _anchored(self, event: yaml.AliasEvent) -> yaml.Node:
        node = self._anchors.get(event.anchor or "")
        if node is None:
            line = event.start_mark.line + 1 if event.start_mark else None
            raise Damaged(f"no anchor '{event.anchor}' stands before this alias", line)
        return node


def _node(kind: type[_Node], event: yaml.CollectionStartEvent) -> _Node:
    return kind(event.tag or "", [], cast("yaml.Mark", event.start_mark))


def _scalar(event: yaml.ScalarEvent) -> yaml.ScalarNode:
    tag = event.tag
    if tag is None:
        tag = _NULL if event.implicit[0] and event.value in _NULLS else _STRING
    return yaml.ScalarNode(tag, event.value, cast("yaml.Mark", event.start_mark), style=event.style)
