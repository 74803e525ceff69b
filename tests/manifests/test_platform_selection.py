"""Which image of an index is meant."""

from __future__ import annotations

import pytest

from indexer.core.errors import UsageError
from indexer.manifests import platform_selection
from indexer.manifests.manifest_parser import read
from indexer.manifests.platform_selection import WantedPlatform, choose
from tests.sources.oci import images
from tests.sources.oci.images import Made, Recipe


def chosen(made: Made, wanted: str) -> str | None:
    child = choose(read(made.body, made.media_type), platform_selection.parse(wanted))
    return child.digest if child else None


AMD64 = Recipe().made()
V6 = Recipe(text="v6", architecture="arm", variant="v6").made()
V7 = Recipe(text="v7", architecture="arm", variant="v7").made()
ARM64 = Recipe(text="arm64", architecture="arm64", variant="v8").made()
PLAIN = Recipe(text="plain arm", architecture="arm").made()


@pytest.mark.parametrize(
    ("wanted", "there", "expected"),
    [
        ("linux/amd64", [V6, AMD64], AMD64),
        ("linux/arm64", [AMD64, ARM64], ARM64),
        ("linux/arm/v7", [V6, V7], V7),
        ("linux/arm/v7", [V6, PLAIN], V6),
        ("linux/arm/v8", [V6, V7], V7),
        ("linux/arm", [V6, V7], V7),
        ("linux/arm", [V7, PLAIN], PLAIN),
        ("linux/arm/v5", [V6, V7], None),
        ("linux/amd64/v3", [AMD64], AMD64),
        ("windows/amd64", [AMD64], None),
    ],
)
def test_the_image_is_chosen_that_the_machine_can_run_best(
    wanted: str, there: list[Made], expected: Made | None
) -> None:
    assert chosen(images.index(*there), wanted) == (expected.digest if expected else None)


def test_an_entry_without_a_platform_is_for_those_that_nothing_else_fits() -> None:
    bare = Made(AMD64.body, AMD64.media_type)
    assert chosen(images.index(V6, bare), "linux/s390x") == bare.digest
    assert chosen(images.index(V6, bare, docker=True), "linux/s390x") is None


def test_of_two_that_fit_the_first_is_meant() -> None:
    windows = [Recipe(text=v, os="windows", os_version=v).made() for v in ("10.0.2", "10.0.1")]
    assert chosen(images.index(*windows), "windows/amd64") == windows[0].digest


@pytest.mark.parametrize(
    "text", ["", "linux", "linux/", "/amd64", "a/b/c/d", "linux/am d64", "l/\x1b"]
)
def test_an_invalid_platform_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(UsageError, match="is not a platform: write OS/ARCHITECTURE"):
        platform_selection.parse(text)


@pytest.mark.parametrize(
    ("machine", "wanted"),
    [
        ("x86_64", WantedPlatform("linux", "amd64")),
        ("aarch64", WantedPlatform("linux", "arm64", "v8")),
        ("armv7l", WantedPlatform("linux", "arm", "v7")),
        ("ppc64le", WantedPlatform("linux", "ppc64le")),
    ],
)
def test_a_machine_runs_what_its_kernel_says(machine: str, wanted: WantedPlatform) -> None:
    assert platform_selection.of_machine(machine) == wanted
