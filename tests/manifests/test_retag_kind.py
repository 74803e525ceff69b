"""What kind of retag it is, and which tags are companions of other images."""

from __future__ import annotations

import pytest

from indexer.core.platforms import Platform
from indexer.manifests.companion_tags import is_companion
from indexer.manifests.retag_kind import RetagDetail, RetagKind, between


def image(name: str, digest: str, os_version: str | None = None) -> Platform:
    os, architecture, *rest = name.split("/")
    return Platform(os, architecture, rest[0] if rest else None, os_version, f"sha256:{digest}")


AMD64, ARM64 = image("linux/amd64", "1"), image("linux/arm64/v8", "2")
NOTE = image("unknown/unknown", "9")


@pytest.mark.parametrize(
    ("old", "new", "kind", "words"),
    [
        (
            [AMD64, ARM64],
            [image("linux/amd64", "7"), ARM64],
            RetagKind.CONTENT,
            "content of linux/amd64",
        ),
        (
            [AMD64],
            [image("linux/amd64", "7"), ARM64],
            RetagKind.CONTENT,
            "content of linux/amd64; linux/arm64/v8 added",
        ),
        ([AMD64], [AMD64, ARM64], RetagKind.PLATFORMS, "linux/arm64/v8 added"),
        ([AMD64, ARM64], [AMD64], RetagKind.PLATFORMS, "linux/arm64/v8 removed"),
        ([AMD64], [AMD64, NOTE], RetagKind.ATTESTATIONS, "attestations only"),
        ([AMD64], [AMD64], RetagKind.METADATA, "annotations only"),
        (
            [image("windows/amd64", "1", "10.0.1"), image("windows/amd64", "2", "10.0.2")],
            [image("windows/amd64", "1", "10.0.1"), image("windows/amd64", "3", "10.0.2")],
            RetagKind.CONTENT,
            "content of windows/amd64 10.0.2",
        ),
    ],
)
def test_a_retag_says_which_platforms_changed(
    old: list[Platform], new: list[Platform], kind: RetagKind, words: str
) -> None:
    move = between(old, new)
    assert move is not None
    assert (move.kind, str(move)) == (kind, words)


@pytest.mark.parametrize(
    ("old", "new"),
    [([], [AMD64]), ([AMD64], []), ([Platform("linux", "amd64")], [AMD64])],
)
def test_where_an_image_is_not_known_nothing_is_claimed(
    old: list[Platform], new: list[Platform]
) -> None:
    assert between(old, new) is None


def test_one_platform_twice_is_compared_as_a_whole() -> None:
    one, two = image("linux/amd64", "1"), image("linux/amd64", "2")
    assert between([one, two], [two, one]) == RetagDetail()
    assert between([one, two], [one]) == RetagDetail(changed=("linux/amd64",))


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        (f"sha256-{'a' * 64}.sig", True),
        (f"sha256-{'a' * 64}.att", True),
        (f"sha256-{'a' * 64}.sbom", True),
        (f"sha256-{'a' * 64}", True),
        (f"sha512-{'a' * 64}", True),
        (f"sha512-{'a' * 128}.sig", True),
        (f"sha256-{'a' * 63}.sig", False),
        (f"sha256-{'g' * 64}.sig", False),
        ("sha-4e83c1a", False),
        ("1.27", False),
        (f"v-sha256-{'a' * 64}.sig", False),
    ],
)
def test_tags_that_tools_keep_for_themselves_are_known_by_their_names(
    tag: str, expected: bool
) -> None:
    assert is_companion(tag) is expected
