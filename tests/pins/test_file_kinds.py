"""Files of every kind that names images, and what is said of those that are none."""

from __future__ import annotations

import pytest

from indexer.cli.image_arguments import KINDS
from indexer.core.errors import UsageError
from indexer.pins import file_kinds

DIGEST = "sha256:" + "ab" * 32


def read(text: str, name: str, kind: str | None = None, **given: str) -> list[str]:
    """Each image with its line, or what is wrong with it."""
    return [
        f"{pin.line}: {pin.reference or pin.problem} ({pin.where})"
        for pin in file_kinds.images(text.encode(), name, given, kind)
    ]


def test_objects_of_kubernetes_name_images_anywhere() -> None:
    text = f"""\
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      initContainers:
      - image: busybox:1
      containers:
      - name: web
        image: nginx@{DIGEST}
      volumes:
      - image: {{reference: "team/data:1"}}
---
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
spec: {{image: quay.io/prometheus/prometheus:v2}}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
spec:
  values:
    image: {{registry: ghcr.io, repository: team/app, tag: "1", digest: "{DIGEST}"}}
---
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
images:
- name: nginx
  newName: ghcr.io/team/nginx
  newTag: "2"
- name: redis
  digest: {DIGEST}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
spec: {{properties: {{image: {{type: string}}}}}}
---
just: values
image: not/asked
"""
    assert read(text, "all.yaml") == [
        "7: library/busybox:1 (Deployment)",
        f"10: library/nginx@{DIGEST} (Deployment)",
        "12: team/data:1 (Deployment)",
        "16: quay.io/prometheus/prometheus:v2 (Prometheus)",
        f"22: ghcr.io/team/app:1@{DIGEST} (HelmRelease)",
        "27: ghcr.io/team/nginx:2 (Kustomization)",
        f"30: library/redis@{DIGEST} (Kustomization)",
        "37: it has no 'apiVersion' and 'kind', as objects of Kubernetes have. (Kubernetes)",
    ]


def test_a_list_has_an_image_on_each_line() -> None:
    text = f"# ours\n\nnginx:1.27@{DIGEST}  # pinned\npkg:docker/redis@7\n"
    expected = [f"3: library/nginx:1.27@{DIGEST} (list)", "4: library/redis:7 (list)"]
    assert read(text, "images.txt") == expected
    assert read(text, "-") == expected
    running = f"docker-pullable://nginx@{DIGEST}\n"
    assert read(running, "-") == [f"1: library/nginx@{DIGEST} (list)"]


def test_what_is_said_to_be_a_list_says_which_lines_are_no_images() -> None:
    found = read("nginx\n  NOT\nredis 7\n", "images.txt", "list")
    assert found[0] == "1: library/nginx (list)"
    assert "2: 'NOT' is not an image name" in found[1]
    assert "3: more than one word stands on the line" in found[2]


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile",
        "a/b/dockerfile",
        "Dockerfile.dev",
        "api.Dockerfile",
        "Containerfile",
        "x/API.containerfile",
        "Dockerfile-dev",
        "Dockerfile_prod",
        "app-dockerfile",
        "containerfile.ci",
        "app_Containerfile.in",
    ],
)
def test_a_dockerfile_is_known_by_its_name(name: str) -> None:
    assert read("from nginx", name) == ["1: library/nginx (FROM)"]


def test_a_dockerfile_without_a_telling_name_is_known_by_its_instructions() -> None:
    text = "# for the tests\nARG V=1\nFROM nginx:$V\nRUN make\n"
    for name in ("-", "build/image", "web.docker"):
        assert read(text, name) == ["3: library/nginx:1 (FROM)"]


def test_what_a_file_is_can_be_said() -> None:
    assert read("FROM nginx", "x", "dockerfile") == ["1: library/nginx (FROM)"]
    assert read("nginx", "Dockerfile", "list") == ["1: library/nginx (list)"]
    compose = "services: {a: {image: nginx}}"
    assert read(compose, "-", "compose") == ["1: library/nginx (service a)"]
    assert read("", "-", "kubernetes") == []
    assert ", ".join(each.name for each in file_kinds.KINDS) == KINDS


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"a: 1", "x.yaml", "x.yaml is of no kind that is known: say what it is with --as ("),
        (b"a: 1\nb: [}", "x.yaml", "no kind that is known; line 2: from here on it is not YAML"),
        (b"\xff", "list.txt", "list.txt is not UTF-8 text."),
        ("nginx#é".encode()[:-1], "list.txt", "list.txt is not UTF-8 text."),
        (b'image = "nginx:1";\n', "default.nix", "default.nix is of no kind that is known"),
        (b"node { image 'nginx:1' }\n", "Jenkinsfile", "Jenkinsfile is of no kind"),
        (b"# Images\n\nnginx\n\nWe use redis.\n", "README.md", "README.md is of no kind"),
        (b"from nginx import redis\n", "app.py", "app.py is of no kind"),
        (b"from nginx import redis\nimport x\n", "dockerfile.py", "dockerfile.py is of no kind"),
        (b"select 1\nFROM nginx\n", "query.sql", "query.sql is of no kind"),
        (b"numpy==2.1\n", "requirements.txt", "requirements.txt is of no kind"),
        (b"# nothing\n", "images.txt", "images.txt is of no kind"),
        (b"", "-", "standard input is of no kind"),
        (b"nginx is up\n", "-", "standard input is of no kind"),
    ],
)
def test_a_file_that_is_not_understood_is_refused_with_a_sentence(
    content: bytes, name: str, why: str
) -> None:
    with pytest.raises(UsageError) as refused:
        list(file_kinds.images(content, name, {}))
    assert why in str(refused.value)


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(UsageError) as refused:
        file_kinds.known(b"nginx\n", "images.txt", most=5)
    assert str(refused.value) == "images.txt is larger than 5 bytes: check parts of it."


def test_what_is_broken_in_the_middle_is_told_after_what_could_be_read() -> None:
    text = "apiVersion: v1\nkind: Pod\nspec: {image: nginx}\n---\na: {{ .Values.x }\n"
    assert read(text, "x.yaml") == [
        "3: library/nginx (Pod)",
        "6: from here on it is not YAML: did not find expected ',' or '}'. (YAML)",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c, *c, *c]\nservices: {}",
        "services: &s\n  web:\n    <<: *s\n    image: nginx\n",
        "services: !!python/object/apply:os.system ['false']",
        "[" * 100_000,
        "a:\n" + "".join(" " * n + "b:\n" for n in range(1, 2_000)),
    ],
)
def test_hostile_yaml_neither_runs_nor_hangs(text: str) -> None:
    try:
        found = read(text, "x.yaml")
    except UsageError as error:
        found = [str(error)]
    assert len(found) <= 1


def test_an_alias_that_names_itself_is_read_once() -> None:
    text = "apiVersion: v1\nkind: Pod\nspec: &s {image: nginx, again: *s}\n"
    assert read(text, "x.yaml") == ["3: library/nginx (Pod)"]
