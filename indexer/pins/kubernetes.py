"""Finds the images of Kubernetes objects, custom resources included."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from indexer.core.printable import shown
from indexer.pins import argo_cd, flux, kustomize
from indexer.pins.digest_search import digests_left
from indexer.pins.image_names import filled
from indexer.pins.yaml_nodes import at, joined_image, line_of, mappings, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from indexer.pins.pin import Pin
    from indexer.pins.source_file import SourceFile, Values


def is_content(file: SourceFile) -> bool:
    """Whether any document is a Kubernetes object."""
    return file.is_yaml and any(map(_is_object, file.documents.roots))


def images(file: SourceFile, given: Values) -> Iterator[Pin]:
    """Yield every image named anywhere in Kubernetes objects, custom resources included.

    Images with a digest are found under any key, as in arguments and environment variables.
    """
    for root in file.documents.roots:
        if not _is_object(root):
            continue
        kind = text_of(at(root, "kind"))
        group = text_of(at(root, "apiVersion")).rpartition("/")[0]
        own = OBJECTS.get(f"{group}/{kind}", _anywhere)
        found = list(own(root, given))
        yield from found
        yield from digests_left([root], found, shown(kind, 60), _OLD)
    if file.documents.problem:
        yield file.documents.problem


def _anywhere(root: yaml.Node, given: Values) -> Iterator[Pin]:
    where = shown(text_of(at(root, "kind")), 60)
    for node in mappings(root):
        yield from image_of(at(node, "image"), where, given)


def image_of(node: yaml.Node | None, where: str, given: Values) -> Iterator[Pin]:
    """Yield an image given as one string, or in parts, as in Helm values and image volumes."""
    if isinstance(node, yaml.ScalarNode) and node.value:
        yield filled(node.value, where, line_of(node), given)
    elif isinstance(node, yaml.MappingNode):
        whole = text_of(at(node, "reference")) or joined_image(node, "repository", "tag")
        if whole:
            yield filled(whole, where, line_of(node), given)


def _is_object(root: yaml.Node) -> bool:
    return bool(at(root, "kind") and at(root, "apiVersion"))


OBJECTS: Mapping[str, Callable[[yaml.Node, Values], Iterator[Pin]]] = {
    "kustomize.config.k8s.io/Kustomization": kustomize.kustomization,
    "kustomize.toolkit.fluxcd.io/Kustomization": flux.kustomization,
    "helm.toolkit.fluxcd.io/HelmRelease": flux.helm_release,
    "source.toolkit.fluxcd.io/OCIRepository": flux.oci_repository,
    "image.toolkit.fluxcd.io/ImageRepository": flux.image_repository,
    "argoproj.io/Application": argo_cd.images,
    "argoproj.io/ApplicationSet": argo_cd.images,
}
"""What finds the images of objects that name them under other keys than `image`, by an object's API
group and kind."""

_OLD = frozenset({"status", "managedFields", "kubectl.kubernetes.io/last-applied-configuration"})
"""Keys of what was, and not of what is wanted."""
