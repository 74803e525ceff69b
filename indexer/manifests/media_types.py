"""Media types of manifests: which are interpreted, and the `Accept` header that asks for them.

Sources: the distribution project's manifest specifications (schema 1 and 2), the OCI image
specification.
"""

from __future__ import annotations

import re
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

_CONFIG = re.compile(r"application/[\w.+-]+\.config(?:\.[\w-]+)*\+json", re.ASCII)
"""Such as Helm's, `application/vnd.cncf.helm.config.v1+json`."""

_OCTETS = frozenset({"application/octet-stream", "binary/octet-stream"})
_SAYS_NOTHING = frozenset({"", "application/json", "text/plain"}) | _OCTETS
"""Media types that servers and proxies send when they do not know a better one."""


def named(content_type: str) -> str:
    """A media type without its parameters, in lower case; empty where it is uninformative."""
    name = _name(content_type)
    return "" if name in _SAYS_NOTHING else name


def is_octet_stream(content_type: str) -> bool:
    """Whether a header's value says that the body is just bytes."""
    return _name(content_type) in _OCTETS


def is_of_config(media_type: str) -> bool:
    """Whether a media type is of a configuration, as Docker Hub says it of old tags."""
    return media_type in {SCHEMA2_CONFIG, OCI_CONFIG} or _CONFIG.fullmatch(media_type) is not None


def _name(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
