from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.core.model import Repository, Tag
from indexer.core.platforms import Platform
from indexer.core.reference import is_digest
from indexer.http import Undecodable
from indexer.sources.docker_hub import responses
from indexer.sources.docker_hub.images import MOST_PLATFORMS, sha256_bytes
from indexer.sources.docker_hub.responses import AccessToken

DIGEST = "sha256:" + "ab" * 32
OTHER = "sha256:" + "01" * 32
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def page(*results: Any, **fields: Any) -> bytes:
    body = {"count": len(results), "next": None, "previous": None, "results": results, **fields}
    return json.dumps(body).encode()


def one_tag(**fields: Any) -> Tag:
    item = {"name": "1.0", "last_updated": "2026-07-01T12:00:00Z", **fields}
    (tag,) = responses.tags(page(item)).items
    return tag


def one_repository(**fields: Any) -> Repository:
    item = {"name": "api", "last_updated": None, **fields}
    (repository,) = responses.repositories("acme")(page(item)).items
    return repository


def test_a_tag_is_read_with_all_that_concerns_us() -> None:
    image = {
        "architecture": "arm",
        "features": "",
        "variant": "v7",
        "digest": OTHER,
        "os": "linux",
        "os_features": "",
        "os_version": None,
        "size": 42,
        "status": "active",
        "last_pulled": None,
    }
    tag = one_tag(
        creator=1,
        images=[image],
        full_size=84,
        v2=True,
        tag_last_pushed="2026-07-01T11:00:00.987654321Z",
        media_type="application/vnd.oci.image.index.v1+json",
        digest=DIGEST,
    )
    assert tag == Tag(
        "1.0",
        last_updated=NOON,
        digest=DIGEST,
        platforms=(Platform("linux", "arm", "v7", None, OTHER, 42),),
        size=42,
        media_type="application/vnd.oci.image.index.v1+json",
        pushed_at=datetime(2026, 7, 1, 11, 0, 0, 987654, tzinfo=UTC),
    )


@pytest.mark.parametrize("images", [None, [], "absent"])
def test_an_old_tag_has_neither_digest_nor_images(images: Any) -> None:
    fields = {} if images == "absent" else {"images": images}
    assert one_tag(**fields) == Tag("1.0", NOON, pushed_at=NOON)


def test_nulls_in_a_tag_are_no_values() -> None:
    image = dict.fromkeys(("architecture", "variant", "digest", "os", "os_version", "size"))
    tag = one_tag(
        last_updated=None,
        tag_last_pushed=None,
        full_size=None,
        digest=None,
        media_type=None,
        images=[image],
    )
    assert tag == Tag("1.0", None, platforms=(Platform("", ""),))


def test_absent_fields_are_like_nulls() -> None:
    (tag,) = responses.tags(page({"name": "x", "images": [{}]})).items
    assert tag == Tag("x", None, platforms=(Platform("", ""),))


@pytest.mark.parametrize(
    "digest", ["", "sha256:", "sha256:" + "g" * 64, "sha256:" + "AB" * 32, 5, [], DIGEST + "0"]
)
def test_an_invalid_digest_is_not_kept(digest: Any) -> None:
    good = {"os": "linux", "architecture": "amd64", "digest": DIGEST}
    bad = {"os": "linux", "architecture": "arm64", "digest": digest}
    tag = one_tag(digest=digest, images=[good, bad])
    assert tag.digest is None
    assert [platform.digest for platform in tag.platforms] == [DIGEST, None]


sha512 = "sha512:" + "0" * 128
parts = st.sampled_from(
    ["sha256:", "0" * 64, "a" * 63, "a", DIGEST, OTHER, sha512, "é" * 64, DIGEST[:40], DIGEST[40:]]
)
texts = st.lists(parts, max_size=3).map("".join)


@given(st.lists(st.just(DIGEST) | texts | st.none(), min_size=1, max_size=4))
def test_digests_are_checked_together_as_strictly_as_alone(digests: list[Any]) -> None:
    alone = all(isinstance(d, str) and is_digest(d) and d.startswith("sha256:") for d in digests)
    as_bytes = b"".join(bytes.fromhex(d[7:]) for d in digests) if alone else None
    assert sha256_bytes(digests) == as_bytes


