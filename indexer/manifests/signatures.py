"""Says what each referrer of an image is (signature, SBOM, attestation). Pure.

Sources: cosign 3 attaches sigstore bundles, signatures and attestations alike; the annotation
`dev.sigstore.bundle.predicateType` tells them apart. Cosign 2 has a type for each. Where a registry
has no referrers API, cosign 3 leaves the annotations out of its list (sigstore/cosign#4641), and
only the referring manifest has them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from indexer.manifests.untrusted_json import text, whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

COSIGN: Final = "cosign signature"
NOTATION: Final = "Notation signature"

MOST_TEXT = 300
"""The most characters of a type or an annotation that are kept."""

PREDICATE: Final = "dev.sigstore.bundle.predicateType"
CONTENT: Final = "dev.sigstore.bundle.content"
_KEPT = (PREDICATE, CONTENT, "org.opencontainers.image.created")
_SIGNED = "https://sigstore.dev/cosign/sign/v1"

_BUNDLE = re.compile(r"application/vnd\.dev\.sigstore\.bundle(?:[.+;].*)?", re.DOTALL)

_KINDS = (
    ("application/vnd.dev.cosign.artifact.sig.", COSIGN),
    ("application/vnd.dev.cosign.simplesigning.", COSIGN),
    ("application/vnd.dev.cosign.artifact.att.", "attestation"),
    ("application/vnd.dev.cosign.artifact.sbom.", "SBOM"),
    ("application/vnd.cncf.notary.signature", NOTATION),
    ("application/vnd.in-toto", "attestation"),
    ("application/vnd.dsse", "attestation"),
    ("application/spdx", "SBOM (SPDX)"),
    ("text/spdx", "SBOM (SPDX)"),
    ("application/vnd.cyclonedx", "SBOM (CycloneDX)"),
    ("application/vnd.syft", "SBOM (Syft)"),
    ("application/vnd.goharbor.harbor.sbom", "SBOM"),
    ("application/vnd.security.vulnerability.report", "vulnerability report"),
)
"""What a type begins with, and what that is."""

_PREDICATES = (
    ("https://slsa.dev/provenance", "attestation (SLSA provenance)"),
    ("https://spdx.dev/", "SBOM (SPDX)"),
    ("https://cyclonedx.org/", "SBOM (CycloneDX)"),
)


class Referrer(NamedTuple):
    """A manifest that refers to another one.

    Attributes:
        digest: its digest.
        media_type: of the manifest.
        size: of the manifest in bytes; None if it is not stated.
        artifact_type: what it is; empty if it is not stated.
        annotations: those that tell what it is.
    """

    digest: str
    media_type: str = ""
    size: int | None = None
    artifact_type: str = ""
    annotations: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, descriptor: Mapping[str, Any]) -> Referrer:
        """Read a descriptor of a list of referrers."""
        said = descriptor.get("annotations")
        given = said if isinstance(said, dict) else {}
        kept = ((key, text(given.get(key))[:MOST_TEXT]) for key in _KEPT)
        return cls(
            digest=text(descriptor.get("digest")),
            media_type=text(descriptor.get("mediaType"))[:MOST_TEXT],
            size=whole(descriptor.get("size")),
            artifact_type=text(descriptor.get("artifactType"))[:MOST_TEXT],
            annotations=tuple((key, value) for key, value in kept if value),
        )

    @property
    def descriptor(self) -> dict[str, Any]:
        """The referrer as a descriptor of a list."""
        parts: dict[str, Any] = {"mediaType": self.media_type, "digest": self.digest}
        parts["size"] = self.size or 0
        if self.artifact_type:
            parts["artifactType"] = self.artifact_type
        if self.annotations:
            parts["annotations"] = dict(self.annotations)
        return parts

    @property
    def kind(self) -> str:
        """What it is, in words: `cosign signature`, `SBOM (SPDX)`; else its type."""
        if _BUNDLE.fullmatch(self.artifact_type):
            return _bundle(dict(self.annotations))
        for start, kind in _KINDS:
            if self.artifact_type.startswith(start):
                return kind
        return self.artifact_type or "artifact of an unknown type"

    @property
    def is_signature(self) -> bool:
        """Whether it is a signature by cosign."""
        return self.kind == COSIGN

    @property
    def is_vague(self) -> bool:
        """Whether only its manifest tells what it is."""
        if not self.artifact_type:
            return True
        told = dict(self.annotations).keys() & {PREDICATE, CONTENT}
        return _BUNDLE.fullmatch(self.artifact_type) is not None and not told


def _bundle(annotations: Mapping[str, str]) -> str:
    """What a sigstore bundle is: a signature, unless its predicate type names something else."""
    predicate = annotations.get(PREDICATE, "")
    if predicate in {"", _SIGNED}:
        return COSIGN
    for start, kind in _PREDICATES:
        if predicate.startswith(start):
            return kind
    return f"attestation ({predicate})"
