"""The images that Kustomize puts in."""

from __future__ import annotations

import pytest

from indexer.pins import file_kinds
from tests.pins.reading import DIGEST, read


def test_a_kustomization_replaces_images_and_gives_values_to_charts() -> None:
    text = f"""\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
images:
- {{name: nginx, newName: a.io/nginx, newTag: "2"}}
helmCharts:
- name: x
  valuesInline: {{image: {{repository: b/c, tag: y}}}}
patches:
- patch: |
    - {{op: replace, path: /spec/x, value: "d/e:1@{DIGEST}"}}
"""
    assert read(text, "x.yaml") == [
        "4: a.io/nginx:2 (Kustomization)",
        "7: b/c:y (Kustomization)",
        f"10: d/e:1@{DIGEST} (Kustomization)",
    ]


@pytest.mark.parametrize("name", ["kustomization.yaml", "a/kustomization.yml", "Kustomization"])
def test_a_kustomization_needs_no_kind(name: str) -> None:
    text = "resources: [web.yaml]\nimages:\n- {name: nginx, newTag: '2'}\n"
    assert read(text, name) == ["3: library/nginx:2 (Kustomization)"]


def test_a_component_replaces_images_too() -> None:
    text = f"""\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
images:
- name: nginx
  digest: sha256:{"a" * 64}
"""
    assert read(text, "x.yaml") == [f"4: library/nginx@sha256:{'a' * 64} (Kustomization)"]


def test_a_new_name_alone_keeps_the_tag() -> None:
    text = """\
images:
- {name: nginx, newName: ghcr.io/team/nginx}
- {name: nginx, newName: ghcr.io/team/nginx, newTag: '1'}
- {name: redis}
- {newTag: '1'}
"""
    pins = list(file_kinds.images(text.encode(), "kustomization.yaml", {}))
    assert [(pin.line, pin.text, pin.keeps_tag) for pin in pins] == [
        (2, "ghcr.io/team/nginx", True),
        (3, "ghcr.io/team/nginx:1", False),
        (5, "", False),
    ]
    assert pins[2].problem == "it does not name which image it replaces."


def test_the_images_of_patches_within_the_file_are_found() -> None:
    text = """\
patches:
- path: patch.yaml
- patch: |-
    - op: replace
      path: /spec/template/spec/containers/0/image
      value: nginx:2
- target: {kind: Deployment}
  patch: |
    spec:
      containers:
      - image: redis:7
patchesStrategicMerge:
- other.yaml
- |
  spec:
    - image: alpine:3
    - image: {
"""
    assert read(text, "kustomization.yaml") == [
        "6: library/nginx:2 (Kustomization)",
        "11: library/redis:7 (Kustomization)",
        "18: from here on it is not YAML: did not find expected node content. (YAML)",
    ]
