"""One image in detail: from the index where it is known, else from its registry.

    reference -> what the tag points to   from the index, or the registry
              -> manifest                 stored, or fetched by that digest and stored
              -> image for a platform     from an index
              -> configuration            stored, or fetched and stored
              -> tags of the repository   from the index, or the registry

Content never changes under a digest, so stored content stays correct. What a tag points to is
as old as the last crawl, and the result says how old that is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.errors import IndexerError, Missing
from indexer.core.model import Tag
from indexer.core.printable import shown
from indexer.core.reference import DOCKER_HUB
from indexer.manifests.content_type import in_words
from indexer.manifests.fetch import ManifestReader, NotKept
from indexer.manifests.manifest_parser import Kind
from indexer.manifests.platform_selection import choose

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.core.reference import Reference
    from indexer.manifests.manifest_parser import Manifest
    from indexer.manifests.platform_selection import WantedPlatform
    from indexer.manifests.ports import ManifestSource, ManifestStore, StoredManifest, TagPointer

DEFAULT_TAG = "latest"


class NotAnImage(IndexerError):
    """A reference names a manifest that is not an image, or has none for the platform."""


@dataclass(frozen=True, slots=True)
class InspectRequest:
    """What to inspect, and how.

    Attributes:
        platform: which image of an index.
        refresh: ask the registry, whatever the index knows.
        raw: return only the manifest as it was sent.
        tags: return the repository's tags too.
        config: only the configuration is wanted, also of what is no image.
    """

    platform: WantedPlatform
    refresh: bool = False
    raw: bool = False
    tags: bool = True
    config: bool = False


class InspectedImage(NamedTuple):
    """An inspected image.

    Attributes:
        name: registry and repository.
        digest: of the manifest that the reference names; of an index its own.
        content: that manifest as it was sent.
        image: the manifest for the platform; None with `raw`.
        config: the image's configuration; empty for schema 1.
        tags: of the repository; empty unless asked for.
        seen_at: when the index last saw the tag point there; None: the registry was asked.
        fetched_at: when the oldest part was fetched; None: all of it just now.
        requests: how many requests it took.
    """

    name: str
    digest: str
    content: StoredManifest
    image: Manifest | None
    config: bytes
    tags: tuple[str, ...]
    seen_at: datetime | None
    fetched_at: datetime | None
    requests: int


def inspect(
    reference: Reference,
    request: InspectRequest,
    *,
    manifests: ManifestStore | None,
    contents: ManifestSource | None,
    now: datetime,
) -> InspectedImage:
    """Inspect an image.

    Args:
        reference: the image; without a registry it is Docker Hub's.
        request: what to return.
        manifests: the index; None: there is none.
        contents: the registry; None: it may not be asked.
        now: the time, recorded with what is stored.

    Raises:
        Missing: the image does not exist, or is not in the index and the registry may not be asked.
        NotAnImage: it is not an image, or has none for this platform.
        SourceError: the registry failed.
    """
    registry = reference.registry or DOCKER_HUB
    tag = reference.tag or (None if reference.digest else DEFAULT_TAG)
    work = _Inspection(registry, reference.repository, request, manifests, contents)
    return work.look(tag, reference.digest, now)


class _Inspection:
    def __init__(
        self,
        registry: str,
        repository: str,
        request: InspectRequest,
        manifests: ManifestStore | None,
        contents: ManifestSource | None,
    ) -> None:
        self._registry = registry
        self._repository = repository
        self._request = request
        self._store = manifests
        self._contents = contents
        self._reader = ManifestReader(repository, manifests, self._contents)

    def look(self, tag: str | None, digest: str | None, now: datetime) -> InspectedImage:
        """See `inspect`. Where both a tag and a digest are given, the digest counts."""
        pointer = self._pointer(tag) if digest is None else None
        if digest is None:
            digest = pointer.digest if pointer else self._asked(tag or DEFAULT_TAG)
        assert digest is not None
        try:
            content = self._reader.raw(digest)
            image, config = (None, b"") if self._request.raw else self._image(digest)
            tags = self._tags() if self._request.tags and not self._request.raw else ()
        except NotKept:
            raise NotKept(
                f"the index knows {self._name} and does not hold all of it: without --offline it "
                "would be fetched."
            ) from None
        self._keep(digest, now)
        return InspectedImage(
            name=f"{self._registry}/{self._repository}",
            digest=digest,
            content=content,
            image=image,
            config=config,
            tags=tags,
            seen_at=pointer.seen_at if pointer else None,
            fetched_at=self._reader.oldest,
            requests=self._contents.spent.requests if self._contents else 0,
        )

    def _pointer(self, tag: str | None) -> TagPointer | None:
        """What the tag points to by the index; None if the registry must be asked."""
        if self._store is None or self._request.refresh or tag is None:
            return None
        pointer = self._store.pointer(self._registry, self._repository, tag)
        return pointer if pointer and pointer.digest else None

    def _asked(self, tag: str) -> str:
        """What the tag points to by the registry."""
        if self._contents is None:
            raise NotKept(
                f"the index does not know {self._name}:{shown(tag)}: without --offline its "
                "registry would be asked."
            )
        content = self._contents.manifest(self._repository, tag)
        if content is None:
            raise Missing(f"there is no {self._name}:{shown(tag)} (404): check the spelling.")
        self._reader.take(content)
        return content.digest

    def _image(self, digest: str) -> tuple[Manifest, bytes]:
        """The image for the platform, and its configuration."""
        above: tuple[str, ...] = ()
        manifest = self._reader.manifest(digest)
        while manifest.kind is Kind.INDEX:
            child = choose(manifest, self._request.platform)
            if child is None:
                raise NotAnImage(self._no_platform(manifest))
            above = (*above, digest)
            digest = child.digest
            manifest = self._reader.manifest(digest, above)
        if manifest.kind is not Kind.IMAGE and not (self._request.config and manifest.config):
            ways = "--raw shows its manifest"
            if manifest.config:
                ways = f"--config shows its configuration, {ways}"
            raise NotAnImage(
                f"{self._name} is not an image, but {shown(in_words(manifest))}: {ways}."
            )
        return manifest, self._reader.config(manifest, digest)

    def _no_platform(self, index: Manifest) -> str:
        places = dict.fromkeys(
            str(child.platform)
            for child in index.children
            if child.platform and not child.is_attestation
        )
        known = ", ".join(shown(place, 60) for place in places) or "none with a platform"
        return (
            f"{self._name} has no image for {self._request.platform}; there are {known}: choose "
            "one with --platform."
        )

    def _tags(self) -> tuple[str, ...]:
        known = None
        if self._store is not None and not self._request.refresh:
            known = self._store.tag_names(self._registry, self._repository)
        if known is not None:
            return known
        return self._contents.tag_names(self._repository) if self._contents else ()

    def _keep(self, digest: str, now: datetime) -> None:
        """Store what was fetched, if the index knows the digest, for the next inspection."""
        if self._store is None or not self._reader.asked:
            return
        about, whole = Tag("", None, digest), False
        if self._is_single(digest):
            about, whole = self._reader.whole(digest), True
        self._store.keep(self._reader.parts, about, now, whole=whole)

    def _is_single(self, digest: str) -> bool:
        """Whether everything below a digest was read: it is no index, and not a raw inspection."""
        kinds = {Kind.IMAGE, Kind.ARTIFACT}
        return not self._request.raw and self._reader.manifest(digest).kind in kinds

    @property
    def _name(self) -> str:
        return shown(f"{self._registry}/{self._repository}")
