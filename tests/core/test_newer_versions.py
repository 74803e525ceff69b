"""Which tags are newer versions of the same shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.core.newer_versions import NewerTags, Versions
from indexer.core.version_tag import newest_alike, parse

if TYPE_CHECKING:
    from indexer.core.version_tag import VersionTag


def found(tag: str, *names: str) -> tuple[str | None, str | None, str | None]:
    answer = Versions(names).newer(tag)
    assert answer is not None
    return answer[:3]


@pytest.mark.parametrize(
    ("tag", "names", "expected"),
    [
        ("1.27.1", "1.27.9 1.27.10 1.9.0 1.28.0 1.30.0 2.0.0 3.1.0",
         ("1.27.10", "1.30.0", "3.1.0")),
        ("1.27", "1.29 1.29.4 1.30-alpine 2 latest v1.31 1.26", (None, "1.29", None)),
        ("3", "4 12 9 3.1 20240110 4e83c1a", (None, None, "12")),
        ("1.27-alpine", "1.28 1.28-alpine 1.29-alpine3.20 1.29-slim", (None, "1.28-alpine", None)),
        ("v1.2.3", "1.2.4 v1.2.4 V1.2.5", ("v1.2.4", None, None)),
        ("24.04", "22.04 24.10 25.04 2025.1 24.04.1", (None, "24.10", "25.04")),
        ("2024.01.5", "2024.01.10 2024.2.1 2025.12.0 3.0.0",
         ("2024.01.10", "2024.2.1", "2025.12.0")),
        ("4.9.0.12", "4.9.0.9 4.9.0.13 4.9.1 4.10.0.1", ("4.9.0.13", "4.10.0.1", None)),
        ("bookworm-20240110", "bookworm-20240211 bookworm-20240111 trixie-20260101 12",
         ("bookworm-20240111", "bookworm-20240211", None)),
        ("RELEASE.2024-01-05T22-17-24Z",
         "RELEASE.2024-01-05T22-17-25Z RELEASE.2025-01-01T00-00-00Z",
         ("RELEASE.2024-01-05T22-17-25Z", None, "RELEASE.2025-01-01T00-00-00Z")),
        ("21.0.1_12-jre", "21.0.1_13-jre 21.0.2_1-jre 21.0.1_14-jdk 21.0.3-jre",
         ("21.0.2_1-jre", None, None)),
        ("1.27.0-0", "1.27.0-1 1.27.1 1.27.0", ("1.27.0-1", None, None)),
        ("4.1.0-debian-12-r7", "4.1.0-debian-12-r10 4.2.0-debian-11-r1",
         ("4.1.0-debian-12-r10", None, None)),
        ("4.0.9.2457-ls230", "4.0.9.2457-ls229 4.0.10.2544-ls240 4.0.10.2600",
         ("4.0.10.2544-ls240", None, None)),
        ("1.29.0-eksbuild.9", "1.29.0-eksbuild.10 1.29.0-10", ("1.29.0-eksbuild.10", None, None)),
        ("9.4-1214", "9.4-1194.1715770000 9.4-1214.1726694543 9.5-1731517598",
         ("9.4-1214.1726694543", "9.5-1731517598", None)),
        ("v20240802-66b115076", "v20240802-0a1b2c3d4 v20241121-4c2f3a7 v20250101-local",
         (None, "v20241121-4c2f3a7", None)),
        ("v0.0.0-20240101123000-abcdef012345", "v0.0.0-20240201123000-0123456789ab",
         ("v0.0.0-20240201123000-0123456789ab", None, None)),
        ("1.2.3-4-gdeadbeef", "1.2.3-5-gcafebabe 1.2.3-6-deadline",
         ("1.2.3-5-gcafebabe", None, None)),
        ("2019-latest", "2022-latest 2017-latest", (None, None, "2022-latest")),
    ],
)  # fmt: skip
def test_the_newest_of_the_same_shape_is_found_for_each_level(
    tag: str, names: str, expected: tuple[str | None, ...]
) -> None:
    assert found(tag, tag, *names.split()) == expected


@pytest.mark.parametrize(
    ("tag", "names", "expected"),
    [
        ("3.12.1-alpine3.19", "3.12.2-alpine3.20 3.12.2-alpine3.21 3.13.0-alpine3.18 3.12.9-slim",
         ("3.12.2-alpine3.21", None, None)),
        ("3.12.1-alpine3.19", "3.12.1-alpine3.20", ("3.12.1-alpine3.20", None, None)),
        ("3.12.2-alpine", "3.12.2-alpine3.21 3.12.3-alpine3.21",
         ("3.12.3-alpine3.21", None, None)),
        ("15.4.0-debian-11-r45", "15.4.0-debian-12-r1 16.1.0-debian-12-r3",
         ("15.4.0-debian-12-r1", None, "16.1.0-debian-12-r3")),
        ("12.4.1-runtime-ubuntu22.04", "12.6.0-runtime-ubuntu24.04 12.6.0-devel-ubuntu24.04",
         (None, "12.6.0-runtime-ubuntu24.04", None)),
        ("v1.2.3", "1.2.2 1.3.0 2.0.0-rc1", (None, "1.3.0", None)),
        ("1.2.3", "v1.3.0 V1.4.0", (None, "v1.3.0", None)),
    ],
)  # fmt: skip
def test_where_none_of_the_same_shape_is_newer_the_distribution_and_the_v_do_not_matter(
    tag: str, names: str, expected: tuple[str | None, ...]
) -> None:
    answer = Versions([tag, *names.split()]).newer(tag)
    assert answer is not None
    assert (answer[:3], answer.compared, answer.is_of_shape) == (expected, 1, False)


def test_a_pre_release_is_offered_for_a_pre_release_only() -> None:
    names = ("1.28.0-rc.2", "1.28.0-rc.10", "1.28.0-beta.20", "1.29.0-alpha", "1.28.0")
    assert found("1.27.0", *names) == (None, "1.28.0", None)
    assert found("1.28.0-rc.2", *names[:3]) == ("1.28.0-rc.10", None, None)
    assert found("1.28.0-rc.2", *names) == ("1.28.0", "1.29.0-alpha", None)
    assert found("3.13.0a1-slim", "3.13.0b2-slim", "3.13.0rc1") == ("3.13.0b2-slim", None, None)
    assert found("23-ea-9-jdk", "23-ea-36-jdk", "23-jdk") == ("23-jdk", None, None)


@pytest.mark.parametrize(
    "tag",
    ["latest", "alpine", "4e83c1a", "0123456", "1234567", "sha-1234567", "sha256-ab12.sig", "pr-7",
     "build-10234", "debian-12", "1.2.3.4.5", "1.1.1w", "20241399", ""],
)  # fmt: skip
def test_what_is_not_a_version_has_no_newer_one(tag: str) -> None:
    assert Versions(["1.2", "9999999", "pr-8", "debian-13"]).newer(tag) is None


def test_how_many_were_compared_is_told() -> None:
    answer = Versions(["1.0-x", "0.9-x", "1.0", "latest"]).newer("1.0-x")
    assert answer is not None
    assert (answer.compared, answer.by_level) == (2, [])


@given(st.text(st.sampled_from("0123456789.-_vrcaZ"), max_size=128))
def test_any_text_is_read_and_never_newer_than_itself(text: str) -> None:
    if parse(text):
        assert found(text, text) == (None, None, None)


TAGS = st.from_regex(
    r"(v|V|r-)?([12][09][0-9]{2}-?[01][1-9]-?[0-2][0-9]|(199[0-9]|209[89]|[0-3]?[0-9])"
    r"(\.[0-3]?[0-9]){0,3})(-?rc\.?[0-9]{0,2})?((-|_|-r|-ls)[0-9]{1,2})?"
    r"(-jdk[0-9]|-alpine(3\.[0-9])?|-[0-9]{3}ab[0-9]{2}|-slim)?(-r[0-9]{1,2})?",
    fullmatch=True,
    alphabet="0123456789.-_vVrclsjdkapinembx",
)


@settings(max_examples=60)
@given(st.lists(TAGS | st.text("0189.-a\n\u0661", max_size=9), min_size=1, max_size=30))
def test_to_read_only_the_newest_of_tags_that_are_alike_finds_what_reading_each_finds(
    names: list[str],
) -> None:
    versions = Versions(names)
    for tag in names[:5]:
        assert versions.newer(tag) == newer_of_each(tag, names)


def newer_of_each(tag: str, names: list[str]) -> NewerTags | None:
    """The same answer, from each tag."""
    mine = parse(tag)
    if mine is None:
        return None
    family = [(found, each) for each in names if (found := parse(each))]
    family = [(found, each) for found, each in family if found.family == mine.family]
    same = [(found, each) for found, each in family if found.shape == mine.shape]

    def newest(those: list[tuple[VersionTag, str]]) -> list[str | None]:
        levels: dict[int, list[tuple[object, str]]] = {0: [], 1: [], 2: []}
        for found, each in those:
            if found.follows(mine):
                equal = [found.numbers[at : at + 1] == mine.numbers[at : at + 1] for at in (0, 1)]
                level = 0 if all(equal) else 1 if equal[0] else 2
                levels[level].append(((found.order, found.distribution), each))
        return [max(levels[level])[1] if levels[level] else None for level in range(3)]

    of_shape = newest(same)
    is_of_shape = any(of_shape)
    patch, minor, major = of_shape if is_of_shape else newest(family)
    return NewerTags(patch, minor, major, len(same), is_of_shape)


def test_few_tags_of_a_large_repository_are_read() -> None:
    names = [f"1.{minor}.{patch}-alpine" for minor in range(10) for patch in range(1_000)]
    read = list(newest_alike(names))
    assert len(read) == 10 * 3
    assert sum(each.tags for each in read) == len(names)
