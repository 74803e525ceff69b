"""What a manifest is made of."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.core.platforms import Platform
from indexer.manifests import media_types
from indexer.manifests.manifest_digest import digest_of
from indexer.manifests.manifest_parser import Kind, read
from indexer.manifests.untrusted_json import NotReadable
from tests.sources.oci import images
from tests.sources.oci.images import Recipe

AMD64 = Recipe().made()
ARM = Recipe(text="arm", architecture="arm", variant="v7").made()


@pytest.mark.parametrize("docker", [True, False])
def test_an_image_names_its_configuration_and_its_layers_lowest_first(docker: bool) -> None:
    made = Recipe(layers=3, docker=docker).made()
    manifest = read(made.body, made.media_type)
    config, *layers = made.blobs
    assert manifest.kind is Kind.IMAGE
    assert manifest.config is not None
    assert manifest.config.digest == images.sha256(config)
    assert [each.digest for each in manifest.layers] == [images.sha256(body) for body in layers]
    assert manifest.size == sum(map(len, made.blobs))


@pytest.mark.parametrize("docker", [True, False])
def test_an_index_names_its_images_and_tells_attestations_apart(docker: bool) -> None:
    note = images.attestation(AMD64)
    made = images.index(AMD64, ARM, note, docker=docker)
    manifest = read(made.body, made.media_type)
    assert manifest.kind is Kind.INDEX
    assert [child.is_attestation for child in manifest.children] == [False, False, True]
    assert manifest.children[1].platform == Platform(
        "linux", "arm", "v7", None, ARM.digest, len(ARM.body)
    )


def test_an_attestation_is_known_by_its_platform_where_it_lacks_the_annotation() -> None:
    bare = images.Made(
        AMD64.body, AMD64.media_type, platform={"os": "unknown", "architecture": "unknown"}
    )
    made = images.index(bare)
    assert read(made.body, made.media_type).children[0].is_attestation


def test_an_artifact_is_not_an_image_and_has_its_type() -> None:
    made = images.artifact()
    manifest = read(made.body, made.media_type)
    assert manifest.kind is Kind.ARTIFACT
    assert manifest.artifact_type == "application/vnd.cncf.helm.config.v1+json"


def test_an_artifact_type_of_its_own_goes_before_that_of_its_configuration() -> None:
    body = json.loads(images.artifact().body) | {"artifactType": "application/x.notes"}
    assert (
        read(json.dumps(body).encode(), media_types.OCI_MANIFEST).artifact_type
        == "application/x.notes"
    )


def test_schema_1_lists_its_newest_layer_first_and_we_the_lowest() -> None:
    made = images.schema1("newest", "middle", "lowest", tag="7")
    manifest = read(made.body, made.media_type)
    assert [each.digest for each in manifest.layers] == [
        images.sha256(body) for body in reversed(made.blobs)
    ]
    assert (manifest.tag, manifest.config, manifest.size) == ("7", None, None)
    assert json.loads(manifest.past[0])["docker_version"] == "1.6.2"


def test_of_neighbours_in_schema_1_with_one_id_only_the_older_counts() -> None:
    made = images.schema1("newest", "lowest")
    sent = json.loads(made.body)
    sent["history"].insert(0, sent["history"][0])
    sent["fsLayers"].insert(0, {"blobSum": "sha256:" + "0" * 64})
    manifest = read(json.dumps(sent).encode(), made.media_type)
    assert [each.digest for each in manifest.layers] == [
        images.sha256(body) for body in reversed(made.blobs)
    ]


@pytest.mark.parametrize("content_type", ["", "application/json; charset=utf-8", "text/plain"])
@pytest.mark.parametrize(
    ("made", "media_type"),
    [
        (AMD64, media_types.OCI_MANIFEST),
        (Recipe(docker=True).made(), media_types.SCHEMA2),
        (images.index(AMD64), media_types.OCI_INDEX),
        (images.index(AMD64, docker=True), media_types.SCHEMA2_LIST),
        (images.schema1("a"), media_types.SCHEMA1),
        (images.schema1("a", signed=True), media_types.SCHEMA1_SIGNED),
    ],
)
def test_a_manifest_says_itself_what_it_is_where_the_registry_does_not(
    made: images.Made, media_type: str, content_type: str
) -> None:
    assert read(made.body, content_type).media_type == media_type


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        ({"schemaVersion": 2, "manifests": []}, media_types.OCI_INDEX),
        ({"schemaVersion": 2, "layers": [], "config": {}}, media_types.OCI_MANIFEST),
        (
            {"schemaVersion": 2, "config": {"mediaType": media_types.SCHEMA2_CONFIG}},
            media_types.SCHEMA2,
        ),
        ({"anything": "else"}, ""),
    ],
)
def test_a_body_that_names_no_media_type_is_known_by_its_shape(
    body: dict[str, Any], media_type: str
) -> None:
    config = {"digest": AMD64.digest, "size": 1} | body.get("config", {})
    body |= {"config": config} if "config" in body else {}
    assert read(json.dumps(body).encode()).media_type == media_type


def test_an_unknown_media_type_is_recorded_and_not_interpreted() -> None:
    manifest = read(b'{"layers": "what?"}', "application/vnd.acme.thing.v9+json")
    assert manifest.kind is Kind.UNKNOWN
    assert manifest.media_type == "application/vnd.acme.thing.v9+json"
    assert (manifest.config, manifest.layers, manifest.size) == (None, (), None)


@pytest.mark.parametrize(
    ("body", "media_type", "why"),
    [
        (b"", media_types.OCI_INDEX, "not a JSON object"),
        (b"[]", media_types.OCI_INDEX, "not a JSON object"),
        (b"<html>", media_types.SCHEMA2, "not a JSON object"),
        (b'{"a":' + b"[" * 100_000, media_types.SCHEMA2, "nested too deeply|no JSON object"),
        (b'{"manifests": {}}', media_types.OCI_INDEX, "not a list"),
        (b'{"manifests": [1]}', media_types.OCI_INDEX, "not an object"),
        (b'{"manifests": [{"digest": "sha256:12"}]}', media_types.OCI_INDEX, "not a digest"),
        (b'{"manifests": [{"digest": "\\u001b[2J"}]}', media_types.OCI_INDEX, "not a digest"),
        (b'{"manifests": [], "layers": []}', media_types.OCI_INDEX, "belongs to another"),
        (b'{"manifests": [], "config": {}}', media_types.OCI_MANIFEST, "belongs to another"),
        (b'{"layers": []}', media_types.SCHEMA2, "configuration is not an object"),
        (b'{"schemaVersion": 2, "fsLayers": []}', media_types.SCHEMA1, "its content is not"),
        (b'{"schemaVersion": 1, "fsLayers": [], "history": []}', media_types.SCHEMA1, "layers"),
        (b'{"schemaVersion": 1, "fsLayers": [{}], "history": [{}]}', media_types.SCHEMA1, "JSON"),
    ],
)
def test_a_body_that_is_not_a_manifest_is_refused_with_a_sentence(
    body: bytes, media_type: str, why: str
) -> None:
    with pytest.raises(NotReadable, match=why):
        read(body, media_type)


def test_an_index_of_a_million_images_is_refused() -> None:
    body = json.dumps({"manifests": [AMD64.descriptor] * 1_001}).encode()
    with pytest.raises(NotReadable, match="1001 entries"):
        read(body, media_types.OCI_INDEX)


def test_broken_characters_do_not_keep_a_manifest_from_being_read() -> None:
    body = images.index(AMD64).body.replace(b'"os": "linux"', b'"os": "li\xff\xfenux"')
    platform = read(body, media_types.OCI_INDEX).children[0].platform
    assert platform is not None
    assert platform.os == "li\ufffd\ufffdnux"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
manifests = st.dictionaries(
    st.sampled_from(
        [
            *("schemaVersion", "mediaType", "manifests", "config", "layers"),
            *("fsLayers", "history", "signatures", "annotations", "artifactType", "tag"),
        ]
    ),
    json_values,
)


@given(
    manifests | json_values,
    st.sampled_from(
        ["", media_types.OCI_INDEX, media_types.SCHEMA2, media_types.SCHEMA1_SIGNED, "a/b"]
    ),
)
def test_whatever_a_registry_sends_is_read_or_refused(sent: object, media_type: str) -> None:
    body = json.dumps(sent).encode()
    for read_it in (lambda: read(body, media_type), lambda: digest_of(body)):
        with contextlib.suppress(NotReadable):
            assert read_it()
