"""Finds the images that Flux puts in: of its Kustomizations, HelmReleases and OCIRepositories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.pins import helm_values
from indexer.pins.image_names import filled, unreadable
from indexer.pins.kustomize import replaced
from indexer.pins.yaml_nodes import at, elements, line_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml

    from indexer.pins.pin import Pin
    from indexer.pins.source_file import Values

_OCI = "oci://"


def kustomization(root: yaml.Node, given: Values) -> Iterator[Pin]:
    """Yield the images of a Kustomization of Flux, which stand in its `spec`."""
    yield from replaced(at(at(root, "spec"), "images"), "Kustomization", given)


def helm_release(root: yaml.Node, given: Values) -> Iterator[Pin]:
    """Yield the images of a HelmRelease: of its values, and what Kustomize puts in afterwards."""
    spec = at(root, "spec")
    yield from helm_values.values(at(spec, "values"), "HelmRelease", given)
    for renderer in elements(at(spec, "postRenderers")):
        images = at(at(renderer, "kustomize"), "images")
        yield from replaced(images, "HelmRelease", given)


def oci_repository(root: yaml.Node, given: Values) -> Iterator[Pin]:
    """Yield the artifact of an OCIRepository. Of its `ref` a digest counts most, then a range."""
    spec = at(root, "spec")
    address, wanted = at(spec, "url"), at(spec, "ref")
    if address is None:
        return
    name = text_of(address).removeprefix(_OCI)
    tag, versions, digest = (text_of(at(wanted, key)) for key in ("tag", "semver", "digest"))
    if versions and not digest:
        why = f"the range of versions '{versions}' does not say which tag is taken"
        yield unreadable(name, "OCIRepository", line_of(address), why)
        return
    name = f"{name}:{tag}" if tag else name
    name = f"{name}@{digest}" if digest else name
    yield filled(name, "OCIRepository", line_of(address), given)


def image_repository(_root: yaml.Node, _given: Values) -> Iterator[Pin]:
    """Yield nothing: an ImageRepository names what Flux looks for tags in, and runs no image."""
    return iter(())
