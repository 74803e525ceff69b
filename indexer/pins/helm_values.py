"""Finds the images in the values of Helm charts: a file, or what HelmRelease and Argo CD give.

Charts agree on no keys. Read are those that the Helm documentation and the charts of the large
publishers use: `image` as one text, or `registry`, `repository`, `tag` and `digest`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import yaml

from indexer.pins.digest_search import digests_left, line_within
from indexer.pins.image_names import filled, unreadable
from indexer.pins.yaml_nodes import (
    Documents,
    at,
    elements,
    is_empty,
    items,
    line_of,
    mappings,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.pins.pin import Pin
    from indexer.pins.source_file import SourceFile, Values

_FILE = re.compile(r"(?:.*[._-])?values(?:[._-].*)?\.ya?ml")
_IMAGE = re.compile(r"image|.*[a-z0-9]Image|.*[_-]image")
_ONE_OF_MANY = re.compile(r"[^\s:@]+[:@/]\S+")
_HEX = re.compile(r"[0-9a-f]{64}")
_REMEDY = "check what 'helm template' prints"
_HOSTS = ("registry", "hub")
_PATHS = ("repository", "image", "name")
_TAGS = ("tag", "imageTag", "version")
_DIGESTS = ("digest", "sha", "sha256")
_NUMBER = re.compile(r"[-+]?(?:[0-9][0-9_]*)?\.?[0-9_]+(?:[eE][-+]?[0-9]+)?|0[xob][0-9a-fA-F_]+")
_SHORTEST = re.compile(r"(?:0|[1-9][0-9]{0,5})\.[0-9]{0,6}[1-9]")
_SWITCH = re.compile(r"true|false|yes|no|on|off", re.IGNORECASE)
_MOST_PLAIN = 1_000_000
"""From here on Helm writes a number as 1e+06."""


def is_name(file: SourceFile) -> bool:
    """Whether the name is like `values.yaml`, `values-prod.yaml`, `prod.values.yml`.

    Objects of Kubernetes may have that name too.
    """
    return bool(_FILE.fullmatch(file.base)) and not any(
        keys >= {"apiVersion", "kind"} for keys in file.documents.keys
    )


def is_content(file: SourceFile) -> bool:
    """Whether it names an image in parts, as values do, and is no object of Kubernetes."""
    return file.is_yaml and any(
        at(node, "repository") and (at(node, "tag") or at(node, "digest"))
        for root in file.documents.roots
        if not at(root, "kind")
        for node in mappings(root)
    )


def images(file: SourceFile, given: Values) -> Iterator[Pin]:
    """Yield the images of a file of values, and those with a digest under any other key."""
    found = [pin for root in file.documents.roots for pin in values(root, "values", given)]
    yield from found
    yield from digests_left(file.documents.roots, found, "values")
    if file.documents.problem:
        yield file.documents.problem


def values(root: yaml.Node | None, where: str, given: Values) -> Iterator[Pin]:
    """Yield the images that values name, in order.

    Args:
        root: the values.
        where: what names them.
        given: values for variables, which Flux and others replace.
    """
    if root is not None:
        yield from _Reader(root, where, given).images(root)


def values_in_text(node: yaml.Node | None, where: str, given: Values) -> Iterator[Pin]:
    """Yield the images of values that are YAML within a text."""
    if node is None or is_empty(node):
        return
    documents = Documents(text_of(node))
    pins = [pin for root in documents.roots for pin in values(root, where, given)]
    pins += [documents.problem] if documents.problem else []
    for pin in pins:
        yield replace(pin, line=line_within(node, (pin.line or 1) - 1))


class _Reader:
    """Finds the images of one set of values."""

    def __init__(self, root: yaml.Node, where: str, given: Values) -> None:
        self._where = where
        self._given = given
        self._everywhere = text_of(at(at(root, "global"), "imageRegistry"))
        """The registry of all images, by Bitnami's convention."""

    def images(self, root: yaml.Node) -> Iterator[Pin]:
        done: set[int] = set()
        for node in mappings(root):
            if id(node) not in done and at(node, "repository") and _has_label(node):
                done.add(id(node))
                yield from self._parts(node)
            for key, value in items(node):
                if _IMAGE.fullmatch(key) and isinstance(value, yaml.MappingNode):
                    if id(value) not in done:
                        done.add(id(value))
                        yield from self._parts(value)
                elif _IMAGE.fullmatch(key) and id(node) not in done:
                    yield from self._text(node, key, value)
                elif key == "images":
                    yield from self._several(value)
                elif key.endswith("Repository"):
                    yield from self._flat(node, key.removesuffix("Repository"))

    def _parts(self, node: yaml.Node) -> Iterator[Pin]:
        """An image in parts. A mapping without a path, tag and digest says something else."""
        tag, digest = _label(node, _TAGS), _first(node, _DIGESTS)
        parts = [part for key in _PATHS if (part := at(node, key)) and not is_empty(part)]
        path = "/".join(map(text_of, parts))
        if "://" in path.removeprefix("oci://"):
            return
        if path:
            is_moved = self._everywhere and at(node, "registry")
            host = self._everywhere if is_moved else _first(node, _HOSTS)
            yield self._joined(parts[0], (host, path), tag, digest)
        elif digest or not is_empty(tag):
            name = f":{text_of(tag)}@{digest}" if digest else f":{text_of(tag)}"
            why = f"its repository is not in these values: {_REMEDY}"
            yield unreadable(name, self._where, line_of(node), why)

    def _flat(self, node: yaml.Node, prefix: str) -> Iterator[Pin]:
        """An image in parts beside others: `imageRepository`, `imageTag`."""
        path, tag = at(node, f"{prefix}Repository"), at(node, f"{prefix}Tag")
        digest, host = (text_of(at(node, f"{prefix}{key}")) for key in ("Digest", "Registry"))
        name = text_of(path)
        if path is not None and name and "://" not in name and (tag is not None or digest):
            yield self._joined(path, (host, name), tag, digest)

    def _text(self, node: yaml.Node, key: str, value: yaml.Node) -> Iterator[Pin]:
        """An image as a text, whose tag may stand beside it."""
        if not isinstance(value, yaml.ScalarNode) or is_empty(value):
            return
        if _is_plain(value, _NUMBER) or _is_plain(value, _SWITCH):
            return
        tag = at(node, f"{key}Tag") or (at(node, "tag") if key == "image" else None)
        text = text_of(value)
        last = text.rpartition("/")[2]
        if tag is None or ":" in last or "@" in last:
            yield self._named(text, line_of(value))
        else:
            yield self._joined(value, ("", text), tag, text_of(at(node, "digest")))

    def _several(self, node: yaml.Node) -> Iterator[Pin]:
        """Images in a list, or by name. Other settings may stand between them."""
        for value in [*elements(node), *(each for _, each in items(node))]:
            if isinstance(value, yaml.ScalarNode) and _ONE_OF_MANY.fullmatch(value.value):
                yield self._named(value.value, line_of(value))

    def _joined(
        self, node: yaml.Node, name: tuple[str, str], tag: yaml.Node | None, digest: str
    ) -> Pin:
        host, path = name
        whole = f"{host.rstrip('/')}/{path}" if host else path
        label = "" if is_empty(tag) else text_of(tag)
        if tag is not None and _is_rewritten(tag):
            why = f"its tag {label} is a number, which Helm may write in another way: quote it"
            return unreadable(f"{whole}:{label}", self._where, line_of(tag), why)
        if not label and not digest:
            why = f"its tag is not in these values, and charts have defaults for it: {_REMEDY}"
            return unreadable(whole, self._where, line_of(node), why)
        whole = f"{whole}:{label}" if label else whole
        if digest:
            whole += f"@sha256:{digest}" if _HEX.fullmatch(digest) else f"@{digest}"
        return self._named(whole, line_of(node))

    def _named(self, text: str, line: int) -> Pin:
        if "{{" in text:
            return unreadable(text, self._where, line, f"it is a template: {_REMEDY}")
        return filled(text.removeprefix("oci://"), self._where, line, self._given)


def _has_label(node: yaml.Node) -> bool:
    return any(at(node, key) is not None for key in (*_TAGS, *_DIGESTS))


def _is_rewritten(tag: yaml.Node) -> bool:
    """Whether Helm prints a number in another way than it is written: 1.20 as 1.2."""
    text = text_of(tag)
    if not _is_plain(tag, _NUMBER):
        return False
    if text.isdecimal():
        return str(int(text[:20])) != text or int(text[:20]) >= _MOST_PLAIN
    return not _SHORTEST.fullmatch(text)


def _is_plain(node: yaml.Node, pattern: re.Pattern[str]) -> bool:
    """Whether a scalar is a number or a switch: it has no quotes, and looks like one."""
    if not isinstance(node, yaml.ScalarNode) or node.style in {"'", '"', "|", ">"}:
        return False
    return bool(pattern.fullmatch(node.value))


def _first(node: yaml.Node, keys: tuple[str, ...]) -> str:
    return next((text for key in keys if (text := text_of(at(node, key)))), "")


def _label(node: yaml.Node, keys: tuple[str, ...]) -> yaml.Node | None:
    return next((value for key in keys if (value := at(node, key)) is not None), None)
