"""The referrers of a manifest, as the OCI distribution specification 1.1 describes them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.manifests.media_types import OCI_INDEX
from indexer.manifests.untrusted_json import NotReadable, object_of, text

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_ALGORITHM, _LONGEST_HEX = 32, 64
"""The most hex digits of a digest in the name of a fallback tag."""


def fallback_tag(digest: str) -> str:
    """The tag under which clients keep the referrers where a registry has no API: `sha256-…`."""
    algorithm, _, encoded = digest.partition(":")
    return f"{algorithm[:_LONGEST_ALGORITHM]}-{encoded[:_LONGEST_HEX]}"


def described(digest: str, media_type: str, body: bytes, subject: str) -> dict[str, Any] | None:
    """The descriptor of a manifest that refers to a subject; None if it does not."""
    if subject.encode() not in body:
        return None
    try:
        sent = object_of(body, "it")
    except NotReadable:
        return None
    about = sent.get("subject")
    if not isinstance(about, dict) or about.get("digest") != subject:
        return None
    config = sent.get("config")
    of_config = config.get("mediaType") if isinstance(config, dict) else None
    descriptor: dict[str, Any] = {
        "mediaType": media_type,
        "digest": digest,
        "size": len(body),
    }
    if kind := text(sent.get("artifactType")) or text(of_config):
        descriptor["artifactType"] = kind
    if annotations := _texts(sent.get("annotations")):
        descriptor["annotations"] = annotations
    return descriptor


def listed(media_type: str, body: bytes) -> list[dict[str, Any]]:
    """The descriptors in an index under a fallback tag; empty if it is not such an index."""
    if media_type != OCI_INDEX:
        return []
    try:
        found = object_of(body, "it").get("manifests")
    except NotReadable:
        return []
    items = found if isinstance(found, list) else []
    return [each for each in items if isinstance(each, dict) and text(each.get("digest"))]


def merged(
    lists: Iterable[Iterable[dict[str, Any]]], artifact_type: str | None
) -> list[dict[str, Any]]:
    """The descriptors of all lists, one for each digest; of one type only if it is given."""
    unique: dict[str, dict[str, Any]] = {}
    for each in lists:
        for descriptor in each:
            unique.setdefault(descriptor["digest"], descriptor)
    wanted = unique.values()
    return [
        each
        for each in wanted
        if artifact_type is None or each.get("artifactType") == artifact_type
    ]


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {key: each for key, each in value.items() if isinstance(each, str)}
