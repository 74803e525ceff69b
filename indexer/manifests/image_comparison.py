"""What is inside two digests of a tag, compared as far as their manifests are stored. Pure.

digest -> manifest        an index: its images by platform; else the image itself
       -> configuration   what it says of how the image runs, its labels

Where a manifest is not stored, the platforms that the registry's list gave are compared by digest,
and the answer names what is missing. Sizes are bounded: what comes from a registry may be hostile.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from msgspec import Meta, Struct

from indexer.manifests import manifest_parser
from indexer.manifests.image_contents import image_contents, texts
from indexer.manifests.manifest_parser import Kind
from indexer.manifests.untrusted_json import NotReadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from indexer.core.platforms import Platform
    from indexer.manifests.manifest_parser import Descriptor, Manifest
    from indexer.manifests.ports import StoredManifest

    Find = Callable[[str], StoredManifest | None]

MOST_BYTES = 32 * 1024 * 1024
"""The most bytes of manifests and configurations that one comparison reads; some 4 MB is much."""

MOST_LAYERS = 1_000
"""The most layers of a platform that are listed; docker runs images of up to 127."""

MOST_NAMED = 100
"""The most missing digests that are named."""

_TOO_MUCH = f"the comparison ends after {MOST_BYTES // 1024**2} MiB of manifests."

Part = Literal["setting", "environment", "label", "annotation"]


class LayerChange(Struct, frozen=True):
    """A layer of one or both images."""

    change: Literal["shared", "added", "removed"]
    digest: str
    size: Annotated[int | None, Meta(description="Bytes, compressed.")]


class ValueChange(Struct, frozen=True):
    """A value that differs. Null: it is not there."""

    part: Annotated[Part, Meta(description="Where it is.")]
    name: str
    old: str | list[str] | None
    new: str | list[str] | None


class PlatformChange(Struct, frozen=True):
    """One platform of two digests."""

    platform: Annotated[
        str, Meta(description="`linux/arm/v7`; of Windows with its version; empty: not said.")
    ]
    change: Literal["same", "changed", "added", "removed"]
    old_digest: str | None
    new_digest: str | None
    layers: Annotated[
        list[LayerChange],
        Meta(description="In the order of the new image, then those that were removed."),
    ]
    values: list[ValueChange]
    not_compared: Annotated[
        str | None, Meta(description="Why layers and values are not compared; null: they are.")
    ]


class Comparison(NamedTuple):
    """What two digests differ in.

    Attributes:
        platforms: by name; None: those of one are not known.
        attestations: whether those in the indexes differ; None: not known.
        values: annotations of the indexes that differ.
        not_fetched: digests of manifests and configurations that are needed and not stored.
    """

    platforms: list[PlatformChange] | None
    attestations: bool | None
    values: list[ValueChange]
    not_fetched: list[str]


class Side(NamedTuple):
    """One of two digests: what the tag pointed to, and the platforms that the list gave."""

    digest: str | None
    platforms: Sequence[Platform] = ()


def compare(old: Side, new: Side, find: Find) -> Comparison:
    """Compare two digests.

    Args:
        old: the earlier one.
        new: the later one.
        find: gives stored content by its digest; None: it is not stored.
    """
    reader = _Reader(find)
    was, now = _opened(old, reader), _opened(new, reader)
    values = _differing("annotation", was.annotations, now.annotations)
    platforms: list[PlatformChange] | None = None
    attestations = None
    if was.images is not None and now.images is not None:
        _same_name(was.images, now.images)
        names = sorted(was.images.keys() | now.images.keys())
        platforms = [
            _platform(name, was.images.get(name), now.images.get(name), reader) for name in names
        ]
        attestations = was.attestations != now.attestations
    return Comparison(platforms, attestations, values, list(reader.missing)[:MOST_NAMED])


class _Image(NamedTuple):
    """An image of one side; `notes` are the annotations of its entry in an index."""

    digest: str | None
    notes: Mapping[str, str]


@dataclass
class _Opened:
    """One side. `images` is None where its platforms are not known."""

    images: dict[str, _Image] | None
    attestations: frozenset[str | None] = frozenset()
    annotations: Mapping[str, str] = field(default_factory=dict)


class _TooMuch(Exception):
    """More was stored than one comparison reads."""


class _NotKnown(Exception):
    """What is inside an image is not known; the sentence says why."""


class _Reader:
    """Reads stored content, up to a limit, and remembers what is not stored."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._left = MOST_BYTES
        self.missing: dict[str, None] = {}

    def content(self, digest: str) -> StoredManifest | None:
        """Content by its digest; None if it is not stored.

        Raises:
            _TooMuch: the limit is reached.
        """
        if self._left <= 0:
            raise _TooMuch
        found = self._find(digest)
        if found is None:
            self.missing[digest] = None
        else:
            self._left -= len(found.body)
        return found

    def manifest(self, digest: str) -> Manifest | None:
        """A manifest by its digest; None if it is not stored.

        Raises:
            NotReadable: it is not a manifest.
            _TooMuch: the limit is reached.
        """
        found = self.content(digest)
        return None if found is None else manifest_parser.read(found.body, found.media_type)


def _opened(side: Side, reader: _Reader) -> _Opened:
    manifest = None
    if side.digest is not None:
        try:
            manifest = reader.manifest(side.digest)
        except (NotReadable, _TooMuch):
            manifest = None
    if manifest is None or side.digest is None:
        return _listed(side.platforms)
    if manifest.kind is Kind.INDEX:
        return _indexed(manifest)
    names = [str(each) for each in side.platforms if not each.is_attestation]
    name = names[0] if len(names) == 1 else _own_platform(manifest, reader)
    return _Opened({name: _Image(side.digest, {})})


