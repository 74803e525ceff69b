"""Lists of referrers: the answers of the referrers API, and the lists that clients keep as tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from indexer.hub_simulator.hub_json import encode
from indexer.hub_simulator.state import Manifest
from indexer.hub_simulator.synthetic_manifests import INDEX, sha256

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.hub_simulator.state import Repo


def index_of(
    found: Iterable[Manifest], kept: tuple[str, ...] = ("artifactType", "annotations")
) -> bytes:
    """The referrers of a digest (OCI distribution 1.1): an index, which may be empty.

    Args:
        found: the manifests that refer to it.
        kept: what a descriptor repeats of its manifest.
    """
    manifests: list[dict[str, object]] = []
    for one in found:
        sent = msgspec.json.decode(one.body)
        descriptor = {"mediaType": one.media_type, "digest": one.digest, "size": len(one.body)}
        manifests.append({**descriptor, **{key: sent[key] for key in kept if sent.get(key)}})
    return encode({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests})


def under_tags(repo: Repo) -> dict[str, Manifest]:
    """The lists that clients keep if a registry has no referrers API, by tag.

    Cosign 3 leaves out the annotations (sigstore/cosign#4641).
    """
    lists: dict[str, Manifest] = {}
    for digest, found in repo.referrers.items():
        body = index_of(found, ("artifactType",))
        lists[digest.replace(":", "-", 1)] = Manifest(sha256(body), INDEX, body)
    return lists
