"""Reads manifests and configurations from the index, else from a registry.

What a registry sends is verified against its digest before it gets here. An index may contain
indexes; one that contains itself, or nests too deeply, is refused.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from indexer.core.errors import Missing, Unreadable
from indexer.core.model import Tag
from indexer.core.platforms import Platform
from indexer.core.printable import shown
from indexer.manifests import manifest_parser
from indexer.manifests.content_type import content_type_of
from indexer.manifests.image_config import image_facts
from indexer.manifests.manifest_parser import Kind
from indexer.manifests.ports import ManifestPart, StoredManifest
from indexer.manifests.untrusted_json import NotReadable

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from indexer.manifests.manifest_parser import Child, Manifest
    from indexer.manifests.ports import ManifestSource, ManifestStore

log = logging.getLogger("indexer.manifests")

DEPTH = 4
"""How deep indexes may be nested; two are the most known in practice."""

MOST_PARTS = 2_000
"""The most manifests and configurations below one digest."""

EMPTY = StoredManifest(
    "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", "", b"{}"
)
"""The configuration of artifacts that have none (OCI image specification 1.1, "empty descriptor").
No registry need be asked for it.
"""

CONFIG_TYPE = "application/vnd.docker.container.image.v1+json"
"""The media type of a stored configuration whose manifest gives none."""


class NotKept(Missing):
    """The index does not hold this content, and asking a registry is not allowed."""


class ManifestReader:
    """Reads content of one repository, and collects what it read: see `parts`.

    Args:
        repository: its name at the registry.
        manifests: the index's manifests; None: none.
        contents: the registry; None: it may not be asked.
    """

    def __init__(
        self, repository: str, manifests: ManifestStore | None, contents: ManifestSource | None
    ) -> None:
        self._repository = repository
        self._library = manifests
        self._contents = contents
        self.asked = False
        self.oldest: datetime | None = None
        self._found: dict[str, StoredManifest] = {}
        self._links: set[tuple[str, str | None]] = set()

    @property
    def parts(self) -> tuple[ManifestPart, ...]:
        """What was read so far, each with the manifest that refers to it."""
        return tuple(ManifestPart(self._found[digest], of) for digest, of in self._links)

    def manifest(self, digest: str, above: tuple[str, ...] = ()) -> Manifest:
        """A manifest by its digest.

        Args:
            digest: its digest.
            above: the digests of the indexes that it was found in, the innermost last.

        Raises:
            Missing: it does not exist.
            SourceError: it cannot be fetched, or cannot be read.
        """
        if digest in above:
            raise Unreadable(f"the manifest {digest} of {self._name} refers to itself.")
        if len(above) > DEPTH:
            raise Unreadable(
                f"the manifest {above[0]} of {self._name} holds indexes within indexes, more than "
                f"{DEPTH} deep."
            )
        content = self.raw(digest, of=above[-1] if above else None)
        try:
            return manifest_parser.read(content.body, content.media_type)
        except NotReadable as why:
            raise Unreadable(
                f"the manifest {digest} of {self._name} cannot be read: {why}."
            ) from None

    def raw(self, digest: str, of: str | None = None) -> StoredManifest:
        """A manifest as it was sent.

        Raises:
            Missing: it does not exist.
            SourceError: it cannot be fetched.
        """
        return self._kept(digest, of) or self._fetched(digest, of)

    def take(self, content: StoredManifest) -> None:
        """Add a manifest that was just fetched by its tag."""
        self.asked = True
        self._note(content, None)

    def config(self, manifest: Manifest, digest: str) -> bytes:
        """The configuration of an image; empty where its manifest contains it (schema 1).

        Args:
            manifest: the image's.
            digest: of the manifest.

        Raises:
            Missing: it does not exist.
            SourceError: it cannot be fetched.
        """
        named = manifest.config
        if named is None:
            return b""
        return self.configuration(named.digest, named.media_type, of=digest).body

    def configuration(self, digest: str, media_type: str, of: str | None) -> StoredManifest:
        """A configuration by its digest.

        Args:
            digest: its own.
            media_type: as its manifest says; empty if it does not.
            of: the digest of its manifest.

        Raises:
            Missing: it does not exist.
            SourceError: it cannot be fetched.
        """
        kept = self._kept(digest, of)
        if kept is not None:
            return kept
        if digest == EMPTY.digest:
            return self._note(EMPTY._replace(media_type=media_type), of)
        config = self._registry().config(self._repository, digest)
        if config is None:
            raise Missing(f"the configuration {digest} of {self._name} is not there (404).")
        return self._note(config._replace(media_type=media_type or CONFIG_TYPE), of)

    def whole(self, digest: str, above: tuple[str, ...] = ()) -> Tag:
        """Read everything below a digest, and describe it as a tag that points to it.

        Raises:
            Missing: the manifest does not exist.
            SourceError: a part cannot be fetched.
        """
        manifest = self.manifest(digest, above)
        platforms: tuple[Platform, ...] = ()
        size = manifest.size
        content_type = content_type_of(manifest)
        if manifest.kind is Kind.INDEX:
            platforms = tuple(
                place
                for child in manifest.children
                for place in self._platforms(child, (*above, digest))
            )
            content_type = self._content_type(manifest, (*above, digest))
            sizes = [place.size for place in platforms if not place.is_attestation]
            size = sum(each or 0 for each in sizes) if sizes and None not in sizes else None
        elif manifest.kind is Kind.IMAGE:
            platforms = self._place(manifest, digest)
        elif manifest.kind is Kind.ARTIFACT:
            self._companion(lambda: self.config(manifest, digest))
        return Tag(
            "",
            None,
            digest,
            platforms=platforms,
            size=size,
            media_type=manifest.media_type or None,
            content_type=content_type,
        )

    def _attestation(self, child: Child, above: tuple[str, ...]) -> None:
        """Read what is said about an image, with its configuration."""
        self._companion(lambda: self.config(self.manifest(child.digest, above), child.digest))

    @staticmethod
    def _companion(read: Callable[[], object]) -> None:
        """Read what clients may ask for, and without which the rest is complete."""
        try:
            read()
        except NotKept:
            raise
        except (Missing, Unreadable) as why:
            log.debug("left out: %s", why)

    def _content_type(self, index: Manifest, above: tuple[str, ...]) -> str | None:
        """What an index holds: what its first entry is that is there."""
        for child in index.children:
            if not child.is_attestation and child.digest in self._found:
                return content_type_of(self.manifest(child.digest, above))
        return None

    def _platforms(self, child: Child, above: tuple[str, ...]) -> tuple[Platform, ...]:
        """The platforms of an index's entry: one, unless the entry is itself an index."""
        place = child.platform
        if child.is_attestation:
            self._attestation(child, above)
            return (Platform("unknown", "unknown", digest=child.digest, size=child.size),)
        try:
            below = self.whole(child.digest, above)
        except NotKept:
            raise
        except Missing:  # a registry may hold an index without some of its images
            return () if place is None else (place._replace(size=None),)
        is_index = self.manifest(child.digest, above).kind is Kind.INDEX
        if place is None or is_index:
            return tuple(below.platforms)
        return (place._replace(size=below.size),)

    def _place(self, manifest: Manifest, digest: str) -> tuple[Platform, ...]:
        """The platform of an image, from its configuration; none where that does not say."""
        config = self.config(manifest, digest)
        try:
            said = image_facts(manifest, config)
        except NotReadable:
            return ()
        if not (said.os and said.architecture):
            return ()
        variant, version = said.variant or None, said.os_version or None
        return (Platform(said.os, said.architecture, variant, version, digest, manifest.size),)

    def _kept(self, digest: str, of: str | None) -> StoredManifest | None:
        if digest in self._found:
            return self._note(self._found[digest], of)
        kept = self._library.find(digest) if self._library else None
        if kept is None:
            return None
        self.oldest = min(filter(None, (self.oldest, kept.fetched_at)))
        return self._note(kept.content, of)

    def _fetched(self, digest: str, of: str | None) -> StoredManifest:
        content = self._registry().manifest(self._repository, digest)
        if content is None:
            raise Missing(f"the manifest {digest} of {self._name} is not there (404).")
        return self._note(content, of)

    def _note(self, content: StoredManifest, of: str | None) -> StoredManifest:
        self._found[content.digest] = content
        self._links.add((content.digest, of))
        if len(self._found) > MOST_PARTS:
            raise Unreadable(
                f"a manifest of {self._name} refers to more than {MOST_PARTS} others: too many to "
                "read."
            )
        return content

    def _registry(self) -> ManifestSource:
        if self._contents is None:
            raise NotKept(f"the index does not hold all of {self._name} that was asked for.")
        self.asked = True
        return self._contents

    @property
    def _name(self) -> str:
        return shown(self._repository)