def _listed(platforms: Sequence[Platform]) -> _Opened:
    """What the registry's list gave: enough where each image has a digest."""
    if not platforms or any(each.digest is None for each in platforms):
        return _Opened(None)
    images = ((each, _Image(each.digest, {})) for each in platforms if not each.is_attestation)
    attestations = frozenset(each.digest for each in platforms if each.is_attestation)
    return _Opened(_named(images), attestations)


def _indexed(index: Manifest) -> _Opened:
    images = (
        (child.platform, _Image(child.digest, child.annotations or {}))
        for child in index.children
        if not child.is_attestation
    )
    attestations = frozenset(child.digest for child in index.children if child.is_attestation)
    return _Opened(_named(images), attestations, texts((index.annotations or {}).items()))


def _named(images: Iterable[tuple[Platform | None, _Image]]) -> dict[str, _Image]:
    """Images by platform; several of one platform are told apart by its version, or by number."""
    named: dict[str, _Image] = {}
    for platform, image in images:
        name = str(platform) if platform else ""
        if platform and platform.os_version:
            name = f"{name} {platform.os_version}"
        number = 1
        while (unique := name if number == 1 else f"{name} ({number})") in named:
            number += 1
        named[unique] = image
    return named


def _own_platform(manifest: Manifest, reader: _Reader) -> str:
    """The platform that an image's configuration says; empty where it cannot be read."""
    try:
        config = reader.content(manifest.config.digest) if manifest.config else None
        if config is None and not manifest.past:
            return ""
        return image_contents(manifest, config.body if config else b"").platform
    except (NotReadable, _TooMuch):
        return ""


def _same_name(old: dict[str, _Image], new: dict[str, _Image]) -> None:
    """Give the only image of each side one name, where one of them does not say its platform."""
    if len(old) == len(new) == 1 and "" in old.keys() | new.keys():
        name = max(old.keys() | new.keys())
        for side in (old, new):
            ((_, image),) = side.items()
            side.clear()
            side[name] = image


def _platform(name: str, old: _Image | None, new: _Image | None, reader: _Reader) -> PlatformChange:
    digests = old and old.digest, new and new.digest
    if old is None or new is None:
        change: Literal["added", "removed"] = "added" if old is None else "removed"
        return PlatformChange(name, change, *digests, [], [], None)
    if old.digest == new.digest:
        return PlatformChange(name, "same", *digests, [], [], None)
    try:
        was, now = (_inside(each, reader) for each in (old, new))
    except _TooMuch:
        return PlatformChange(name, "changed", *digests, [], [], _TOO_MUCH)
    why = was.why or now.why
    if why is not None:
        return PlatformChange(name, "changed", *digests, [], [], why)
    values = [
        *_differing("setting", was.settings, now.settings),
        *_differing("environment", was.environment, now.environment),
        *_differing("label", was.labels, now.labels),
        *_differing("annotation", was.annotations, now.annotations),
    ]
    return PlatformChange(name, "changed", *digests, _layers(was.layers, now.layers), values, None)


@dataclass
class _Inside:
    """What is inside one image; `why` says why it is not known."""

    layers: Sequence[Descriptor] = ()
    settings: Mapping[str, str | list[str]] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    why: str | None = None


def _inside(image: _Image, reader: _Reader) -> _Inside:
    try:
        return _read(image, reader)
    except _NotKnown as why:
        return _Inside(why=str(why))
    except NotReadable as error:
        return _Inside(why=f"the manifest or configuration of {image.digest} is invalid: {error}.")


def _read(image: _Image, reader: _Reader) -> _Inside:
    if image.digest is None:
        raise _NotKnown("the registry did not give its digest.")
    manifest = reader.manifest(image.digest)
    if manifest is None:
        raise _NotKnown(f"the manifest {image.digest} is not stored.")
    if manifest.kind not in {Kind.IMAGE, Kind.ARTIFACT}:
        raise _NotKnown(f"the manifest {image.digest} is not one of an image.")
    annotations = texts([*image.notes.items(), *(manifest.annotations or {}).items()])
    if manifest.kind is Kind.ARTIFACT:
        return _Inside(manifest.layers, annotations=annotations)
    config = reader.content(manifest.config.digest) if manifest.config else None
    if config is None and manifest.config is not None:
        raise _NotKnown(f"the configuration {manifest.config.digest} is not stored.")
    found = image_contents(manifest, config.body if config else b"")
    return _Inside(manifest.layers, found.settings, found.environment, found.labels, annotations)


def _layers(old: Sequence[Descriptor], new: Sequence[Descriptor]) -> list[LayerChange]:
    """A layer may be in an image several times: each counts."""
    left = Counter(each.digest for each in old)
    found: list[LayerChange] = []
    for each in new:
        is_shared = left[each.digest] > 0
        left[each.digest] -= is_shared
        found.append(LayerChange("shared" if is_shared else "added", each.digest, each.size))
    removed: list[LayerChange] = []
    for each in reversed(old):
        if left[each.digest] > 0:
            left[each.digest] -= 1
            removed.append(LayerChange("removed", each.digest, each.size))
    return [*found, *reversed(removed)][:MOST_LAYERS]


def _differing(
    part: Part, old: Mapping[str, str | list[str]], new: Mapping[str, str | list[str]]
) -> list[ValueChange]:
    names = [*new, *(name for name in old if name not in new)]
    if part != "setting":
        names.sort()
    pairs = ((name, old.get(name), new.get(name)) for name in names)
    return [ValueChange(part, name, was, now) for name, was, now in pairs if was != now]
