"""What `check` is given is an image, a file that is understood, or refused with a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import UsageError
from indexer.pins import arguments

if TYPE_CHECKING:
    from indexer.pins.arguments import Found

DIGEST = "sha256:" + "ab" * 32

FILES = {
    "Dockerfile": "FROM nginx:1\n",
    "compose.yaml": "services: {web: {image: 'redis:7'}}\n",
    "default.nix": 'image = "nginx:1"\n',
    "service.yaml": "apiVersion: v1\nkind: Service\nspec: {ports: []}\n",
    "odd.yaml": f"apiVersion: v1\nkind: Odd\nspec: {{digest: '{DIGEST}'}}\n",
    "scratch/Dockerfile": "FROM scratch\n",
    "-": "alpine:3\n",
}


def read(name: str, most: int) -> bytes | None:
    if name == "folder":
        raise UsageError("folder is a folder: name the files in it.")
    return FILES[name].encode()[:most] if name in FILES else None


def found(*given: str, kind: str | None = None) -> Found:
    return arguments.images(given, {}, kind, read)


def test_images_come_in_the_order_of_the_arguments() -> None:
    pins = found("debian:12", "compose.yaml", "-", f"nginx@{DIGEST}", "Dockerfile").pins
    assert [(pin.file, pin.line, pin.text) for pin in pins] == [
        (None, None, "debian:12"),
        ("compose.yaml", 1, "redis:7"),
        ("-", 1, "alpine:3"),
        (None, None, f"nginx@{DIGEST}"),
        ("Dockerfile", 1, "nginx:1"),
    ]


def test_what_is_not_understood_is_refused_and_the_rest_is_read_all_the_same() -> None:
    both = found("default.nix", "folder", "Dockerfile", "No!", "deploy/values.yaml")
    assert [pin.file for pin in both.pins] == ["Dockerfile"]
    assert [sentence[:41] for sentence in both.refused] == [
        "default.nix is of no kind that is known: ",
        "folder is a folder: name the files in it.",
        "there is no file 'No!', and 'No!' is not ",
        "there is no file 'deploy/values.yaml'; if",
    ]


@pytest.mark.parametrize(
    "name",
    ["prod.yaml", "a/b.nix", "dockerfile", "x/containerfile", "images.txt", "ghcr.io/a/main.go"],
)
def test_a_missing_file_is_no_image_even_if_its_name_could_be_one(name: str) -> None:
    (sentence,) = found(name).refused
    assert sentence.startswith(f"there is no file '{name}'; if it is an image, write its tag")
    assert [pin.text for pin in found(f"{name}:latest").pins] == [f"{name}:latest"]


@pytest.mark.parametrize("name", ["nginx", "team/app", "ghcr.io/team/app", "localhost:5000/app"])
def test_a_name_that_no_file_would_have_is_an_image(name: str) -> None:
    assert [pin.text for pin in found(name).pins] == [name]


def test_what_tools_put_before_a_name_is_left_out() -> None:
    for prefix in ("docker://", "docker-pullable://"):
        (pin,) = found(f"{prefix}nginx@{DIGEST}").pins
        assert (pin.text, str(pin.reference)) == (
            f"{prefix}nginx@{DIGEST}",
            f"library/nginx@{DIGEST}",
        )
    (sentence,) = found(f"docker://{DIGEST}").refused
    assert "is a digest and no image" in sentence


def test_a_digest_alone_is_no_repository() -> None:
    (sentence,) = found(DIGEST).refused
    assert "is a digest and no image: write its repository too" in sentence


def test_a_file_that_is_understood_may_name_no_image() -> None:
    none = found("service.yaml", "scratch/Dockerfile")
    assert (none.pins, none.refused) == ([], [])
    assert none.without == ["service.yaml", "scratch/Dockerfile"]


def test_a_file_that_is_said_to_be_something_must_name_an_image() -> None:
    (sentence,) = found("service.yaml", kind="kubernetes").refused
    assert sentence == (
        "no image could be read in service.yaml as objects of Kubernetes: check what --as says."
    )
    assert found("nowhere", kind="list").refused == ["there is no file 'nowhere'."]


@pytest.mark.parametrize("kind", ["compose", "dockerfile", "list", "helm-values"])
def test_what_is_wrong_with_a_file_that_is_not_what_is_said_is_told_too(kind: str) -> None:
    text = "- nothing here\n- of that kind\n"
    none = arguments.images(["x.yaml"], {}, kind, lambda *_: text.encode())
    (sentence,) = none.refused
    assert sentence.startswith("no image could be read in x.yaml as ")
    assert (none.pins == []) == (kind == "helm-values")
    assert not any(pin.reference for pin in none.pins)


def test_a_digest_of_which_nothing_is_understood_is_no_all_clear() -> None:
    (sentence,) = found("odd.yaml").refused
    assert sentence.startswith("a digest stands in odd.yaml, and no image was found there")
