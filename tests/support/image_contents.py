"""Indexes, images and configurations as builders write them, with right digests."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from indexer.manifests import media_types
from indexer.manifests.ports import ManifestPart, StoredManifest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def digest_of(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


@dataclass
class Built:
    """Content that was built, by digest."""

    parts: list[ManifestPart] = field(default_factory=list)

    def __call__(self, digest: str) -> StoredManifest | None:
        """The content of a digest; None if it was not built."""
        return next((each.content for each in self.parts if each.content.digest == digest), None)

    def forget(self, digest: str) -> None:
        """Forget some content."""
        self.parts = [each for each in self.parts if each.content.digest != digest]

    def image(
        self,
        config: Mapping[str, Any],
        layers: Iterable[str],
        *,
        place: str = "linux/amd64",
        annotations: Mapping[str, str] | None = None,
        **more: Any,
    ) -> str:
        """Build an image; the size of a layer is the length of its name."""
        os, architecture, *_ = place.split("/")
        sent = {"os": os, "architecture": architecture, "config": config, "rootfs": {}, **more}
        described = self._described(media_types.OCI_CONFIG, sent)
        manifest = {
            "config": described,
            "layers": [
                {"digest": digest_of(name.encode()), "mediaType": "layer", "size": len(name)}
                for name in layers
            ],
            **({"annotations": annotations} if annotations else {}),
        }
        digest = str(self._described(media_types.OCI_MANIFEST, manifest)["digest"])
        self._belongs(described["digest"], digest)
        return digest

    def index(self, images: Mapping[str, str], annotations: Mapping[str, str] | None = None) -> str:
        """Build an index of images by platform; `attestation` is none."""
        entries = []
        for place, digest in images.items():
            os, architecture, *_ = (
                ["unknown", "unknown"] if place == "attestation" else (place.split("/"))
            )
            entries.append(
                {
                    "digest": digest,
                    "mediaType": media_types.OCI_MANIFEST,
                    "size": 1,
                    "platform": {"os": os, "architecture": architecture},
                }
            )
        sent = {"manifests": entries, **({"annotations": annotations} if annotations else {})}
        own = str(self._described(media_types.OCI_INDEX, sent)["digest"])
        for digest in images.values():
            self._belongs(digest, own)
        return own

    def _described(self, media_type: str, sent: object) -> dict[str, Any]:
        body = json.dumps(sent).encode()
        content = StoredManifest(digest_of(body), media_type, body)
        if self(content.digest) is None:
            told = "" if media_type == media_types.OCI_CONFIG else media_type  # as blobs are sent
            self.parts.append(ManifestPart(content._replace(media_type=told)))
        return {"digest": content.digest, "mediaType": media_type, "size": len(body)}

    def _belongs(self, digest: str, of: str) -> None:
        content = self(digest)
        if content is not None:
            self.parts.append(ManifestPart(content, of))
