"""Finds the images of Kubernetes objects, custom resources included."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.core.printable import shown
from indexer.pins import argo_cd, flux, kustomize
from indexer.pins.digest_search import digests_left
from indexer.pins.image_names import image_of, unreadable
from indexer.pins.pod_status import Running
from indexer.pins.yaml_nodes import at, is_empty, line_of, mappings, text_of

_KEY = re.compile(r"imageName|\w*[a-z0-9]Image", re.ASCII)
_WITH_TAG = re.compile(r"[a-z0-9][^\s:@]*(?::[0-9]+/[^\s:@]+)?[:@](?!//)\S+")

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import yaml

    from indexer.pins.pin import Pin
    from indexer.pins.source_file import SourceFile, Values


def is_content(file: SourceFile) -> bool:
    """Whether any document is a Kubernetes object."""
    return file.is_yaml and any(keys >= _NEEDED for keys in file.documents.keys)


def images(file: SourceFile, given: Values) -> Iterator[Pin]:
    """Yield every image named anywhere in Kubernetes objects, custom resources included.

    Images with a digest are found under any key, as in arguments and environment variables.
    """
    needs_no_kind = kustomize.is_name(file)
    for root, is_item in file.documents.objects():
        if is_empty(root):
            continue
        if is_item or needs_no_kind or all(at(root, key) for key in _NEEDED):
            yield from _object(root, "Kustomization" if needs_no_kind else "object", given)
        else:
            why = "it has no 'apiVersion' and 'kind', as objects of Kubernetes have"
            yield unreadable("", "Kubernetes", line_of(root), why)
    if file.documents.problem:
        yield file.documents.problem


def _object(root: yaml.Node, otherwise: str, given: Values) -> Iterator[Pin]:
    """Yield the images of an object; of one that does not say its kind, as one of another kind."""
    kind = text_of(at(root, "kind")) or otherwise
    group = text_of(at(root, "apiVersion")).rpartition("/")[0]
    own = OBJECTS.get(f"{group}/{kind}", _anywhere)
    if kind == otherwise == "Kustomization" and not group:
        own = kustomize.kustomization
    where = shown(kind, 60)
    found = list(own(root, given))
    yield from found
    yield from digests_left([root], found, where, _OLD)


def _anywhere(root: yaml.Node, given: Values) -> Iterator[Pin]:
    where = shown(text_of(at(root, "kind")) or "object", 60)
    running = Running(root)
    for node in mappings(root, _OTHER):
        is_openshift = text_of(at(node, "kind")) == "DockerImage"
        for key, image in node.value:
            name = text_of(key)
            if name == "image" or (is_openshift and name == "name") or _is_also(name, image):
                for pin in image_of(image, where, given):
                    yield from running.pins(image, pin, where)
    yield from running.alone(where)


def _is_also(key: str, value: yaml.Node) -> bool:
    """Whether a custom resource names an image so: `imageName: ghcr.io/team/app:1`."""
    return bool(_KEY.fullmatch(key) and _WITH_TAG.fullmatch(text_of(value)))


def _nowhere(_root: yaml.Node, _given: Values) -> Iterator[Pin]:
    """Nothing: what stands under `image` there is none."""
    return iter(())


OBJECTS: Mapping[str, Callable[[yaml.Node, Values], Iterator[Pin]]] = {
    "/Secret": _nowhere,
    "kustomize.config.k8s.io/Component": kustomize.kustomization,
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

_OTHER = _OLD | {"metadata"}
"""The same, and where labels stand: `image` is a name like any other there."""

_NEEDED = frozenset({"apiVersion", "kind"})
