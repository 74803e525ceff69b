"""Finds the images of YAML files: compose files and Kubernetes objects.

The file is parsed to nodes only, not to objects: YAML tags cannot run code, aliases cost nothing,
and each image keeps its line.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import yaml

from indexer.core.printable import shown
from indexer.pins import dockerfile
from indexer.pins.pin import Pin
from indexer.pins.variable_expansion import NotSet, expand

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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

    @property
    def is_compose(self) -> bool:
        """Whether any document has `services`, as compose files do."""
        return any(
            isinstance(_at(root, "services"), yaml.MappingNode) and _at(root, "kind") is None
            for root in self.roots
        )

    @property
    def is_kubernetes(self) -> bool:
        """Whether any document is a Kubernetes object."""
        return any(_at(root, "kind") and _at(root, "apiVersion") for root in self.roots)


def compose(documents: Documents, given: Mapping[str, str]) -> Iterator[Pin]:
    """Yield the images of a compose file's services, and those that services are built from."""
    for root in documents.roots:
        services = _at(root, "services")
        for name, service in _items(services):
            build = _at(service, "build")
            if isinstance(image := _at(service, "image"), yaml.ScalarNode):
                pin = _filled(image.value, f"service {shown(name, 60)}", _line(image), given)
                if build is None or (pin.reference and pin.reference.digest):
                    yield pin
            yield from _built(build, name, given)
    if documents.problem:
        yield documents.problem


def kubernetes(documents: Documents, given: Mapping[str, str]) -> Iterator[Pin]:
    """Yield every image named anywhere in Kubernetes objects, custom resources included."""
    for root in documents.roots:
        if not (_at(root, "kind") and _at(root, "apiVersion")):
            continue
        kind = _text(_at(root, "kind"))
        if kind == "Kustomization":
            yield from _kustomized(_at(root, "images"), given)
        for node in _all(root):
            yield from _image(_at(node, "image"), kind, given)
    if documents.problem:
        yield documents.problem


def _image(node: yaml.Node | None, kind: str, given: Mapping[str, str]) -> Iterator[Pin]:
    """An image as one string, or in parts, as in Helm values and image volumes."""
    where = shown(kind, 60)
    if isinstance(node, yaml.ScalarNode) and node.value:
        yield _filled(node.value, where, _line(node), given)
    elif isinstance(node, yaml.MappingNode):
        whole = _text(_at(node, "reference")) or _joined(node, "repository", "tag")
        if whole:
            yield _filled(whole, where, _line(node), given)


def _kustomized(images: yaml.Node | None, given: Mapping[str, str]) -> Iterator[Pin]:
    for node in images.value if isinstance(images, yaml.SequenceNode) else ():
        name = "newName" if _at(node, "newName") else "name"
        yield _filled(_joined(node, name, "newTag"), "Kustomization", _line(node), given)


def _joined(node: yaml.Node, name: str, tag: str) -> str:
    """`REGISTRY/NAME:TAG@DIGEST` from the parts that are given; empty without a name."""
    path = _text(_at(node, name))
    if not path:
        return ""
    host, label, digest = (_text(_at(node, key)) for key in ("registry", tag, "digest"))
    whole = f"{host}/{path}" if host else path
    whole = f"{whole}:{label}" if label else whole
    return f"{whole}@{digest}" if digest else whole


def _built(build: yaml.Node | None, name: str, given: Mapping[str, str]) -> Iterator[Pin]:
    """The images that a service is built from, as far as the compose file names them."""
    where = f"service {shown(name, 60)}"
    inline = _at(build, "dockerfile_inline")
    if isinstance(inline, yaml.ScalarNode):
        for pin in dockerfile.images(inline.value, given):
            yield replace(pin, where=f"{where}, {pin.where}", line=_line(inline))
    contexts = _at(build, "additional_contexts")
    nodes = [value for _, value in _items(contexts)]
    nodes += contexts.value if isinstance(contexts, yaml.SequenceNode) else []
    for node in nodes:
        _, is_image, image = _text(node).rpartition("docker-image://")
        if is_image:
            yield _filled(image, where, _line(node), given)


def _filled(text: str, where: str, line: int, given: Mapping[str, str]) -> Pin:
    try:
        return dockerfile.named(expand(text, given, escape="$"), where, line, text)
    except NotSet as problem:
        return Pin(text, where, problem=f"'{shown(text)}': {problem}.", line=line)


def _at(node: yaml.Node | None, key: str) -> yaml.Node | None:
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


def _items(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield _text(name), value


def _all(root: yaml.Node) -> Iterator[yaml.Node]:
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


def _text(node: yaml.Node | None) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
