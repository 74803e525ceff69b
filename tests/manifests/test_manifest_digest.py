"""Which digest a manifest has, signed ones of schema 1 included."""

from __future__ import annotations

import hashlib
import json

import pytest

from indexer.manifests.manifest_digest import digest_matches, digest_of
from indexer.manifests.untrusted_json import NotReadable
from tests.sources.oci import images
from tests.sources.oci.images import Recipe

AMD64 = Recipe().made()
ARM = Recipe(text="arm", architecture="arm", variant="v7").made()


def test_the_digest_of_signed_schema_1_is_of_what_was_signed() -> None:
    unsigned = images.schema1("a", "b")
    signed = images.schema1("a", "b", signed=True)
    assert signed.body != unsigned.body
    assert digest_of(signed.body) == digest_of(unsigned.body) == images.sha256(unsigned.body)
    assert digest_matches(images.sha256(unsigned.body), signed.body)
    assert not digest_matches(images.sha256(signed.body), signed.body)


def test_another_signature_of_the_same_manifest_makes_no_other_digest() -> None:
    plain = images.schema1("a").body
    assert digest_of(images.sign(plain)) == digest_of(images.sign(plain, signature="YW5vdGhlcg"))


@pytest.mark.parametrize("made", [AMD64, images.index(AMD64, ARM), images.artifact()])
def test_any_other_digest_is_of_the_bytes_as_they_are(made: images.Made) -> None:
    assert digest_of(made.body) == images.sha256(made.body)
    assert not digest_matches(made.digest, made.body + b" ")


def test_a_digest_may_be_of_sha512() -> None:
    assert digest_matches("sha512:" + hashlib.sha512(AMD64.body).hexdigest(), AMD64.body)


def test_signatures_in_a_modern_manifest_change_nothing() -> None:
    body = json.dumps(json.loads(AMD64.body) | {"signatures": [{"protected": "e30"}]}).encode()
    assert digest_of(body) == images.sha256(body)


@pytest.mark.parametrize(
    "signatures",
    [
        [{}],
        ["no object"],
        [{"protected": "%%%"}],
        [{"protected": images.unpadded(b"{}")}],
        [{"protected": images.unpadded(b'{"formatLength": 9999999, "formatTail": "fQ"}')}],
        [{"protected": images.unpadded(b'{"formatLength": -4, "formatTail": "fQ"}')}],
        [
            {"protected": images.unpadded(b'{"formatLength": 10, "formatTail": "fQ"}')},
            {"protected": images.unpadded(b'{"formatLength": 11, "formatTail": "fQ"}')},
        ],
        {"a": "table"},
    ],
)
def test_signatures_that_do_not_say_what_they_sign_are_told(signatures: object) -> None:
    sent = json.loads(images.schema1("a").body) | {"signatures": signatures}
    with pytest.raises(NotReadable, match="signatures"):
        digest_of(json.dumps(sent).encode())


def test_a_media_type_that_is_no_text_is_no_media_type() -> None:
    with pytest.raises(NotReadable, match="signatures"):
        digest_of(b'{"schemaVersion": 1, "mediaType": [], "signatures": [{}]}')
