"""The images that Argo CD puts in."""

from __future__ import annotations

import pytest

from tests.pins.reading import DIGEST, read

_PARAMETERS = """\
helm:
  parameters:
  - {name: image.tag, value: '1.20'}
  - {name: image.repository, value: a/b}
  - {name: 'x[0].image', value: c/d:1}
"""
HEAD = "apiVersion: argoproj.io/v1alpha1\nkind: Application\n"


def source(text: str, kind: str = "Application") -> list[str]:
    """The images of an Application with one source, whose first line is line 6."""
    lines = "\n".join(f"    {line}" for line in text.splitlines())
    head = HEAD.replace("Application", kind)
    return read(f"{head}spec:\n  source:\n    repoURL: https://x.io/y\n{lines}\n", "x.yaml")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("kustomize: {images: ['nginx:1', 'redis=a.io/redis:2']}", ["nginx:1", "a.io/redis:2"]),
        (f"kustomize: {{images: ['nginx=a/b@{DIGEST}']}}", [f"a/b@{DIGEST}"]),
        ("helm: {valuesObject: {image: {repository: a/b, tag: x}}}", ["a/b:x"]),
        ("helm:\n  values: |\n    image:\n      repository: a/b\n      tag: x", ["9: a/b:x"]),
        ("helm: {values: 'image: a/b:1'}", ["a/b:1"]),
        (
            _PARAMETERS,
            ["9: a/b:1.20", "10: c/d:1"],
        ),
        (f"plugin: {{env: [{{name: X, value: 'a/b@{DIGEST}'}}]}}", [f"a/b@{DIGEST}"]),
        ("helm: {valueFiles: [prod.yaml]}", []),
        ("chart: nginx\ntargetRevision: 1.2.3", []),
    ],
)
def test_images_of_kustomize_and_values_of_charts_are_found(text: str, found: list[str]) -> None:
    answers = source(text)
    assert len(answers) == len(found)
    for answer, expected in zip(answers, found, strict=True):
        assert expected in answer
        assert answer.endswith(" (Application)")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("kustomize: {images: ['nginx=a/b']}", "a part of its name is in what it replaces"),
        ("kustomize: {images: ['nginx=*:2']}", "a part of its name is in what it replaces"),
        ("kustomize: {images: ['nginx:{{tag}}']}", "it is a template, filled in by Argo CD."),
        ("helm: {values: 'image: ['}", "from here on it is not YAML"),
        (
            "helm: {parameters: [{name: image.tag, value: x}]}",
            "':x': its repository is not in these values: check what 'helm template' prints.",
        ),
    ],
)
def test_what_is_elsewhere_is_unreadable(text: str, why: str) -> None:
    (found,) = source(text)
    assert why in found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{repoURL: registry-1.docker.io/a, chart: b, targetRevision: 1.2.3}", "a/b:1.2.3"),
        ("{repoURL: 'oci://a.io/b', path: ., targetRevision: v1}", "a.io/b:v1"),
        (f"{{repoURL: 'oci://a.io/b', path: ., targetRevision: '{DIGEST}'}}", f"a.io/b@{DIGEST}"),
        ("{repoURL: a.io/b, chart: c, targetRevision: 1.*}", "it is a range of versions"),
        ("{repoURL: a.io/b, chart: c}", "it is a range of versions"),
        ("{repoURL: 'oci://a.io/b', targetRevision: '{{x}}'}", "it is a template"),
    ],
)
def test_a_chart_in_a_registry_is_tagged_as_images_are(text: str, found: str) -> None:
    (answer,) = read(f"{HEAD}spec: {{sources: [{text}]}}", "x.yaml")
    assert found in answer


def test_the_template_of_an_application_set_is_read() -> None:
    text = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec: {template: {spec: %s}}"
    spec = "{source: {repoURL: x, kustomize: {images: ['nginx:1']}}}"
    assert read(text % spec, "x.yaml") == ["3: library/nginx:1 (ApplicationSet)"]


def test_other_objects_of_argo_name_images_as_pods_do() -> None:
    text = "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec: {container: {image: nginx}}"
    assert read(text, "x.yaml") == ["3: library/nginx (Workflow)"]
