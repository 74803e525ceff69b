"""Tags that tools keep for themselves: signatures, attestations, lists of what is inside.

Cosign names them after the digest that they are about, `sha256-<64 digits>.sig`, `.att`, `.sbom`;
registries without the referrers API hold an index under `sha256-<64 digits>` (OCI distribution
specification 1.1, "referrers tag schema"), which cuts longer digests to as many digits.
"""

from __future__ import annotations

import re

_COMPANION = re.compile(r"(?:sha256|sha512)-[0-9a-f]{64}(?:[0-9a-f]{64})?(?:\.[A-Za-z0-9._-]+)?")


def is_companion(tag: str) -> bool:
    """Whether a tag is about another image, by the name that tools give to such tags."""
    return _COMPANION.fullmatch(tag) is not None
