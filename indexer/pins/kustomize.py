"""Finds the images that Kustomize puts in: those it replaces, and those of its charts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import yaml

from indexer.pins import helm_values
from indexer.pins.digest_search import line_within
from indexer.pins.image_names import filled, image_of, joined_image, unreadable
from indexer.pins.yaml_nodes import (
    Documents,
    at,
    elements,
    is_empty,
    line_of,
    mappings,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.pins.pin import Pin
    from indexer.pins.source_file import SourceFile, Values

_NAMES = frozenset({"kustomization.yaml", "kustomization.yml", "kustomization"})
"""In lower case; kustomize takes the last with a capital."""


def is_name(file: SourceFile) -> bool:
    """Whether it is what `kustomize build` looks for in a folder; it needs no `kind` then."""
    return file.base in _NAMES


def kustomization(root: yaml.Node, given: Values) -> Iterator[Pin]:
    """Yield the images of a kustomization or component: replaced, of charts, and of patches."""
    yield from replaced(at(root, "images"), "Kustomization", given)
    for chart in elements(at(root, "helmCharts")):
        yield from helm_values.values(at(chart, "valuesInline"), "Kustomization", given)
    for key in ("patches", "patchesJson6902", "patchesStrategicMerge"):
        for node in elements(at(root, key)):
            patch = node if isinstance(node, yaml.ScalarNode) else at(node, "patch")
            if patch is not None and "\n" in text_of(patch):  # else it is the name of a file
                yield from _patched(patch, given)


def replaced(images: yaml.Node | None, where: str, given: Values) -> Iterator[Pin]:
    """Yield what stands in place of the images that a list replaces.

    Args:
        images: the list; each element has a `name`, and `newName`, `newTag`, `digest`.
        where: what holds it.
        given: values for variables.
    """
    for node in elements(images):
        new = at(node, "newName")
        has_label = any(not is_empty(at(node, key)) for key in ("newTag", "digest"))
        if new is None and not has_label:
            continue
        name = joined_image(node, "name" if is_empty(new) else "newName", "newTag")
        if name:
            yield replace(filled(name, where, line_of(node), given), keeps_tag=not has_label)
        else:
            yield unreadable("", where, line_of(node), "it does not name which image it replaces")


def _patched(patch: yaml.Node, given: Values) -> Iterator[Pin]:
    """The images of a patch within the file: an object in part, or a JSON patch (RFC 6902)."""
    documents = Documents(text_of(patch))
    pins = [pin for root in documents.roots for pin in _of_patch(root, given)]
    pins += [documents.problem] if documents.problem else []
    for pin in pins:
        yield replace(pin, line=line_within(patch, (pin.line or 1) - 1))


def _of_patch(root: yaml.Node, given: Values) -> Iterator[Pin]:
    for node in mappings(root, ("metadata",)):
        is_image = text_of(at(node, "path")).endswith("/image")
        yield from image_of(at(node, "value" if is_image else "image"), "Kustomization", given)
