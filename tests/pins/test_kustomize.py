"""The images that Kustomize puts in."""

from __future__ import annotations

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
