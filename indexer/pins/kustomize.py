"""Finds the images that Kustomize puts in: those it replaces, and those of its charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.pins import helm_values
from indexer.pins.image_names import filled
from indexer.pins.yaml_nodes import at, elements, joined_image, line_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml

    from indexer.pins.pin import Pin
    from indexer.pins.source_file import Values


def kustomization(root: yaml.Node, given: Values) -> Iterator[Pin]:
    """Yield the images of a kustomization."""
    yield from replaced(at(root, "images"), "Kustomization", given)
    for chart in elements(at(root, "helmCharts")):
        yield from helm_values.values(at(chart, "valuesInline"), "Kustomization", given)


def replaced(images: yaml.Node | None, where: str, given: Values) -> Iterator[Pin]:
    """Yield what stands in place of the images that a list replaces.

    Args:
        images: the list; each element has a `name`, and `newName`, `newTag`, `digest`.
        where: what holds it.
        given: values for variables.
    """
    for node in elements(images):
        name = "newName" if at(node, "newName") else "name"
        yield filled(joined_image(node, name, "newTag"), where, line_of(node), given)
