"""Parses a manifest's body: its kind and its parts. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NoReturn

from indexer.core.platforms import Platform
from indexer.core.printable import shown
from indexer.core.reference import is_digest
from indexer.manifests import media_types
from indexer.manifests.untrusted_json import NotReadable, mapping, object_of, text, whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST_BYTES = 4 * 1024 * 1024
"""The most bytes of a manifest or configuration; registries and skopeo have the same limit."""

MOST_CHILDREN = 1_000
"""The most entries of an index; the largest public ones have some forty, attestations included."""

_ATTESTATION = "attestation-manifest"
_REFERENCE_TYPE = "vnd.docker.reference.type"


class Kind(StrEnum):
    """What a manifest is."""

    IMAGE = "image"
    INDEX = "index"
    ARTIFACT = "artifact"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Descriptor:
    """How a manifest describes something that it refers to. `size` is in bytes."""

    digest: str
    media_type: str
    size: int | None
    annotations: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Child(Descriptor):
    """One entry of an index. `platform` is None where the index names none."""

    platform: Platform | None = None

    @property
    def is_attestation(self) -> bool:
        """Whether the entry is an attestation about another image: BuildKit's provenance."""
        annotations = self.annotations or {}
        return annotations.get(_REFERENCE_TYPE) == _ATTESTATION or bool(
            self.platform and self.platform.is_attestation
        )


@dataclass(frozen=True, slots=True)
class Manifest:
    """A parsed manifest.

    Attributes:
        kind: its kind; of `UNKNOWN` only the media type is known.
        media_type: as the registry sent it, or as its body says.
        config: describes its configuration; None where it has none of its own.
        layers: lowest first.
        children: the entries of an index, in order.
        artifact_type: the type of an artifact.
        past: of schema 1: the history of each layer, as JSON text, the newest first.
        tag: of schema 1: the tag that it was pushed as.
        annotations: its own, of an image, artifact or index.
    """

    kind: Kind
    media_type: str
    config: Descriptor | None = None
    layers: tuple[Descriptor, ...] = ()
    children: tuple[Child, ...] = ()
    artifact_type: str = ""
    past: tuple[str, ...] = ()
    tag: str = ""
    annotations: Mapping[str, str] | None = None

    @property
    def size(self) -> int | None:
        """Bytes to pull; None where the manifest does not say: schema 1, an index, an unknown kind.

        An index gives the size of its manifests, not of their images.
        """
        if self.config is None:
            return None
        return sum(part.size or 0 for part in (self.config, *self.layers))


def read(body: bytes, content_type: str = "") -> Manifest:
    """Parse a manifest.

    Args:
        body: as it was sent.
        content_type: the header's value; where it is uninformative the body's own type counts.

    Raises:
        NotReadable: it is not a manifest, or violates the format of its kind.
    """
    sent = object_of(body, "it")
    media_type = media_types.named(content_type) or _guessed(sent)
    if media_type in media_types.INDEXES:
        _only(sent, {"manifests"})
        notes = _annotations(sent)
        return Manifest(Kind.INDEX, media_type, children=_children(sent), annotations=notes)
    if media_type in {media_types.SCHEMA1, media_types.SCHEMA1_SIGNED}:
        _only(sent, {"fsLayers", "history"})
        return _schema1(sent, media_type)
    if media_type in media_types.MANIFESTS:
        _only(sent, {"config", "layers"})
        return _schema2(sent, media_type)
    return Manifest(Kind.UNKNOWN, media_type)


def _guessed(sent: Mapping[str, Any]) -> str:
    """The media type of a body that states none, from its fields."""
    said = media_types.named(text(sent.get("mediaType")))
    if said:
        return said
    if sent.get("schemaVersion") == 1:
        return media_types.SCHEMA1_SIGNED if sent.get("signatures") else media_types.SCHEMA1
    if "manifests" in sent:
        return media_types.OCI_INDEX
    if "config" in sent or "layers" in sent:
        config = sent.get("config")
        kind = config.get("mediaType") if isinstance(config, dict) else None
        return (
            media_types.SCHEMA2 if kind == media_types.SCHEMA2_CONFIG else media_types.OCI_MANIFEST
        )
    return ""


