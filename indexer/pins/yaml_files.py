"""Finds the images of YAML files: compose files and Kubernetes objects."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import yaml

from indexer.core.printable import shown
from indexer.pins import dockerfile
from indexer.pins.pin import Pin
from indexer.pins.variable_expansion import NotSet, expand
from indexer.pins.yaml_nodes import at, items, line_of, mappings, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from indexer.pins.yaml_nodes import Documents


def is_compose(documents: Documents) -> bool:
    """Whether any document has `services`, as compose files do."""
    return any(
        isinstance(at(root, "services"), yaml.MappingNode) and at(root, "kind") is None
        for root in documents.roots
    )


def is_kubernetes(documents: Documents) -> bool:
    """Whether any document is a Kubernetes object."""
    return any(at(root, "kind") and at(root, "apiVersion") for root in documents.roots)


def compose(documents: Documents, given: Mapping[str, str]) -> Iterator[Pin]:
    """Yield the images of a compose file's services, and those that services are built from."""
    for root in documents.roots:
        services = at(root, "services")
        for name, service in items(services):
            build = at(service, "build")
            if isinstance(image := at(service, "image"), yaml.ScalarNode):
                pin = _filled(image.value, f"service {shown(name, 60)}", line_of(image), given)
                if build is None or (pin.reference and pin.reference.digest):
                    yield pin
            yield from _built(build, name, given)
    if documents.problem:
        yield documents.problem


def kubernetes(documents: Documents, given: Mapping[str, str]) -> Iterator[Pin]:
    """Yield every image named anywhere in Kubernetes objects, custom resources included."""
    for root in documents.roots:
        if not (at(root, "kind") and at(root, "apiVersion")):
            continue
        kind = text_of(at(root, "kind"))
        if kind == "Kustomization":
            yield from _kustomized(at(root, "images"), given)
        for node in mappings(root):
            yield from _image(at(node, "image"), kind, given)
    if documents.problem:
        yield documents.problem


def _image(node: yaml.Node | None, kind: str, given: Mapping[str, str]) -> Iterator[Pin]:
    """An image as one string, or in parts, as in Helm values and image volumes."""
    where = shown(kind, 60)
    if isinstance(node, yaml.ScalarNode) and node.value:
        yield _filled(node.value, where, line_of(node), given)
    elif isinstance(node, yaml.MappingNode):
        whole = text_of(at(node, "reference")) or _joined(node, "repository", "tag")
        if whole:
            yield _filled(whole, where, line_of(node), given)


def _kustomized(images: yaml.Node | None, given: Mapping[str, str]) -> Iterator[Pin]:
    for node in images.value if isinstance(images, yaml.SequenceNode) else ():
        name = "newName" if at(node, "newName") else "name"
        yield _filled(_joined(node, name, "newTag"), "Kustomization", line_of(node), given)


def _joined(node: yaml.Node, name: str, tag: str) -> str:
    """`REGISTRY/NAME:TAG@DIGEST` from the parts that are given; empty without a name."""
    path = text_of(at(node, name))
    if not path:
        return ""
    host, label, digest = (text_of(at(node, key)) for key in ("registry", tag, "digest"))
    whole = f"{host}/{path}" if host else path
    whole = f"{whole}:{label}" if label else whole
    return f"{whole}@{digest}" if digest else whole


def _built(build: yaml.Node | None, name: str, given: Mapping[str, str]) -> Iterator[Pin]:
    """The images that a service is built from, as far as the compose file names them."""
    where = f"service {shown(name, 60)}"
    inline = at(build, "dockerfile_inline")
    if isinstance(inline, yaml.ScalarNode):
        for pin in dockerfile.images(inline.value, given):
            yield replace(pin, where=f"{where}, {pin.where}", line=line_of(inline))
    contexts = at(build, "additional_contexts")
    nodes = [value for _, value in items(contexts)]
    nodes += contexts.value if isinstance(contexts, yaml.SequenceNode) else []
    for node in nodes:
        _, is_image, image = text_of(node).rpartition("docker-image://")
        if is_image:
            yield _filled(image, where, line_of(node), given)


def _filled(text: str, where: str, line: int, given: Mapping[str, str]) -> Pin:
    try:
        return dockerfile.named(expand(text, given, escape="$"), where, line, text)
    except NotSet as problem:
        return Pin(text, where, problem=f"'{shown(text)}': {problem}.", line=line)
