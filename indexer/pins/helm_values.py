"""Finds the images in the values of Helm charts: a file, or what HelmRelease and Argo CD give.

Charts agree on no keys. Read are those that the Helm documentation and the charts of the large
publishers use: `image` as one text, or `registry`, `repository`, `tag` and `digest`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from indexer.pins.digest_search import digests_left
from indexer.pins.image_names import named, unreadable
from indexer.pins.yaml_nodes import at, elements, is_empty, items, line_of, mappings, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.pins.pin import Pin
    from indexer.pins.source_file import SourceFile, Values

_FILE = re.compile(r"(?:.*[._-])?values(?:[._-].*)?\.ya?ml")
_IMAGE = re.compile(r"image|.*[a-z0-9]Image|.*[_-]image")
_ONE_OF_MANY = re.compile(r"[^\s:@]+[:@/]\S+")
_HEX = re.compile(r"[0-9a-f]{64}")
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
    """Whether the name is like `values.yaml`, `values-prod.yaml`, `prod.values.yml`."""
    return bool(_FILE.fullmatch(file.base))


def is_content(file: SourceFile) -> bool:
    """Whether it names an image in parts, as values do, and is no object of Kubernetes."""
    return file.is_yaml and any(
        at(node, "repository") and (at(node, "tag") or at(node, "digest"))
        for root in file.documents.roots
        if not at(root, "kind")
        for node in mappings(root)
    )


def images(file: SourceFile, _given: Values) -> Iterator[Pin]:
    """Yield the images of a file of values, and those with a digest under any other key."""
    found = [pin for root in file.documents.roots for pin in values(root, "values")]
    yield from found
    yield from digests_left(file.documents, found, "values")
    if file.documents.problem:
        yield file.documents.problem


def values(root: yaml.Node | None, where: str) -> Iterator[Pin]:
    """Yield the images that values name, in order.

    Args:
        root: the values.
        where: what names them.
    """
    if root is None:
        return
    everywhere = text_of(at(at(root, "global"), "imageRegistry"))
    done: set[int] = set()
    for node in mappings(root):
        if id(node) not in done and at(node, "repository") and _has_label(node):
            done.add(id(node))
            yield from _parts(node, where, everywhere)
        for key, value in items(node):
            if _IMAGE.fullmatch(key) and isinstance(value, yaml.MappingNode):
                done.add(id(value))
                yield from _parts(value, where, everywhere)
            elif _IMAGE.fullmatch(key) and id(node) not in done:
                yield from _text(node, key, value, where)
            elif key == "images":
                yield from _several(value, where)
            elif key.endswith("Repository"):
                yield from _flat(node, key.removesuffix("Repository"), where)


def _has_label(node: yaml.Node) -> bool:
    return any(at(node, key) is not None for key in (*_TAGS, *_DIGESTS))


def _parts(node: yaml.Node, where: str, everywhere: str) -> Iterator[Pin]:
    """An image in parts. What has no path is a mapping of something else."""
    parts = [part for key in _PATHS if not is_empty(part := at(node, key)) and part is not None]
    path = "/".join(map(text_of, parts))
    if not path or "://" in path.removeprefix("oci://"):
        return
    host = _first(node, _HOSTS)
    if everywhere and at(node, "registry"):
        host = everywhere
    yield _joined(parts[0], (host, path), _label(node, _TAGS), _first(node, _DIGESTS), where)


def _flat(node: yaml.Node, prefix: str, where: str) -> Iterator[Pin]:
    """An image in parts beside others: `imageRepository`, `imageTag`."""
    path, tag = text_of(at(node, f"{prefix}Repository")), at(node, f"{prefix}Tag")
    digest, host = text_of(at(node, f"{prefix}Digest")), text_of(at(node, f"{prefix}Registry"))
    if path and "://" not in path and (tag is not None or digest):
        yield _joined(node, (host, path), tag, digest, where)


def _text(node: yaml.Node, key: str, value: yaml.Node, where: str) -> Iterator[Pin]:
    """An image as a text, whose tag may stand beside it."""
    if not isinstance(value, yaml.ScalarNode) or is_empty(value):
        return
    if _is_plain(value, _NUMBER) or _is_plain(value, _SWITCH):
        return
    tag = at(node, f"{key}Tag") or (at(node, "tag") if key == "image" else None)
    text = text_of(value)
    last = text.rpartition("/")[2]
    if is_empty(tag) or ":" in last or "@" in last:
        yield _named(text, where, line_of(value))
    else:
        yield _joined(value, ("", text), tag, text_of(at(node, "digest")), where)


def _several(node: yaml.Node, where: str) -> Iterator[Pin]:
    """Images in a list, or by name. Other settings may stand between them."""
    for value in [*elements(node), *(each for _, each in items(node))]:
        if isinstance(value, yaml.ScalarNode) and _ONE_OF_MANY.fullmatch(value.value):
            yield _named(value.value, where, line_of(value))


def _joined(
    node: yaml.Node, name: tuple[str, str], tag: yaml.Node | None, digest: str, where: str
) -> Pin:
    host, path = name
    whole = f"{host.rstrip('/')}/{path}" if host else path
    label = "" if is_empty(tag) else text_of(tag)
    if tag is not None and _is_rewritten(tag):
        why = f"its tag {label} is a number, which Helm may write in another way: quote it"
        return unreadable(f"{whole}:{label}", where, line_of(tag), why)
    if not label and not digest:
        why = (
            "its tag is not in these values, and charts have defaults for it: check what "
            "'helm template' prints"
        )
        return unreadable(whole, where, line_of(node), why)
    whole = f"{whole}:{label}" if label else whole
    if digest:
        whole += f"@sha256:{digest}" if _HEX.fullmatch(digest) else f"@{digest}"
    return _named(whole, where, line_of(node))


def _named(text: str, where: str, line: int) -> Pin:
    if "{{" in text:
        why = "it is a template: check what 'helm template' prints"
        return unreadable(text, where, line, why)
    return named(text.removeprefix("oci://"), where, line, text)


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
