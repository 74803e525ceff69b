"""The images in the values of Helm charts."""

from __future__ import annotations

import pytest

from tests.pins.reading import DIGEST, read

HEX = DIGEST.partition(":")[2]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("image: nginx:1", ["1: library/nginx:1"]),
        ("image: {repository: nginx, tag: 1}", ["1: library/nginx:1"]),
        ("image:\n  registry: a.io\n  repository: b/c\n  tag: v1", ["3: a.io/b/c:v1"]),
        (f"image: {{repository: a/b, digest: '{DIGEST}'}}", [f"1: a/b@{DIGEST}"]),
        (f"image: {{repository: a/b, tag: '', sha: {HEX}}}", [f"1: a/b@{DIGEST}"]),
        (f"image: {{repository: a/b, tag: '1@{DIGEST}'}}", [f"1: a/b:1@{DIGEST}"]),
        ("image: {registry: a.io, image: b/c, tag: x}", ["1: a.io/b/c:x"]),
        ("driver: {repository: a.io/b, image: c, version: '5'}", ["1: a.io/b/c:5"]),
        ("web: {repository: a/b, tag: x}", ["1: a/b:x"]),
        ("initImage: a/b:1\nside_image: c/d", ["1: a/b:1", "2: c/d"]),
        ("image: a/b\nimageTag: '2'", ["1: a/b:2"]),
        ("image: a/b\ntag: x", ["1: a/b:x"]),
        ("imageRepository: a/b\nimageTag: x", ["1: a/b:x"]),
        ("images: {web: 'a/b:1', pullPolicy: Always}", ["1: a/b:1"]),
        ("images: ['a/b:1', {repository: c/d, tag: x}]", ["1: a/b:1", "1: c/d:x"]),
        (
            "global: {imageRegistry: x.io}\nimage: {registry: a.io, repository: b, tag: c}",
            ["2: x.io/b:c"],
        ),
        ("a: &i {repository: a/b, tag: x}\nimage: *i", ["1: a/b:x"]),
        (f"extra: ['--image=a/b@{DIGEST}']", [f"1: a/b@{DIGEST}"]),
        ("image: {registry: null, repository: a/b, tag: x, digest: ~}", ["1: a/b:x"]),
        ("image: {pullPolicy: Always}", []),
        ("image: {repository: ''}", []),
        ("image: true\nrenderImage: 3\nfooImage: null", []),
        ("git: {repository: 'https://x.io/y', tag: v1}", []),
        ("metadata: {name: x, version: 1}", []),
    ],
)
def test_an_image_may_be_one_text_or_parts(text: str, found: list[str]) -> None:
    assert read(text, "values.yaml") == [f"{each} (values)" for each in found]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("image: {repository: a/b, tag: ''}", "1: 'a/b': its tag is not in these values, and cha"),
        ("image: {repository: a/b}", "check what 'helm template' prints."),
        ("image: a/b\ntag: ''", "1: 'a/b': its tag is not in these values, and charts have"),
        ("image: {tag: v2}", "1: ':v2': its repository is not in these values: check what"),
        ("image: {repository: a/b, tag: 1.20}", "its tag 1.20 is a number, which Helm may write"),
        ("image: {repository: a/b, tag: 20240101}", "its tag 20240101 is a number"),
        ("image: {repository: a/b, tag: 017}", "its tag 017 is a number"),
        ("image: '{{ .Values.x }}/y:1'", "it is a template: check what 'helm template' prints."),
        ("image: {repository: A, tag: b}", "is not an image name"),
        ("image: {repository: a, digest: sha256:x}", "after '@' comes a digest"),
        ("image: [\n", "from here on it is not YAML"),
    ],
)
def test_what_the_values_do_not_say_is_unreadable(text: str, why: str) -> None:
    (found,) = read(text, "values.yaml")
    assert why in found


@pytest.mark.parametrize(
    "name",
    ["values.yaml", "values-prod.yml", "values.prod.yaml", "prod-values.yaml", "x.values.yaml"],
)
def test_values_are_known_by_their_name(name: str) -> None:
    assert read("image: nginx", f"charts/{name}") == ["1: library/nginx (values)"]


def test_values_are_known_by_an_image_in_parts() -> None:
    assert read("image: {repository: a/b, tag: x}", "prod.yaml") == ["1: a/b:x (values)"]
    assert read("image: a/b", "-", "helm-values") == ["1: a/b (values)"]


def test_what_helm_template_prints_are_objects_of_kubernetes() -> None:
    text = """\
---
# Source: web/templates/empty.yaml
---
# Source: web/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
spec: {template: {spec: {containers: [{image: "a/b:1"}]}}}
"""
    assert read(text, "rendered.yaml") == ["7: a/b:1 (Deployment)"]


def test_objects_of_kubernetes_are_not_values() -> None:
    text = "apiVersion: v1\nkind: Pod\nspec: {image: {repository: a, tag: b}}"
    assert read(text, "x.yaml") == ["3: library/a:b (Pod)"]
    assert read(text, "values.yaml") == ["3: library/a:b (Pod)"]
