"""The images of a machine, as docker, podman and crictl print them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.pins.reading import DIGEST, OTHER, read

if TYPE_CHECKING:
    from collections.abc import Mapping

IMAGES = [
    {
        "Id": OTHER,
        "RepoTags": ["nginx:1", "nginx:1.27", "mirror.example.com/nginx:1", "ours:latest"],
        "RepoDigests": [f"nginx@{DIGEST}", f"quay.io/a/b@{OTHER}"],
    },
    {"Id": DIGEST, "RepoTags": ["<none>:<none>"], "RepoDigests": ["<none>@<none>"]},
]

FOUND = [
    f"library/nginx:1@{DIGEST} (RepoDigests)",
    f"library/nginx:1.27@{DIGEST} (RepoDigests)",
    f"quay.io/a/b@{OTHER} (RepoDigests)",
    "mirror.example.com/nginx:1 (RepoTags)",
    "library/ours:latest (RepoTags)",
]


def low(image: Mapping[str, object]) -> dict[str, object]:
    return {f"{key[0].lower()}{key[1:]}": value for key, value in image.items()}


@pytest.mark.parametrize(
    "printed", [IMAGES, IMAGES[0], {"images": [low(image) for image in IMAGES]}, low(IMAGES[0])]
)
def test_a_tag_is_judged_with_the_digest_of_its_repository(printed: object) -> None:
    expected = [f"1: {found}" for found in FOUND]
    for name in ("-", "images.json"):
        assert read(json.dumps(printed), name) == expected


def test_lines_are_those_of_the_digests_and_what_breaks_off_is_told() -> None:
    text = json.dumps(IMAGES, indent=2)
    assert read(text, "-")[0] == f"11: library/nginx:1@{DIGEST} (RepoDigests)"
    damaged = read(json.dumps(IMAGES[0]) + "\n---\n[", "-", "docker-inspect")
    assert damaged[:-1] == [f"1: {found}" for found in FOUND]
    assert "from here on it is not YAML" in damaged[-1]
