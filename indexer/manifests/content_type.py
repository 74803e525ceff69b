"""Names the kind of content of a manifest, in Docker Hub's words: `image`, `helm`, `wasm`. Pure.

The kind follows from the `artifactType`, or else from the media type of the configuration (OCI
image specification 1.1, "guidelines for artifact usage"). A type that is not in the list here is
its own name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from indexer.manifests.manifest_parser import Kind

if TYPE_CHECKING:
    from indexer.manifests.manifest_parser import Manifest

IMAGE: Final = "image"

MOST_CHARACTERS = 100
"""Kept of a type."""

_STARTS = (
    ("application/vnd.cncf.helm.", "helm"),
    ("application/vnd.docker.plugin.", "plugin"),
    ("application/vnd.docker.compose.", "compose"),
    ("application/vnd.docker.volume.", "volume"),
    ("application/vnd.docker.ai.", "model"),
    ("application/vnd.cncf.model.", "model"),
    ("application/vnd.ollama.", "model"),
    ("application/vnd.kitops.", "model"),
    ("application/vnd.wasm.", "wasm"),
    ("application/vnd.module.wasm.", "wasm"),
)
"""What a type begins with, and the Hub's word for it."""

_WORDS = {
    "helm": "a Helm chart",
    "plugin": "a Docker plugin",
    "compose": "a Compose project",
    "volume": "a volume",
    "model": "a model",
    "wasm": "a WebAssembly module",
}


def content_type_of(manifest: Manifest) -> str | None:
    """The kind of content of a manifest; None of an index, and if the manifest does not tell."""
    config = manifest.config.media_type if manifest.config else ""
    said = manifest.artifact_type or config
    for start, word in _STARTS:
        if said.startswith(start):
            return word
    if manifest.kind is Kind.IMAGE:
        return IMAGE
    return said[:MOST_CHARACTERS] or None if manifest.kind is Kind.ARTIFACT else None


def in_words(manifest: Manifest) -> str:
    """The content of a manifest that is no image, for a sentence: `a Helm chart` and its type."""
    kind = manifest.artifact_type or manifest.media_type or "of an unknown media type"
    known = _WORDS.get(content_type_of(manifest) or "")
    return f"{known} ('{kind[:MOST_CHARACTERS]}')" if known else f"'{kind[:MOST_CHARACTERS]}'"
