"""Finds images by their digest, wherever in a file they stand.

Each kind of file knows the keys under which images stand. `NAME@sha256:…` is an image under any
other key too: in a variable, in a command, in a list that a tool of its own reads.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import yaml

from indexer.pins.image_names import named
from indexer.pins.yaml_nodes import line_of, scalars

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from indexer.pins.pin import Pin

_PINNED = re.compile(
    r"(?<![\w@:/.}-])(?:docker://|docker-image://|oci://)?"
    r"((?:[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]+)?/)?[a-z0-9][a-z0-9._/-]*(?::[\w][\w.-]*)?"
    r"@(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}))(?![0-9a-f])",
    re.ASCII,
)


def pinned(text: str) -> Iterator[tuple[str, int]]:
    """Yield each image with a digest in a text, and how many lines stand before it."""
    for match in _PINNED.finditer(text):
        yield match[1], text.count("\n", 0, match.start(1))


def digests_left(
    roots: Iterable[yaml.Node], found: Iterable[Pin], where: str, but: Collection[str] = ()
) -> Iterator[Pin]:
    """Yield the images with a digest that no pin has yet.

    Args:
        roots: where to look; comments are not looked at.
        found: what is known already. A tag with a digest is the end of an image in parts.
        where: what names them.
        but: keys below which nothing is looked for.
    """
    known = _Known(text for each in found for text in (each.text, str(each.reference or "")))
    for root in roots:
        for node in scalars(root, but):
            if "@sha" not in node.value:
                continue
            for name, before in pinned(node.value):
                pin = named(name, where, line_within(node, before))
                if not known.has(name, str(pin.reference)):
                    known.add(name)
                    yield pin


class _Known:
    """The images that are known, by their digests: a file may have thousands."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._by_digest: defaultdict[str, list[str]] = defaultdict(list)
        for text in texts:
            self.add(text)

    def add(self, text: str) -> None:
        self._by_digest[text.rpartition("@")[2]].append(text)

    def has(self, name: str, full: str) -> bool:
        """Whether an image is known, as it is written or in full; a tag with a digest ends one."""
        texts = self._by_digest[name.rpartition("@")[2]]
        return any(text in {name, full} or text.endswith(f":{name}") for text in texts)


def line_within(node: yaml.Node, before: int) -> int:
    """The line of a file for a line within a text, from 0; of a quoted text its first."""
    is_block = isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"}
    return line_of(node) + 1 + before if is_block else line_of(node)
