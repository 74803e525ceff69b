"""Makes what `skopeo inspect` prints of an image: the same keys in the same order.

`LayersData` is included on request only: skopeo prints it since 1.10, Debian's skopeo 1.9 does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.manifests.image_config import image_facts, oci_config
from indexer.manifests.manifest_parser import Kind
from indexer.manifests.untrusted_json import object_of
from indexer.render.go_values import NO_LIST, NO_MAP, Record, Time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.manifests.manifest_parser import Descriptor, Manifest


def inspected(
    *,
    name: str,
    digest: str,
    tags: Sequence[str],
    image: Manifest,
    config: bytes,
    layers_data: bool = False,
) -> Record:
    """An image as skopeo shows it.

    Args:
        name: the repository with its registry, without a tag.
        digest: of the requested manifest: for an index that of the index, not that of the image.
        tags: the tags of the repository, in the order of the registry.
        image: the manifest for the chosen platform.
        config: its configuration; empty for schema 1, whose manifest contains it.
        layers_data: whether to add `LayersData`.

    Raises:
        NotReadable: the configuration cannot be read.
    """
    said = image_facts(image, config)
    whole: dict[str, object] = {"Name": name}
    if image.tag:
        whole["Tag"] = image.tag
    whole |= {
        "Digest": digest,
        "RepoTags": list(tags),
        "Created": None if said.created is None else Time(said.created),
        "DockerVersion": said.docker_version,
        "Labels": NO_MAP if said.labels is None else said.labels,
        "Architecture": said.architecture,
        "Os": said.os,
        "Layers": [layer.digest for layer in image.layers],
    }
    if layers_data:
        whole["LayersData"] = [_layer(layer) for layer in image.layers]
    whole["Env"] = NO_LIST if said.env is None else list(said.env)
    return Record(whole)


def configured(image: Manifest, config: bytes) -> Record:
    """A configuration as `skopeo inspect --config` shows it; of an artifact as it is.

    Raises:
        NotReadable: the configuration cannot be read.
    """
    if image.kind is Kind.ARTIFACT:
        return Record(object_of(config, "it"))
    return Record(oci_config(image, config))


def _layer(layer: Descriptor) -> Record:
    notes = layer.annotations
    return Record(
        {
            "MIMEType": layer.media_type,
            "Digest": layer.digest,
            "Size": -1 if layer.size is None else layer.size,
            "Annotations": NO_MAP if notes is None else {n: notes[n] for n in sorted(notes)},
        }
    )
