"""The images that Flux puts in."""

from __future__ import annotations

import pytest

from tests.pins.reading import DIGEST, OTHER, read

RANGE = "the range of versions '>=1' does not say which tag is taken."


def test_a_kustomization_of_flux_replaces_images() -> None:
    text = f"""\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
spec:
  images:
  - {{name: nginx, newTag: '1', digest: "{DIGEST}"}}
  postBuild:
    substitute:
      sidecar: a/b@{OTHER}
status: {{lastApplied: c/d@{OTHER}}}
"""
    assert read(text, "x.yaml") == [
        f"5: library/nginx:1@{DIGEST} (Kustomization)",
        f"8: a/b@{OTHER} (Kustomization)",
    ]


def test_a_helm_release_names_images_in_its_values() -> None:
    text = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
spec:
  values:
    image: {repository: a/b, tag: x}
    web: {image: "c/d:${TAG}"}
  postRenderers:
  - kustomize: {images: [{name: e/f, newTag: y}]}
"""
    assert read(text, "x.yaml", TAG="7") == [
        "5: a/b:x (HelmRelease)",
        "6: c/d:7 (HelmRelease)",
        "8: e/f:y (HelmRelease)",
    ]
    assert "TAG has no value here" in read(text, "x.yaml")[1]


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("{tag: '1'}", "4: ghcr.io/a/b:1 (OCIRepository)"),
        (f"{{tag: '1', digest: '{DIGEST}'}}", f"4: ghcr.io/a/b:1@{DIGEST} (OCIRepository)"),
        (f"{{semver: '1.x', digest: '{DIGEST}'}}", f"4: ghcr.io/a/b@{DIGEST} (OCIRepository)"),
        ("{}", "4: ghcr.io/a/b (OCIRepository)"),
        (
            "{semver: '>=1'}",
            f"4: 'ghcr.io/a/b': {RANGE} (OCIRepository)",
        ),
    ],
)
def test_an_artifact_is_tagged_as_images_are(reference: str, found: str) -> None:
    head = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nspec:\n"
    assert read(f"{head}  url: oci://ghcr.io/a/b\n  ref: {reference}\n", "x.yaml") == [found]


def test_a_repository_that_is_only_searched_for_tags_is_no_image() -> None:
    text = "apiVersion: image.toolkit.fluxcd.io/v1\nkind: ImageRepository\nspec: {image: a.io/b}"
    assert read(text, "x.yaml") == []
