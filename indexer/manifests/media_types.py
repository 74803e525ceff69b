"""Media types of manifests: which are interpreted, and the `Accept` header that asks for them.

Sources: the distribution project's manifest specifications (schema 1 and 2), the OCI image
specification.
"""

from __future__ import annotations

from typing import Final

SCHEMA1: Final = "application/vnd.docker.distribution.manifest.v1+json"
SCHEMA1_SIGNED: Final = "application/vnd.docker.distribution.manifest.v1+prettyjws"
SCHEMA2: Final = "application/vnd.docker.distribution.manifest.v2+json"
SCHEMA2_LIST: Final = "application/vnd.docker.distribution.manifest.list.v2+json"
OCI_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX: Final = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG: Final = "application/vnd.oci.image.config.v1+json"
SCHEMA2_CONFIG: Final = "application/vnd.docker.container.image.v1+json"

INDEXES: Final = frozenset({SCHEMA2_LIST, OCI_INDEX})
MANIFESTS: Final = frozenset({SCHEMA1, SCHEMA1_SIGNED, SCHEMA2, OCI_MANIFEST})

_ALL_SIX = (OCI_INDEX, SCHEMA2_LIST, OCI_MANIFEST, SCHEMA2, SCHEMA1_SIGNED, SCHEMA1)

ACCEPT: Final = ", ".join(_ALL_SIX)
"""All six must be asked for: else a registry converts or hides a manifest, with another digest."""

_SAYS_NOTHING = frozenset(
    {"", "application/json", "text/plain", "application/octet-stream", "binary/octet-stream"}
)
"""Media types that servers and proxies send when they do not know a better one."""


def named(content_type: str) -> str:
    """A media type without its parameters, in lower case; empty where it is uninformative."""
    name = content_type.partition(";")[0].strip().lower()
    return "" if name in _SAYS_NOTHING else name
