"""Images with a digest are found wherever they stand."""

from __future__ import annotations

import pytest

from indexer.pins.digest_search import pinned
from tests.pins.reading import DIGEST, OTHER, read


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"nginx@{DIGEST}", [f"nginx@{DIGEST}"]),
        (f"--image=a.io:5000/b/c:1@{DIGEST}, x", [f"a.io:5000/b/c:1@{DIGEST}"]),
        (f'["A.io/b@{DIGEST}","c:d@{OTHER}"]', [f"A.io/b@{DIGEST}", f"c:d@{OTHER}"]),
        (f"docker://a/b@{DIGEST} oci://c@{DIGEST}", [f"a/b@{DIGEST}", f"c@{DIGEST}"]),
        (f"a/b@sha512:{'ab' * 64}", [f"a/b@sha512:{'ab' * 64}"]),
        (DIGEST, []),
        (f"https://a.io/b@{DIGEST}", []),
        (f"nginx:${{V}}@{DIGEST}", []),
        (f"nginx@{DIGEST}0", []),
        ("nginx@sha256:abc", []),
    ],
)
def test_a_name_with_a_digest_is_an_image(text: str, found: list[str]) -> None:
    assert [name for name, _ in pinned(text)] == found


def test_the_search_of_a_long_text_ends() -> None:
    hostile = "a/" * 50_000 + "a:" * 50_000 + "a-" * 50_000 + "a@" * 50_000
    assert list(pinned(hostile)) == []


def test_an_object_names_images_under_other_keys_and_what_was_does_not_count() -> None:
    text = f"""\
apiVersion: v1
kind: Pod
metadata:
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: '{{"image": "old@{OTHER}"}}'
spec:
  image: nginx@{DIGEST}
  env:
  - {{name: RELATED_IMAGE_X, value: "a/b@{DIGEST}"}}
  - {{name: AGAIN, value: "nginx@{DIGEST}"}}
  - {{name: OTHER, value: "x@{DIGEST}"}}
status: {{x: old@{OTHER}}}
"""
    assert read(text, "x.yaml") == [
        f"7: library/nginx@{DIGEST} (Pod)",
        f"9: a/b@{DIGEST} (Pod)",
        f"11: library/x@{DIGEST} (Pod)",
    ]
