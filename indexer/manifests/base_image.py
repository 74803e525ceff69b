"""What an image was built on, as far as manifests tell: its base, and its lowest layer.

OCI has annotations for the base, which builders put into the image's manifest, or beside its entry
in an index. A label of that name in the configuration says nothing: an image inherits the labels
of its base, and with them what that one was built on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from indexer.core.reference import is_digest
from indexer.manifests import manifest_parser
from indexer.manifests.manifest_parser import Kind
from indexer.manifests.untrusted_json import NotReadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

BASE_DIGEST = "org.opencontainers.image.base.digest"
BASE_NAME = "org.opencontainers.image.base.name"

MOST_CHARACTERS = 512
"""Of a base's name; a reference has 255 for the repository and 128 for the tag."""


class BaseImage(NamedTuple):
    """What one image was built on. Each part is None where nobody said it."""

    base_digest: str | None = None
    base_name: str | None = None
    first_layer: str | None = None


_UNKNOWN = BaseImage()


def base_images(contents: Iterable[tuple[str, str, bytes]]) -> dict[str, BaseImage]:
    """What is told of images; an image's own word counts before that of an index.

    Args:
        contents: digest, media type and body of each; configurations may be among them.

    Returns:
        By digest of the image: no more than what is known of any.
    """
    own: dict[str, BaseImage] = {}
    others: dict[str, BaseImage] = {}
    for digest, media_type, body in contents:
        try:
            manifest = manifest_parser.read(body, media_type)
        except NotReadable:
            continue
        if manifest.kind is Kind.IMAGE:
            layer = manifest.layers[0].digest if manifest.layers else None
            own[digest] = _noted(manifest.annotations)._replace(first_layer=layer)
        for child in manifest.children:
            others[child.digest] = _merged(others, child.digest, _noted(child.annotations))
    found = {digest: _merged(own, digest, others.get(digest, _UNKNOWN)) for digest in own | others}
    return {digest: origin for digest, origin in found.items() if origin != _UNKNOWN}


def _noted(annotations: Mapping[str, str] | None) -> BaseImage:
    notes = annotations or {}
    digest, name = notes.get(BASE_DIGEST, ""), notes.get(BASE_NAME, "")
    return BaseImage(
        digest if is_digest(digest) else None, name if 0 < len(name) <= MOST_CHARACTERS else None
    )


def _merged(known: Mapping[str, BaseImage], digest: str, more: BaseImage) -> BaseImage:
    """What is known of a digest, and where that says nothing, `more`."""
    first = known.get(digest, _UNKNOWN)
    return BaseImage(
        *(one if one is not None else two for one, two in zip(first, more, strict=True))
    )
