"""The images of Kubernetes objects, as files have them and as `kubectl get` prints them."""

from __future__ import annotations

import json

import pytest

from tests.pins.reading import read

A, B = (f"sha256:{letter * 64}" for letter in "ab")


def pod(image: str, image_id: str, name: str = "web") -> str:
    return f"""\
apiVersion: v1
kind: Pod
spec:
  containers:
  - name: web
    image: {image}
status:
  containerStatuses:
  - name: {name}
    image: {A}
    imageID: {image_id}
"""


@pytest.mark.parametrize(
    ("image", "image_id", "found"),
    [
        (f"nginx:1@{B}", f"docker.io/library/nginx@{B}", [f"6: library/nginx:1@{B} (Pod)"]),
        ("nginx:1", f"docker.io/library/nginx@{B}", [f"6: library/nginx:1@{B} (Pod)"]),
        ("nginx:1", f"docker-pullable://nginx@{B}", [f"6: library/nginx:1@{B} (Pod)"]),
        ("quay.io/a/b", f"quay.io/a/b@{B}", [f"6: quay.io/a/b@{B} (Pod)"]),
        ("nginx:1", A, ["6: library/nginx:1 (Pod)"]),
        ("nginx:1", f"docker://{A}", ["6: library/nginx:1 (Pod)"]),
        ("nginx:1", "a" * 64, ["6: library/nginx:1 (Pod)"]),
        ("nginx:1", '""', ["6: library/nginx:1 (Pod)"]),
        (
            f"nginx:1@{A}",
            f"docker.io/library/nginx@{B}",
            [f"6: library/nginx:1@{A} (Pod)", f"11: docker.io/library/nginx@{B} (Pod, running)"],
        ),
        (
            "nginx:1",
            f"mirror.example.com/nginx@{B}",
            ["6: library/nginx:1 (Pod)", f"11: mirror.example.com/nginx@{B} (Pod, running)"],
        ),
    ],
)
def test_a_running_container_is_judged_by_its_digest(
    image: str, image_id: str, found: list[str]
) -> None:
    assert read(pod(image, image_id), "x.yaml") == found


def test_a_status_without_its_specification_is_judged_too() -> None:
    assert read(pod("nginx:1", f"docker.io/library/redis@{B}", "cache"), "x.yaml") == [
        "6: library/nginx:1 (Pod)",
        f"11: docker.io/library/redis@{B} (Pod, running)",
    ]


def test_an_image_id_that_is_none_is_told_with_its_line() -> None:
    found = read(pod("nginx:1", "No!"), "x.yaml")
    assert found[0] == "6: library/nginx:1 (Pod)"
    assert "11: 'No!' is not an image name" in found[1]


def test_each_container_has_the_status_of_its_own_name() -> None:
    containers = [{"name": name, "image": "nginx:1"} for name in "xyz"]
    statuses = [
        {"name": name, "imageID": f"docker.io/library/nginx@sha256:{letter * 64}"}
        for name, letter in zip("zyx", "abc", strict=True)
    ]
    whole = {
        "apiVersion": "v1",
        "kind": "PodList",
        "items": [
            {
                "spec": {"containers": containers, "initContainers": containers[:1]},
                "status": {
                    "initContainerStatuses": statuses[:1],
                    "containerStatuses": statuses,
                },
            }
        ],
    }
    x, y, z = (f"1: library/nginx:1@sha256:{letter * 64} (object)" for letter in "cba")
    no_status = "1: library/nginx:1 (object)"
    no_container = f"1: docker.io/library/nginx@{A} (object, running)"
    assert read(json.dumps(whole), "-") == [x, y, z, no_status, no_container]


def test_of_a_status_nothing_but_the_id_of_the_image_counts() -> None:
    text = """\
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Node, status: {images: [{names: [NGINX, "nginx:1"]}], image: nginx}}
- {apiVersion: x/v1, kind: Policy, status: {latestImage: NGINX, image: "nginx:2"}}
"""
    assert read(text.replace("NGINX", f"docker.io/library/nginx@{A}"), "x.yaml") == []


def test_a_label_named_image_is_no_image_and_a_secret_has_none() -> None:
    text = """\
{apiVersion: apps/v1, kind: Deployment, metadata: {labels: {image: web}}, spec: {template:
  {metadata: {annotations: {image: web}}, spec: {containers: [{name: web, image: "nginx:1"}]}}}}
---
{apiVersion: v1, kind: Secret, data: {image: bmdpbng=}}
"""
    assert read(text, "x.yaml") == ["2: library/nginx:1 (Deployment)"]


def test_a_digest_counts_under_any_key_but_in_what_was() -> None:
    text = f"""\
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: '{{"image": "redis@{A}"}}'
    deployed: alpine@{A}
spec:
  containers:
  - image: nginx:1
    env: [{{name: RELATED_IMAGE_PROXY, value: "quay.io/a/proxy@{A}"}}]
    args: ["--reloader=quay.io/a/reloader:1@{B}"]
"""
    assert read(text, "x.yaml") == [
        "9: library/nginx:1 (Deployment)",
        f"6: library/alpine@{A} (Deployment)",
        f"10: quay.io/a/proxy@{A} (Deployment)",
        f"11: quay.io/a/reloader:1@{B} (Deployment)",
    ]


def test_custom_resources_name_images_under_other_keys_too() -> None:
    text = """\
apiVersion: x/v1
kind: Cluster
spec:
  imageName: ghcr.io/team/postgresql:16
  proxyImage: localhost:5000/proxy:1
  wantImage: true
  backgroundImage: https://example.com/a.png
  strategy: {from: {kind: DockerImage, name: "quay.io/a/builder:1"}}
  other: {from: {kind: ImageStreamTag, name: "builder:1"}}
"""
    assert read(text, "x.yaml") == [
        "4: ghcr.io/team/postgresql:16 (Cluster)",
        "5: localhost:5000/proxy:1 (Cluster)",
        "8: quay.io/a/builder:1 (Cluster)",
    ]


def test_what_is_no_object_or_no_image_in_one_is_told_with_its_line() -> None:
    text = """\
apiVersion: v1
kind: Pod
spec:
  image: [nginx]
  container: {image: {{ .Values.image }}}
---
# nothing
---
image: nginx
"""
    assert read(text, "x.yaml") == [
        "4: a list stands where an image is expected. (Pod)",
        "5: it is a template: check what is made of it. (Pod)",
        "9: it has no 'apiVersion' and 'kind', as objects of Kubernetes have. (Kubernetes)",
    ]
    assert "it has no 'apiVersion'" in read("a: 1", "-", "kubernetes")[0]


def test_a_list_that_breaks_off_is_read_up_to_there() -> None:
    text = "apiVersion: v1\nitems:\n- spec: {image: nginx}\n- spec: {image: redis}\n- spec: {]\n"
    assert read(text, "-", "kubernetes") == [
        "3: library/nginx (object)",
        "4: library/redis (object)",
        "5: from here on it is not YAML: did not find expected node content. (YAML)",
    ]


def test_an_image_that_stands_twice_in_a_mapping_is_judged_twice() -> None:
    text = f"apiVersion: v1\nkind: Pod\nspec:\n  image: nginx@{A}\n  image: nginx@{B}\n"
    assert read(text, "x.yaml") == [f"4: library/nginx@{A} (Pod)", f"5: library/nginx@{B} (Pod)"]
