"""Which tags a range of versions holds, and which images a selection chooses."""

from __future__ import annotations

import pytest

from indexer.core.image_selector import ImageSelector
from indexer.core.version_range import Range, is_release


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (">=1.2 <2", ["1.2", "v1.2.0", "1.99.9"], ["1.1.9", "2", "latest", "1.3-rc1", ""]),
        (">= 1.2, < 2", ["1.2"], ["2"]),
        ("^1.4", ["1.4", "1.9.9"], ["1.3", "2.0.0", "1.5-alpine", "2.0.0-rc1"]),
        ("^0.3", ["0.3.9"], ["0.4"]),
        ("^0.0.3", ["0.0.3"], ["0.0.4"]),
        ("^0", ["0.9"], ["1"]),
        ("~1.4", ["1.4.9"], ["1.5"]),
        ("~2", ["2.9"], ["3"]),
        ("1.27", ["1.27", "v1.27.0"], ["1.27.1"]),
        ("!=1.5 >1", ["1.6"], ["1.5", "1"]),
        ("<1 || >=3", ["0.9", "3"], ["1", "2.9"]),
        (">=1.0-alpha <1.1", ["1.0-beta", "1.0"], ["1.1"]),
        ("<=1.2", ["1.2", "01.2"], ["1.2.1", "1.2.0.1", "0123456", "1.2.3.4.5", "20260101123456"]),
        (">=1.27.0-0", ["1.27.0-0", "1.27.0-rc.1", "1.27", "1.28-alpine"], ["1.26.9"]),
        (">=1.27.0-0 <2", ["2.0.0-rc.1"], ["2"]),
        ("^1.27.0-0", ["1.28-rc1"], ["2.0.0-rc1", "1.26"]),
        (">=24.04", ["24.04", "24.10", "2024.01.5"], ["23.10", "24.04-rc1"]),
        ("~2024.01", ["2024.1", "2024.01.5"], ["2024.02", "2024.02.1"]),
        (">4.9.0.9", ["4.9.0.12", "4.9.1"], ["4.9", "4.9.0.9"]),
        ("~4.9.0.9", ["4.9.0.12", "4.9.7"], ["4.9.0.1", "4.10"]),
        ("^0.0.0.3", ["0.0.0.3"], ["0.0.0.4"]),
    ],
)
def test_a_range_holds_versions(text: str, inside: list[str], outside: list[str]) -> None:
    span = Range.parse(text)
    assert [tag for tag in inside if not span.holds(tag)] == []
    assert [tag for tag in outside if span.holds(tag)] == []


@pytest.mark.parametrize(
    "text", ["", "  ", "latest", ">=", ">=x", "1 ||", "=>1", "1.2.3.4.5", "1-01"]
)
def test_a_text_that_is_not_a_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        Range.parse(text)


def test_a_release_is_a_version_without_anything_behind_it() -> None:
    tags = ["1", "1.27", "v1.27.3", "2026.1", "latest", "1.28-rc1", "1.27-alpine", "sha256-ab.sig"]
    assert [tag for tag in tags if is_release(tag)] == ["1", "1.27", "v1.27.3", "2026.1"]


def test_a_date_and_four_numbers_are_releases_and_a_number_with_a_leading_zero_is_none() -> None:
    tags = ["24.04", "2024.01.5", "v4.9.0.12", "0", "0.1", "0123456", "01", "1.2.3.4.5", "24.04-x"]
    assert [tag for tag in tags if is_release(tag)] == [
        "24.04", "2024.01.5", "v4.9.0.12", "0", "0.1",
    ]  # fmt: skip


def test_a_selection_holds_all_its_conditions_to_be_true() -> None:
    chosen = ImageSelector(
        registries=("docker.io",),
        repositories=("library/*", "awx"),
        tags=("1.*", "v*"),
        versions=Range.parse("<2"),
        releases=True,
    )
    assert chosen.has_repository("docker.io", "library/nginx")
    assert chosen.has_repository("docker.io", "ansible/awx")
    assert not chosen.has_repository("quay.io", "library/nginx")
    assert not chosen.has_repository("docker.io", "ansible/awx-ee")
    assert [tag for tag in ("1.5", "v1", "v2", "1.5-rc1", "1", "vast") if chosen.has_tag(tag)] == [
        "1.5",
        "v1",
    ]


def test_no_condition_chooses_everything() -> None:
    assert ImageSelector().has_repository("quay.io", "a/b")
    assert ImageSelector().has_tag("anything")
    assert not ImageSelector().chooses_tags
