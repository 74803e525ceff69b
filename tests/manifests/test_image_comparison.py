"""What two digests of a tag differ in, as far as their manifests are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.core.platforms import Platform
from indexer.manifests import image_comparison
from indexer.manifests.image_comparison import (
    LayerChange,
    Side,
    ValueChange,
    compare,
)
from indexer.manifests.image_contents import MOST_CHARACTERS
from tests.support.image_contents import Built, digest_of

if TYPE_CHECKING:
    from indexer.manifests.image_comparison import (
        Comparison,
        PlatformChange,
    )

BASE, OLD, NEW = digest_of(b"base"), digest_of(b"old"), digest_of(b"newer")


@pytest.fixture
def built() -> Built:
    return Built()


def only(built: Built, old: str, new: str) -> PlatformChange:
    """The comparison of two digests that have one platform."""
    (found,) = listed(compare(Side(old), Side(new), built))
    return found


def listed(found: Comparison) -> list[PlatformChange]:
    """The platforms, which are known."""
    assert found.platforms is not None
    return found.platforms


def test_layers_settings_environment_labels_and_annotations_are_compared(built: Built) -> None:
    old = built.image(
        {"Env": ["A=1", "B=2"], "Cmd": ["run"], "Labels": {"v": "1"}, "User": "0"},
        ["base", "old"],
        annotations={"note": "one"},
    )
    new = built.image(
        {"Env": ["A=1", "C=3"], "Cmd": ["run", "-x"], "Labels": {"v": "2"},
         "ExposedPorts": {"80/tcp": {}}},
        ["base", "newer"],
        created="2026-03-01T00:00:00Z",
    )  # fmt: skip
    found = only(built, old, new)
    assert (found.platform, found.change, found.not_compared) == ("linux/amd64", "changed", None)
    assert found.layers == [
        LayerChange("shared", BASE, 4),
        LayerChange("added", NEW, 5),
        LayerChange("removed", OLD, 3),
    ]
    assert found.values == [
        ValueChange("setting", "created", None, "2026-03-01T00:00:00Z"),
        ValueChange("setting", "command", ["run"], ["run", "-x"]),
        ValueChange("setting", "exposed_ports", None, ["80/tcp"]),
        ValueChange("setting", "user", "0", None),
        ValueChange("environment", "B", "2", None),
        ValueChange("environment", "C", None, "3"),
        ValueChange("label", "v", "1", "2"),
        ValueChange("annotation", "note", "one", None),
    ]


def test_platforms_of_two_indexes_are_compared_by_name(built: Built) -> None:
    one, two = (built.image({"User": name}, ["base"]) for name in ("one", "two"))
    arm = built.image({}, ["base"], place="linux/arm64")
    old = built.index({"linux/amd64": one, "linux/s390x": arm, "attestation": one}, {"a": "1"})
    new = built.index({"linux/amd64": two, "linux/arm64": arm, "attestation": two}, {"a": "2"})
    found = compare(Side(old), Side(new), built)
    assert [(each.platform, each.change) for each in listed(found)] == [
        ("linux/amd64", "changed"),
        ("linux/arm64", "added"),
        ("linux/s390x", "removed"),
    ]
    assert found.attestations is True
    assert found.values == [ValueChange("annotation", "a", "1", "2")]
    same = compare(Side(old), Side(old), built)
    assert {each.change for each in listed(same)} == {"same"}
    assert same.attestations is False


def test_a_layer_counts_as_often_as_it_is_in_an_image(built: Built) -> None:
    old = built.image({}, ["base", "old", "base"])
    new = built.image({}, ["base", "newer"])
    found = only(built, old, new).layers
    assert [(each.change, each.digest) for each in found] == [
        ("shared", BASE), ("added", NEW), ("removed", OLD), ("removed", BASE),
    ]  # fmt: skip


def test_what_is_not_stored_is_named_and_platforms_of_the_list_are_compared(built: Built) -> None:
    was = [Platform("linux", "amd64", digest=OLD), Platform("linux", "arm64", digest=BASE)]
    now = [Platform("linux", "amd64", digest=NEW), Platform("linux", "arm64", digest=BASE)]
    found = compare(Side("sha256:" + 64 * "1", was), Side("sha256:" + 64 * "2", now), built)
    assert found.not_fetched == ["sha256:" + 64 * "1", "sha256:" + 64 * "2", OLD, NEW]
    amd, arm = listed(found)
    assert (amd.change, amd.not_compared) == ("changed", f"the manifest {OLD} is not stored.")
    assert (arm.change, arm.not_compared) == ("same", None)
    unknown = compare(Side("sha256:" + 64 * "1"), Side("sha256:" + 64 * "2", now), built)
    assert (unknown.platforms, unknown.attestations) == (None, None)


def test_a_configuration_that_is_not_stored_is_named(built: Built) -> None:
    old, new = (built.image({"User": name}, ["base"]) for name in ("one", "two"))
    missing = built.parts[0].content.digest
    built.forget(missing)
    found = compare(Side(old), Side(new), built)
    (image,) = listed(found)
    assert found.not_fetched == [missing]
    assert (image.platform, image.change) == ("linux/amd64", "changed")
    assert image.not_compared == f"the configuration {missing} is not stored."


def test_hostile_texts_are_cut_and_can_be_stored(built: Built) -> None:
    old = built.image({}, [])
    new = built.image({"Labels": {"long": "x" * 10_000, "nul": "a\0b", "half": "\ud800"}}, [])
    half, long, nul = only(built, old, new).values
    assert (half.new, nul.new) == ("?", "a\ufffdb")
    assert isinstance(long.new, str)
    assert len(long.new) == MOST_CHARACTERS


def test_a_configuration_that_is_invalid_is_said_to_be(built: Built) -> None:
    old, new = built.image({}, []), built.image({"Env": 7}, [])
    assert "is invalid: its 'Env' is not a list of strings" in str(
        only(built, old, new).not_compared
    )


def test_a_comparison_ends_after_so_much(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_comparison, "MOST_BYTES", 100)
    images = [built.image({"User": name}, ["base"]) for name in ("one", "two")]
    old, new = (built.index({"linux/amd64": each}) for each in images)
    found = compare(Side(old), Side(new, [Platform("linux", "amd64", digest=images[1])]), built)
    (image,) = listed(found)
    assert "the comparison ends after" in str(image.not_compared)
