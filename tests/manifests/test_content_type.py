"""What a manifest is, as its types say."""

from __future__ import annotations

import json

import pytest

from indexer.manifests import manifest_parser, media_types
from indexer.manifests.content_type import content_type_of, in_words
from tests.sources.oci.images import Recipe, artifact, index, schema1

HELM = "application/vnd.cncf.helm.config.v1+json"
EMPTY = "application/vnd.oci.empty.v1+json"


def typed(config: str, artifact_type: str | None = None) -> bytes:
    descriptor = {"mediaType": config, "digest": f"sha256:{'a' * 64}", "size": 2}
    sent = {"schemaVersion": 2, "config": descriptor, "layers": []}
    return json.dumps(sent | ({"artifactType": artifact_type} if artifact_type else {})).encode()


@pytest.mark.parametrize(
    ("config", "artifact_type", "expected"),
    [
        (media_types.OCI_CONFIG, None, "image"),
        (HELM, None, "helm"),
        ("application/vnd.docker.ai.model.config.v0.1+json", None, "model"),
        (EMPTY, "application/vnd.cncf.model.manifest.v1+json", "model"),
        ("application/vnd.wasm.config.v0+json", None, "wasm"),
        (EMPTY, "application/vnd.docker.compose.project", "compose"),
        ("application/vnd.docker.plugin.v1+json", None, "plugin"),
        (EMPTY, "application/vnd.example.report", "application/vnd.example.report"),
        ("application/vnd.unknown.config.v1+json", None, "application/vnd.unknown.config.v1+json"),
        (EMPTY, "x" * 500, "x" * 100),
    ],
)
def test_artifacts_are_named_in_the_words_of_the_hub(
    config: str, artifact_type: str | None, expected: str
) -> None:
    read = manifest_parser.read(typed(config, artifact_type), media_types.OCI_MANIFEST)
    assert content_type_of(read) == expected


def test_images_of_every_age_are_images_and_an_index_tells_by_what_it_holds() -> None:
    for made in (Recipe().made(), Recipe(docker=True).made(), schema1("a", signed=True)):
        assert content_type_of(manifest_parser.read(made.body, made.media_type)) == "image"
    whole = index(Recipe().made())
    assert content_type_of(manifest_parser.read(whole.body, whole.media_type)) is None


def test_an_artifact_is_named_in_a_sentence_with_its_type() -> None:
    chart = artifact()
    assert in_words(manifest_parser.read(chart.body, chart.media_type)) == (
        f"a Helm chart ('{HELM}')"
    )
    other = manifest_parser.read(typed(EMPTY, "application/vnd.x"), media_types.OCI_MANIFEST)
    assert in_words(other) == "'application/vnd.x'"
