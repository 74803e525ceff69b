"""A registry of manifests in memory: see `indexer.manifests.ports.ManifestSource`."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from indexer.core.model import Cost, RateLimit
from indexer.manifests.ports import ManifestSource, StoredManifest
from tests.sources.oci import images

if TYPE_CHECKING:
    from indexer.manifests.signatures import Referrer
    from tests.sources.oci.images import Made


class Shelf(ManifestSource):
    """A registry in memory, with a limit for pulls."""

    def __init__(self, *made: Made, pulls: int | None = None) -> None:
        self.held: dict[str, StoredManifest] = {}
        self.pulled: list[str] = []
        self.referring: dict[str, list[Referrer]] | None = None
        self.asked_for_referrers: list[str] = []
        self.limit = pulls
        self.left = pulls
        self._lock = threading.Lock()
        for each in made:
            self.put(each)

    def put(self, made: Made) -> None:
        for child in made.children:
            self.put(child)
        self.held[made.digest] = StoredManifest(made.digest, made.media_type, made.body)
        for blob in made.blobs:
            self.held[images.sha256(blob)] = StoredManifest(images.sha256(blob), "", blob)

    @property
    def spent(self) -> Cost:
        return Cost(len(self.pulled), 0)

    @property
    def rate_limit(self) -> RateLimit | None:
        return None if self.limit is None else RateLimit(self.limit, self.left, None)

    def head(self, repository: str, tag: str) -> str | None:
        raise AssertionError((repository, tag))

    def manifest(self, repository: str, reference: str) -> StoredManifest | None:
        assert repository
        with self._lock:
            self.pulled.append(reference)
            if self.left is not None:
                self.left -= 1
                assert self.left >= 0, "more manifests were pulled than the limit allows"
        return self.held.get(reference)

    def config(self, repository: str, digest: str) -> StoredManifest | None:
        assert repository
        return self.held.get(digest)

    def tag_names(self, repository: str) -> tuple[str, ...]:
        raise AssertionError(repository)

    def referrers(self, repository: str, digest: str) -> tuple[Referrer, ...] | None:
        assert repository
        with self._lock:
            self.asked_for_referrers.append(digest)
        return None if self.referring is None else tuple(self.referring.get(digest, ()))
