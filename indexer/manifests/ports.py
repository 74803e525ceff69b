"""The ports for content: manifests and configurations, each identified by its digest.

`ManifestStore` is the index's store of them; `ManifestSource` is a registry, for the rest.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from indexer.core.model import Cost, RateLimit, Tag
    from indexer.manifests.signatures import Referrer


class StoredManifest(NamedTuple):
    """A manifest or a configuration, as the registry sent it, verified against its digest."""

    digest: str
    media_type: str
    body: bytes


class KeptManifest(NamedTuple):
    """Stored content, and when it was fetched."""

    content: StoredManifest
    fetched_at: datetime


class ManifestPart(NamedTuple):
    """Content, and the digest of the manifest that refers to it; None: none does."""

    content: StoredManifest
    of: str | None = None


class PartKind(StrEnum):
    """What a manifest names."""

    MANIFEST = "manifest"
    CONFIG = "configuration"
    LAYER = "layer"


class NamedPart(NamedTuple):
    """What a manifest of a repository names, whether it is stored or not.

    Attributes:
        digest: its own.
        kind: what it is.
        media_type: as the manifest says; empty if it does not.
        size: in bytes; None if the manifest does not say.
        parent: the digest of what names it; None: a tag points or pointed to it.
        root: the digest that a tag points or pointed to.
    """

    digest: str
    kind: PartKind
    media_type: str
    size: int | None
    parent: str | None
    root: str


class TagPointer(NamedTuple):
    """What a tag points to by the index, and when a crawl last read the repository's tags.

    `digest` is None where the registry never gave one; `seen_at` where the time is not known.
    """

    digest: str | None
    seen_at: datetime | None


class ManifestStore(Protocol):
    """Manifests and configurations, each stored once, however many tags point to it."""

    def find(self, digest: str) -> KeptManifest | None:
        """Content by its digest; None if it is not stored."""

    def unread(
        self, registry: str, namespace: str, since: datetime | None = None
    ) -> Iterator[tuple[str, str]]:
        """Digests that present tags point to and that are not completely stored.

        Args:
            registry: its name.
            namespace: its name.
            since: only digests that the change log has reported since then, baselines left out.

        Yields:
            Repository and digest, each digest once, the newest first.
        """

    def keep(
        self, parts: Sequence[ManifestPart], about: Tag, now: datetime, *, whole: bool
    ) -> None:
        """Store a manifest with its parts, in ONE transaction, if the index knows its digest.

        Args:
            parts: the manifest, and what was fetched of everything below it.
            about: the manifest as a tag that points to it: its digest, platforms and size fill in
                what the index did not know.
            now: when it was fetched.
            whole: `parts` holds everything below it.
        """

    def keep_referrers(
        self, registry: str, repository: str, digest: str, found: Sequence[Referrer], now: datetime
    ) -> None:
        """Store what refers to a digest, in place of what was stored.

        Args:
            registry: its name.
            repository: with its namespace.
            digest: of the image.
            found: what refers to it.
            now: when that was read.
        """

    def pointer(self, registry: str, repository: str, tag: str) -> TagPointer | None:
        """What a present tag points to; None if there is no such tag."""

    def tag_names(self, registry: str, repository: str) -> tuple[str, ...] | None:
        """A repository's tags in the registry's own order; None if it is not present."""


class ManifestSource(Protocol):
    """A registry, asked for content. Everything it returns is verified. Safe from threads.

    All methods may raise `SourceError`, as those of `indexer.crawl.ports.Source` do.
    """

    @property
    def spent(self) -> Cost:
        """Its cost so far."""

    @property
    def rate_limit(self) -> RateLimit | None:
        """How many manifests may still be pulled, as the registry last said; None: no limit."""

    def head(self, repository: str, tag: str) -> str | None:
        """The digest that a tag points to, without pulling it; None if there is no such tag."""

    def manifest(self, repository: str, reference: str) -> StoredManifest | None:
        """A manifest by tag or digest; None if there is none. It may count as a pull."""

    def config(self, repository: str, digest: str) -> StoredManifest | None:
        """A configuration; None if there is none."""

    def tag_names(self, repository: str) -> tuple[str, ...]:
        """A repository's tags in the registry's order; none if it does not know the repository."""

    def referrers(self, repository: str, digest: str) -> tuple[Referrer, ...] | None:
        """What refers to a digest; None if the registry has no API for that.

        A registry without it keeps a list under a tag: see `indexer.manifests.signatures`.
        """


class LayerBytes(NamedTuple):
    """Where a layer is: at an address, or in pieces that the registry sends itself.

    Attributes:
        location: the address to which the registry redirects, which may be signed; None: `chunks`.
        chunks: the bytes, as the registry sends them. They may raise `SourceError`.
        length: how many bytes `chunks` has; None if the registry does not say.
        content_range: which part of the layer they are, as the header has it; None: all.
        close: ends the connection; called once, whether or not `chunks` was read.
    """

    location: str | None = None
    chunks: Iterator[bytes] = iter(())
    length: int | None = None
    content_range: str | None = None
    close: Callable[[], None] = lambda: None


class LayerSource(Protocol):
    """A registry, asked for layers. Nothing is verified: who pulls it does. Safe from threads.

    All methods may raise `SourceError`.
    """

    def layer(
        self, repository: str, digest: str, byte_range: str | None = None
    ) -> LayerBytes | None:
        """Where a layer is; None if there is none.

        Args:
            repository: its name at the registry.
            digest: the layer's.
            byte_range: the part that is wanted, as the header `Range` has it; None: all.
        """

    def has_layer(self, repository: str, digest: str) -> bool:
        """Whether the registry has a layer."""
