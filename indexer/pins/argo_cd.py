"""Finds the images that Argo CD's Applications and ApplicationSets put in.

They stand in `kustomize.images`, and in values and parameters for a Helm chart. A chart or a set
of manifests in an OCI registry is tagged and pinned as images are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.pins import helm_values
from indexer.pins.helm_parameters import as_values
from indexer.pins.image_names import filled, unreadable
from indexer.pins.yaml_nodes import at, elements, is_empty, line_of, mappings, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml

    from indexer.pins.pin import Pin
    from indexer.pins.source_file import Values

_OCI = "oci://"
_RANGE = re.compile(r"[*^~<>=|, ]|(?:^|\.)[xX](?:\.|$)")
_TEMPLATE = "{{"


def images(root: yaml.Node, given: Values) -> Iterator[Pin]:
    """Yield the images of an Application or ApplicationSet: of the sources at any depth."""
    where = text_of(at(root, "kind"))
    for node in mappings(root):
        for image in elements(at(at(node, "kustomize"), "images")):
            yield _kustomized(image, where, given)
        helm = at(node, "helm")
        if helm is not None and at(node, "repoURL"):
            yield from helm_values.values(at(helm, "valuesObject"), where, given)
            yield from helm_values.values_in_text(at(helm, "values"), where, given)
            parameters = as_values(
                (text_of(at(each, "name")), value)
                for each in elements(at(helm, "parameters"))
                if (value := at(each, "value")) is not None and not is_empty(value)
            )
            yield from helm_values.values(parameters, where, given)
        yield from _artifact(node, where, given)


def _kustomized(node: yaml.Node, where: str, given: Values) -> Pin:
    """`[NAME=]IMAGE`, as `kustomize edit set image` takes it."""
    text = text_of(node)
    if _TEMPLATE in text:
        return unreadable(text, where, line_of(node), "it is a template, filled in by Argo CD")
    _, is_replaced, replacement = text.partition("=")
    image = replacement if is_replaced else text
    last = image.rpartition("/")[2]
    if image.startswith("*") or not (":" in last or "@" in last):
        why = "a part of its name is in what it replaces, not in this file"
        return unreadable(text, where, line_of(node), why)
    return filled(image, where, line_of(node), given)


def _artifact(node: yaml.Node, where: str, given: Values) -> Iterator[Pin]:
    """What a source takes from an OCI registry: a chart by its version, or manifests by a tag."""
    address, chart = text_of(at(node, "repoURL")), text_of(at(node, "chart"))
    is_oci = address.startswith(_OCI) or (chart and address and "://" not in address)
    if not is_oci:
        return
    revision = at(node, "targetRevision")
    wanted = text_of(revision)
    name = "/".join(part for part in (address.removeprefix(_OCI).rstrip("/"), chart) if part)
    line = line_of(revision if revision is not None else node)
    if _TEMPLATE in f"{name}{wanted}":
        yield unreadable(f"{name}:{wanted}", where, line, "it is a template, filled in by Argo CD")
    elif chart and (not wanted or _RANGE.search(wanted)):
        why = "it is a range of versions: which one is taken is not in this file"
        yield unreadable(f"{name}:{wanted}", where, line, why)
    else:
        mark = "@" if wanted.startswith("sha256:") else ":"
        yield filled(f"{name}{mark}{wanted}" if wanted else name, where, line, given)
