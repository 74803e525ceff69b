"""What an image was built on, as far as manifests say: its base, and its lowest layer.

OCI defines annotations for the base, which builders put into the image's manifest or into its entry
in an index. Labels of that name in the configuration are not used: an image inherits the labels
of its base, so they describe what the base was built on.
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
"""The most characters of a base's name; a reference has up to 255 plus 128 for the tag."""


class BaseImage(NamedTuple):
    """What one image was built on. A field is None where no manifest says it."""

    base_digest: str | None = None
    base_name: str | None = None
    first_layer: str | None = None


_UNKNOWN = BaseImage()


def base_images(contents: Iterable[tuple[str, str, bytes]]) -> dict[str, BaseImage]:
    """The base of each image; its own annotations are preferred to those of an index.

    Args:
        contents: digest, media type and body of each manifest; configurations are ignored.

    Returns:
        By digest of the image. Images without any information are left out.
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
    """What is known of a digest, completed by `more`."""
    first = known.get(digest, _UNKNOWN)
    return BaseImage(
        *(one if one is not None else two for one, two in zip(first, more, strict=True))
    )