values = st.none() | st.sampled_from(["linux", "unknown", "", "x" * 101, 0, 7, -1, True, [], {}])
dates = st.sampled_from(["2026-07-01T12:00:00Z", "2026-07-01T14:00:00+02:00", "never", 5, None])
an_image = st.fixed_dictionaries(
    {},
    optional={
        "os": values,
        "architecture": values,
        "variant": values,
        "digest": st.sampled_from([DIGEST, OTHER, sha512, "sha256:", None]),
        "size": values,
    },
)
an_item = st.fixed_dictionaries(
    {"name": st.sampled_from(["a", "b", "a b"])},
    optional={
        "last_updated": dates,
        "tag_last_pushed": dates,
        "tag_last_pulled": dates,
        "digest": st.sampled_from([DIGEST, sha512, "x", None]),
        "media_type": values,
        "full_size": values,
        "last_updater_username": values,
        "images": st.none() | st.lists(an_image, max_size=3),
    },
)


@given(st.lists(an_item, max_size=4))
def test_tags_are_read_together_as_each_is_read_alone(items: list[Any]) -> None:
    together = responses.tags(page(*items))
    alone = [responses.tags(page(item)) for item in items]
    assert together.items == tuple(tag for each in alone for tag in each.items)
    assert together.rejected == tuple(why for each in alone for why in each.rejected)
    pulled = [tag.last_pulled for each in alone for tag in each.items]
    assert [tag.last_pulled for tag in together.items] == pulled


@pytest.mark.parametrize("sent", [[], {}, 5])
def test_a_media_type_of_another_shape_says_nothing_of_the_only_image(sent: Any) -> None:
    assert one_tag(media_type=sent, images=[{"digest": DIGEST}]).digest == DIGEST


def test_a_sha512_digest_is_one_too() -> None:
    tag = one_tag(digest=sha512, images=[{"digest": sha512}])
    (platform,) = tag.platforms
    assert (tag.digest, platform.digest) == (sha512, sha512)


@pytest.mark.parametrize(
    ("size", "kept"),
    [
        (0, 0),
        (7.0, 7),
        (1.5e9, 1_500_000_000),
        (-1, None),
        (True, None),
        ("7", None),
        (2**63, None),
        (10**40, None),
        ({}, None),
    ],
)
def test_a_size_is_a_whole_number_that_databases_hold(size: Any, kept: int | None) -> None:
    tag = one_tag(full_size=size, images=[{"size": size}])
    (platform,) = tag.platforms
    assert (tag.size, platform.size) == (kept, kept)


def test_texts_are_bounded_and_without_nul() -> None:
    repository = one_repository(description="a\0" + "b" * 2_000_000)
    assert repository.description == "a\ufffd" + "b" * 998
    image = {"os": "x" * 1000, "architecture": ["?"], "variant": "\0", "os_version": 10}
    (platform,) = one_tag(images=[image]).platforms
    assert platform == Platform("x" * 100, "", "\ufffd", None)
    assert len(one_tag(images=[{}] * 5000).platforms) == MOST_PLATFORMS


def test_a_repository_is_read_under_the_namespace_that_was_asked_for() -> None:
    repository = one_repository(
        namespace="other", description="The API", is_private=True, last_updated="2026-07-01T12:00"
    )
    assert repository == Repository("acme/api", NOON, "The API", private=True)


@pytest.mark.parametrize("private", [None, 0, "yes", False])
def test_only_what_says_that_it_is_private_is(private: Any) -> None:
    assert not one_repository(is_private=private).private


@pytest.mark.parametrize(
    "name", ["", ".x", "-x", "a b", "a/b", "x" * 129, "\x1b[2J", "a\n", None, 5, {}, "é"]
)
def test_a_tag_with_an_impossible_name_is_a_sentence_and_the_others_are_read(name: Any) -> None:
    read = responses.tags(page({"name": "good"}, {"name": name}, {"name": "x" * 128}))
    assert [tag.name for tag in read.items] == ["good", "x" * 128]
    (sentence,) = read.rejected
    assert "cannot be the name of a tag" in sentence
    assert sentence.isprintable()
    assert len(sentence) < 200


@pytest.mark.parametrize(
    ("sent", "pulls"),
    [(1_500_000, 1_500_000), (0, 0), (12.0, 12), (None, None), ("many", None), (-1, None)],
)
def test_how_often_a_repository_was_pulled_is_read_and_makes_no_difference(
    sent: Any, pulls: int | None
) -> None:
    assert one_repository(pull_count=sent).pulls == pulls
    assert one_repository(pull_count=sent) == one_repository()


