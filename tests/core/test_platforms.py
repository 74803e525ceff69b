from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from indexer.core.model import Tag
from indexer.core.platforms import PackedPlatforms, Platform, fingerprint

AMD = ("linux", "amd64", None, None)
ARM = ("linux", "arm", "v7", None)
A, B = bytes(32), bytes(range(32))

images = st.lists(
    st.tuples(st.sampled_from([AMD, ARM]), st.none() | st.integers(0), st.sampled_from([A, B])),
    max_size=4,
)


def packed(
    rows: list[tuple[tuple[str, str, str | None, str | None], int | None, bytes]],
) -> PackedPlatforms:
    return PackedPlatforms(
        tuple(place for place, _, _ in rows),
        tuple(size for _, size, _ in rows),
        b"".join(key for _, _, key in rows),
    )


@given(images)
def test_platforms_in_columns_are_those_that_they_are_made_of(
    rows: list[tuple[tuple[str, str, str | None, str | None], int | None, bytes]],
) -> None:
    values = tuple(Platform(*place, f"sha256:{key.hex()}", size) for place, size, key in rows)
    columns = packed(rows)
    assert (tuple(columns), len(columns), bool(columns)) == (values, len(values), bool(values))
    assert columns == values
    assert values == columns
    assert columns == packed(rows)
    assert hash(columns) == hash(values)
    assert fingerprint(columns) == fingerprint(values)
    assert Tag("x", None, platforms=columns) == Tag("x", None, platforms=values)


def test_platforms_in_columns_differ_by_each_column() -> None:
    one = packed([(AMD, 1, A)])
    others = [packed([(ARM, 1, A)]), packed([(AMD, 2, A)]), packed([(AMD, 1, B)]), (), None]
    assert one not in others


def test_the_fingerprint_of_content_never_changes_its_meaning() -> None:
    text = "\n".join(sorted({f"sha256:{A.hex()}", f"sha256:{B.hex()}"}))
    stored = hashlib.sha256(text.encode()).digest()[:16]
    assert fingerprint(packed([(AMD, 1, B), (ARM, 2, A), (ARM, 3, B)])) == stored


def test_a_tag_is_the_same_whoever_pulled_it_and_whatever_its_status_is() -> None:
    tag = Tag("x", None, "sha256:" + "0" * 64)
    pulled = Tag("x", None, "sha256:" + "0" * 64, status="active", content_type="image")
    assert tag == pulled
    assert hash(tag) == hash(pulled)
    assert tag != Tag("x", None)
    assert tag != "x"
