"""Finds the images of a compose file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import yaml

from indexer.core.printable import shown
from indexer.pins import dockerfile
from indexer.pins.image_names import filled
from indexer.pins.yaml_nodes import at, items, line_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.pins.pin import Pin
    from indexer.pins.source_file import SourceFile, Values


def is_content(file: SourceFile) -> bool:
    """Whether any document has `services`, as compose files do."""
    return (
        file.is_yaml
        and any("services" in keys for keys in file.documents.keys)
        and any(
            isinstance(at(root, "services"), yaml.MappingNode) and at(root, "kind") is None
            for root in file.documents.roots
        )
    )


def images(file: SourceFile, given: Values) -> Iterator[Pin]:
    """Yield the images of a compose file's services, and those that services are built from."""
    for root in file.documents.roots:
        for name, service in items(at(root, "services")):
            build = at(service, "build")
            if isinstance(image := at(service, "image"), yaml.ScalarNode):
                pin = filled(image.value, f"service {shown(name, 60)}", line_of(image), given)
                if build is None or (pin.reference and pin.reference.digest):
                    yield pin
            yield from _built(build, name, given)
    if file.documents.problem:
        yield file.documents.problem


def _built(build: yaml.Node | None, name: str, given: Values) -> Iterator[Pin]:
    """The images that a service is built from, as far as the compose file names them."""
    where = f"service {shown(name, 60)}"
    inline = at(build, "dockerfile_inline")
    if isinstance(inline, yaml.ScalarNode):
        for pin in dockerfile.images_of_text(inline.value, given):
            yield replace(pin, where=f"{where}, {pin.where}", line=line_of(inline))
    contexts = at(build, "additional_contexts")
    nodes = [value for _, value in items(contexts)]
    nodes += contexts.value if isinstance(contexts, yaml.SequenceNode) else []
    for node in nodes:
        _, is_image, image = text_of(node).rpartition("docker-image://")
        if is_image:
            yield filled(image, where, line_of(node), given)