@pytest.mark.parametrize(
    ("sizes", "full_size", "size"),
    [
        ([("linux", 30), ("linux", 12)], 30, 42),
        ([("linux", 30), ("linux", 12), ("unknown", 5)], 30, 42),
        ([("linux", 30), ("linux", None)], 30, None),
        ([("linux", 30)], 30, 30),
        ([("linux", None)], 30, 30),
        ([("unknown", 5), ("unknown", 5)], 5, 5),
        ([("linux", 2**62), ("linux", 2**62)], 2**62, None),
        ([], 30, 30),
    ],
)
def test_the_size_of_a_tag_is_the_sum_over_its_platforms(
    sizes: list[tuple[str, int | None]], full_size: int, size: int | None
) -> None:
    images = [
        {"os": os, "architecture": "unknown" if os == "unknown" else "amd64", "size": each}
        for os, each in sizes
    ]
    assert one_tag(images=images, full_size=full_size).size == size


def test_who_pushed_a_tag_and_how_it_fares_is_read() -> None:
    tag = one_tag(
        last_updater_username="doijanky",
        tag_last_pulled="2026-07-01T12:00:00Z",
        tag_status="inactive",
        content_type="helm",
    )
    assert (tag.pushed_by, tag.last_pulled) == ("doijanky", NOON)
    assert (tag.status, tag.content_type) == ("inactive", "helm")


def test_a_tag_that_was_only_pulled_is_the_same_tag() -> None:
    assert one_tag(tag_last_pulled="2026-07-01T12:00:00Z", tag_status="inactive") == one_tag()


@pytest.mark.parametrize("sent", [None, 5, [], {}, "x" * 5_000, "a\0b"])
def test_invalid_usernames_and_statuses_are_none_or_bounded(sent: Any) -> None:
    tag = one_tag(last_updater_username=sent, tag_status=sent, content_type=sent)
    for text in (tag.pushed_by, tag.status, tag.content_type):
        assert text is None or (len(text) <= 100 and "\0" not in text)


def test_what_is_counted_of_a_repository_and_where_it_is_filed_is_read() -> None:
    repository = one_repository(
        star_count=7,
        storage_size=1_000,
        date_registered="2026-07-01T12:00:00Z",
        categories=[{"name": "Databases", "slug": "databases"}, {"slug": "x"}, None, {"name": 5}],
    )
    assert (repository.stars, repository.storage_size) == (7, 1_000)
    assert repository.categories == ("Databases",)
    assert repository.registered_at == NOON


@pytest.mark.parametrize("sent", [None, 5, "Databases", {}, [[]]])
def test_categories_of_another_shape_are_none(sent: Any) -> None:
    assert one_repository(categories=sent).categories == ()


@pytest.mark.parametrize("name", ["", "Upper", "a/b", "..", "-a", "x" * 256, "\u202eevil", None, 5])
def test_a_repository_with_an_impossible_name_is_a_sentence_too(name: Any) -> None:
    read = responses.repositories("acme")(page({"name": "x" * 255}, {"name": name}))
    assert [repository.name for repository in read.items] == ["acme/" + "x" * 255]
    assert len(read.rejected) == 1
    assert read.rejected[0].isprintable()


@pytest.mark.parametrize("item", [5, "tag", None, [], {"name": "x", "images": {}}])
def test_an_item_of_another_shape_does_not_spoil_the_page(item: Any) -> None:
    read = responses.tags(page({"name": "a"}, item, {"name": "b"}, count=3, next="/n"))
    assert [tag.name for tag in read.items] == ["a", "b"]
    assert (read.count, read.next) == (3, "/n")
    assert len(read.rejected) == 1


def test_count_and_next_are_read() -> None:
    read = responses.tags(page(count=250, next="https://h/x?page=2"))
    assert (read.items, read.count, read.next) == ((), 250, "https://h/x?page=2")


@pytest.mark.parametrize("missing", [{"count": None}, {"next": ""}, {"results": None}])
def test_what_may_be_missing_from_a_page_is(missing: dict[str, Any]) -> None:
    body = json.loads(page())
    read = responses.tags(json.dumps({**body, **missing}).encode())
    assert (read.items, read.next) == ((), None)
    for name in missing.keys() - {"results"}:
        del body[name]
        assert responses.tags(json.dumps(body).encode()).items == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"count": -1},
        {"count": True},
        {"count": "3"},
        {"count": 1.5},
        {"count": 10**30},
        {"next": 2},
        {"next": {}},
        {"results": {}},
        {"results": [1, 2]},
        {"results": "x"},
        {"count": 3, "results": None},
    ],
)
def test_a_page_of_another_shape_is_undecodable_for_good(fields: dict[str, Any]) -> None:
    with pytest.raises(Undecodable) as told:
        responses.tags(page(**fields))
    assert not told.value.may_be_cut