def _only(sent: Mapping[str, Any], allowed: set[str]) -> None:
    """Refuse a body that two readers could take for two kinds of manifest (CVE-2021-41190)."""
    parts = {"config", "layers", "manifests", "fsLayers", "history"}
    foreign = [part for part in sorted(parts - allowed) if sent.get(part) is not None]
    if foreign:
        _refuse(f"it is of one kind and holds '{foreign[0]}', which belongs to another")


def _children(sent: Mapping[str, Any]) -> tuple[Child, ...]:
    items = _array(sent.get("manifests"), "manifests")
    if len(items) > MOST_CHILDREN:
        _refuse(f"it has {len(items)} entries, and {MOST_CHILDREN} are the most that are read")
    return tuple(_child(item) for item in items)


def _child(item: object) -> Child:
    sent = mapping(item, "an entry")
    plain = _descriptor(sent)
    place = sent.get("platform")
    return Child(
        plain.digest,
        plain.media_type,
        plain.size,
        plain.annotations,
        _platform(place, plain) if isinstance(place, dict) else None,
    )


def _platform(place: Mapping[str, Any], image: Descriptor) -> Platform:
    return Platform(
        os=text(place.get("os")),
        architecture=text(place.get("architecture")),
        variant=text(place.get("variant")) or None,
        os_version=text(place.get("os.version")) or None,
        digest=image.digest,
        size=image.size,
    )


def _schema2(sent: Mapping[str, Any], media_type: str) -> Manifest:
    config = _descriptor(mapping(sent.get("config"), "its configuration"))
    layers = tuple(
        _descriptor(mapping(item, "a layer")) for item in _array(sent.get("layers"), "layers")
    )
    is_image = media_type == media_types.SCHEMA2 or config.media_type == media_types.OCI_CONFIG
    artifact_type = text(sent.get("artifactType")) or config.media_type
    return Manifest(
        Kind.IMAGE if is_image else Kind.ARTIFACT,
        media_type,
        config=config,
        layers=layers,
        artifact_type="" if is_image else artifact_type,
        annotations=_annotations(sent),
    )


def _schema1(sent: Mapping[str, Any], media_type: str) -> Manifest:
    if sent.get("schemaVersion") != 1:
        _refuse("its media type is schema 1, but its content is not")
    sums = [mapping(item, "a layer") for item in _array(sent.get("fsLayers"), "fsLayers")]
    past = [mapping(item, "its history") for item in _array(sent.get("history"), "history")]
    if not sums or len(sums) != len(past):
        _refuse("its layers are not as many as its history has entries")
    texts = [text(item.get("v1Compatibility")) for item in past]
    kept = _without_repeats(texts)
    layers = [_digest(sums[number].get("blobSum")) for number in reversed(kept)]
    return Manifest(
        Kind.IMAGE,
        media_type,
        layers=tuple(Descriptor(digest, "", None) for digest in layers),
        past=tuple(texts[number] for number in kept),
        tag=text(sent.get("tag")),
    )


def _without_repeats(past: list[str]) -> list[int]:
    """The positions that count, newest first: of neighbours with the same ID only the older."""
    ids = [object_of(item.encode(), "its history").get("id") for item in past]
    following = [*ids[1:], None]
    return [n for n, own in enumerate(ids) if own is None or own != following[n]]


def _descriptor(sent: Mapping[str, Any]) -> Descriptor:
    return Descriptor(
        _digest(sent.get("digest")),
        text(sent.get("mediaType")),
        whole(sent.get("size")),
        _annotations(sent),
    )


def _annotations(sent: Mapping[str, Any]) -> dict[str, str] | None:
    notes = sent.get("annotations")
    return _texts(notes.items()) if isinstance(notes, dict) else None


def _texts(items: Iterable[tuple[str, object]]) -> dict[str, str]:
    return {name: text(value) for name, value in items}


def _digest(value: object) -> str:
    digest = text(value)
    if not is_digest(digest):
        _refuse(f"it refers to '{shown(digest, 80)}', which is not a digest")
    return digest


def _array(value: object, name: str) -> list[object]:
    if value is None:
        return []
    if not isinstance(value, list):
        _refuse(f"its '{name}' is not a list")
    return value


def _refuse(what: str) -> NoReturn:
    raise NotReadable(what)
