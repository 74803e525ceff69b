"""What refers to an image is named as what it is, and only cosign's signatures are signatures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import Unreadable
from indexer.manifests import media_types
from indexer.manifests.referrer_reader import read_referrers
from indexer.manifests.referrers import fallback_tag
from indexer.manifests.signatures import CONTENT, PREDICATE, Referrer
from tests.sources.oci import images
from tests.sources.oci.images import Recipe
from tests.support.manifest_shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.sources.oci.images import Made

BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
SIGN = "https://sigstore.dev/cosign/sign/v1"
SLSA = "https://slsa.dev/provenance/v1"
IMAGE = Recipe(layers=0).made()
LIST = fallback_tag(IMAGE.digest)


def referring(kind: str, annotations: Mapping[str, str] | None = None) -> Made:
    """A manifest that refers to the image."""
    return images.referring(IMAGE, kind, annotations or {})


def listed(*made: Made, without: tuple[str, ...] = ()) -> list[Referrer]:
    """The descriptors that a list has of them, without some fields."""
    found = []
    for each in made:
        said = json.loads(each.body)
        kept = {key: said[key] for key in ("artifactType", "annotations") if key not in without}
        found.append(Referrer.of({**each.descriptor, **kept}))
    return found


def shelf_with_list(*made: Made, without: tuple[str, ...] = ("annotations",)) -> Shelf:
    """A registry without the API, where cosign has kept a list under the fallback tag."""
    shelf = Shelf(IMAGE, *made)
    manifests = [each.descriptor for each in listed(*made, without=without)]
    body = json.dumps(
        {"schemaVersion": 2, "mediaType": media_types.OCI_INDEX, "manifests": manifests}
    )
    shelf.held[LIST] = shelf.held[IMAGE.digest]._replace(
        digest=f"sha256:{'0' * 64}", media_type=media_types.OCI_INDEX, body=body.encode()
    )
    return shelf


@pytest.mark.parametrize(
    ("kind", "annotations", "expected"),
    [
        (BUNDLE, {PREDICATE: SIGN}, "cosign signature"),
        (BUNDLE, {CONTENT: "message-signature"}, "cosign signature"),
        (BUNDLE, {}, "cosign signature"),
        ("application/vnd.dev.sigstore.bundle+json;version=0.3", {}, "cosign signature"),
        ("application/vnd.dev.cosign.artifact.sig.v1+json", {}, "cosign signature"),
        (BUNDLE, {PREDICATE: SLSA}, "attestation (SLSA provenance)"),
        (BUNDLE, {PREDICATE: "https://spdx.dev/Document"}, "SBOM (SPDX)"),
        (BUNDLE, {PREDICATE: "https://cyclonedx.org/bom"}, "SBOM (CycloneDX)"),
        (BUNDLE, {PREDICATE: "https://x.example/t"}, "attestation (https://x.example/t)"),
        ("application/vnd.dev.cosign.artifact.att.v1+json", {}, "attestation"),
        ("application/vnd.dev.cosign.artifact.sbom.v1+json", {}, "SBOM"),
        ("application/vnd.cncf.notary.signature", {}, "Notation signature"),
        ("application/spdx+json", {}, "SBOM (SPDX)"),
        ("application/vnd.in-toto+json", {}, "attestation"),
        ("application/vnd.example.thing", {}, "application/vnd.example.thing"),
        ("", {}, "artifact of an unknown type"),
    ],
)
def test_what_refers_is_named(kind: str, annotations: dict[str, str], expected: str) -> None:
    referrer = Referrer.of(
        {"digest": IMAGE.digest, "artifactType": kind, "annotations": annotations}
    )
    assert referrer.kind == expected
    assert referrer.is_signature is (expected == "cosign signature")


def test_a_signature_by_the_api_costs_one_request() -> None:
    signature = referring(BUNDLE, {PREDICATE: SIGN})
    shelf = Shelf(IMAGE, signature)
    shelf.referring = {IMAGE.digest: listed(signature)}
    (found,) = read_referrers(shelf, "team/app", IMAGE.digest, ["latest"])
    assert (found.kind, found.digest) == ("cosign signature", signature.digest)
    assert (len(shelf.asked_for_referrers), shelf.pulled) == (1, [])


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        ({PREDICATE: SIGN}, "cosign signature"),
        ({CONTENT: "message-signature"}, "cosign signature"),
        ({}, "cosign signature"),
        ({PREDICATE: SLSA}, "attestation (SLSA provenance)"),
    ],
)
def test_a_list_that_leaves_out_what_a_bundle_states_is_completed(
    annotations: dict[str, str], expected: str
) -> None:
    shelf = shelf_with_list(referring(BUNDLE, annotations))
    found = read_referrers(shelf, "team/app", IMAGE.digest, ["latest", LIST])
    assert [each.kind for each in found] == [expected]
    assert len(shelf.asked_for_referrers) == (expected != "cosign signature")


def test_a_bundle_that_is_gone_is_what_its_list_says() -> None:
    bundle = referring(BUNDLE)
    shelf = shelf_with_list(bundle)
    del shelf.held[bundle.digest]
    (found,) = read_referrers(shelf, "team/app", IMAGE.digest, [LIST])
    assert found.is_signature


def test_the_api_is_asked_too_where_the_list_has_no_signature() -> None:
    sbom, signature = referring("application/spdx+json"), referring(BUNDLE, {PREDICATE: SIGN})
    shelf = shelf_with_list(sbom)
    shelf.referring = {IMAGE.digest: listed(sbom, signature)}
    found = read_referrers(shelf, "team/app", IMAGE.digest, [LIST])
    assert [each.kind for each in found] == ["SBOM (SPDX)", "cosign signature"]


def test_with_too_many_to_read_nothing_is_known_unless_a_signature_was_found() -> None:
    """Neither is the image called unsigned, nor an attestation that was not read a signature."""
    signature = referring(BUNDLE, {PREDICATE: SIGN})
    attestations = [referring(BUNDLE, {PREDICATE: f"https://x.example/{i}"}) for i in range(21)]
    shelf = Shelf(IMAGE, signature, *attestations)
    for more, bundles in ((0, attestations), (1, [*attestations, signature])):
        shelf.referring = {IMAGE.digest: listed(*bundles, without=("annotations",))}
        with pytest.raises(Unreadable, match=f"what {21 + more} manifests are that refer to it"):
            read_referrers(shelf, "team/app", IMAGE.digest, ["latest"])
    shelf.referring = {IMAGE.digest: listed(signature, *attestations, without=("annotations",))}
    found = read_referrers(shelf, "team/app", IMAGE.digest, ["latest"])
    assert (found[0].kind, len(found)) == ("cosign signature", 22)


def test_without_an_api_and_a_list_nothing_refers() -> None:
    shelf = Shelf(IMAGE)
    assert read_referrers(shelf, "team/app", IMAGE.digest, ["latest"]) == ()
    assert (len(shelf.asked_for_referrers), shelf.pulled) == (1, [])


def test_odd_descriptors_are_read_as_far_as_they_go() -> None:
    odd = {"digest": 5, "mediaType": [], "size": -1, "artifactType": None, "annotations": [1]}
    assert Referrer.of(odd) == Referrer("")
    assert Referrer.of({"annotations": {PREDICATE: 7, "other": "x"}}).annotations == ()