@pytest.mark.parametrize(
    "body",
    [b"", b"{", page({"name": "x"})[:-5], b"<!DOCTYPE html><html></html>", b"\xff\xfe", b"nul"],
)
def test_invalid_json_may_be_truncated(body: bytes) -> None:
    with pytest.raises(Undecodable, match="not JSON") as told:
        responses.tags(body)
    assert told.value.may_be_cut


@pytest.mark.parametrize("broken", [b"\\ud800", b"\xed\xa0\x80", b"\xff", b"\\udc00\\ud800"])
def test_invalid_characters_do_not_spoil_the_page(broken: bytes) -> None:
    body = b'{"results": [{"name": "api", "description": "a%bz"}, {"name": "web"}]}' % broken
    first, second = responses.repositories("acme")(body).items
    assert first.description.startswith("a")
    assert first.description.endswith("z")
    first.description.encode()
    assert second.name == "acme/web"


def test_a_byte_order_mark_is_passed_over() -> None:
    assert responses.tags(b"\xef\xbb\xbf" + page({"name": "x"})).items == (Tag("x", None),)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"results": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"count": 1, "x": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001,
        b'{"results": [{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]}",
    ],
)
def test_json_nested_a_hundred_thousand_deep_is_undecodable(body: bytes) -> None:
    for decode in (responses.tags, responses.repositories("a"), responses.tag("a")):
        with pytest.raises(Undecodable):
            decode(body)


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b'"x"', b"5", b'{"detail": "no"}'])
def test_json_of_another_kind_is_undecodable(body: bytes) -> None:
    decoders = (
        responses.tags,
        responses.tag("a"),
        responses.repositories("a"),
        responses.repository("a/b"),
        responses.access_token,
    )
    for decode in decoders:
        with pytest.raises(Undecodable):
            decode(body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "images", "digest", "size", "last_updated", "os", "x"]), inner
        )
    ),
    max_leaves=8,
)


@given(st.lists(json_values, max_size=3), json_values, json_values)
def test_no_page_at_all_raises_anything_else(results: Any, count: Any, link: Any) -> None:
    body = json.dumps({"results": results, "count": count, "next": link}).encode()
    for decode in (responses.tags, responses.repositories("a")):
        try:
            read = decode(body)
        except Undecodable:
            continue
        assert len(read.items) + len(read.rejected) == len(results)


def test_the_one_tag_that_was_asked_for_is_read() -> None:
    assert responses.tag("v1")(b'{"name": "v1"}') == Tag("v1", None)
    with pytest.raises(Undecodable):
        responses.tag("v1")(b'{"name": "v2"}')


@pytest.mark.parametrize("name", ["api", "acme/api"])
def test_the_one_repository_that_was_asked_for_is_read(name: str) -> None:
    body = json.dumps({"name": name, "namespace": "acme"}).encode()
    assert responses.repository("acme/api")(body) == Repository("acme/api", None)
    with pytest.raises(Undecodable):
        responses.repository("acme/web")(body)


def test_a_token_is_read_with_its_time() -> None:
    assert responses.access_token(b'{"access_token": "ey.J"}') == AccessToken("ey.J", None)
    read = responses.access_token(b'{"access_token": "ey.J", "expires_in": 300}')
    assert read == AccessToken("ey.J", 300)


@pytest.mark.parametrize("token", ["a\r\nX-Evil: 1", "é", ""])
def test_an_invalid_token_is_undecodable(token: str) -> None:
    with pytest.raises(Undecodable) as told:
        responses.access_token(json.dumps({"access_token": token}).encode())
    assert not token or token not in str(told.value)


@pytest.mark.parametrize(
    ("body", "expected"),
    [(b'{"login_2fa_token": "x"}', True), (b"{}", False), (b"<html>", False), (b"[]", False)],
)
def test_a_second_factor_is_recognised(body: bytes, expected: bool) -> None:
    assert responses.wants_second_factor(body) is expected


@pytest.mark.parametrize(
    ("rules", "covers"),
    [
        (None, ["latest", "v1"]),
        ([], ["latest", "v1"]),
        (["^v"], ["v1"]),
        (["^v" + "1?" * 1_000], []),  # too long to be compiled: that is not "no rule at all"
        ([7], []),
        ("v", []),
    ],
)
def test_a_rule_of_immutable_tags_that_cannot_be_read_applies_to_no_tag(
    rules: Any, covers: list[str]
) -> None:
    body = json.dumps({"immutable_tags_settings": {"enabled": True, "rules": rules}}).encode()
    said = responses.immutability(body)
    covered = [tag for tag in ("latest", "v1") if said is not None and said.covers(tag)]
    assert covered == covers
