"""Tags that signing tools create beside an image: signatures, attestations, SBOMs.

Cosign names them after the digest of their image, `sha256-<64 digits>.sig`, `.att`, `.sbom`.
On registries without the referrers API, clients keep an index under `sha256-<64 digits>` (OCI
distribution specification 1.1, "referrers tag schema"), which truncates longer digests.
"""

from __future__ import annotations

import re

_COMPANION = re.compile(r"(?:sha256|sha512)-[0-9a-f]{64}(?:[0-9a-f]{64})?(?:\.[A-Za-z0-9._-]+)?")


def is_companion(tag: str) -> bool:
    """Whether a tag's name has the form of such a tag."""
    return _COMPANION.fullmatch(tag) is not None
