"""Manifests and configurations, kept once, in memory and on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.core.model import Repository, Tag
from indexer.core.platforms import Platform
from indexer.crawl.diff import TagsDiff
from indexer.manifests.manifest_digest import blob_digest
from indexer.manifests.ports import ManifestPart, StoredManifest
from tests.store.scribe import MINUTE, START, Scribe, digest, remembered, tag
from tests.support.readings import record_tags

if TYPE_CHECKING:
    from indexer.manifests.ports import ManifestStore
    from indexer.store import Store
    from tests.support.memory_index import Index

HERE = ("docker.io", "library/nginx")


def content(text: str, media_type: str = "application/a+json") -> StoredManifest:
    body = text.encode()
    return StoredManifest(blob_digest(body), media_type, body)


ROOT, IMAGE, CONFIG = content("root"), content("image"), content("config", "")
PARTS = [ManifestPart(ROOT), ManifestPart(IMAGE, ROOT.digest), ManifestPart(CONFIG, IMAGE.digest)]


def about(*platforms: Platform, size: int | None = None) -> Tag:
    return Tag("", None, ROOT.digest, platforms=platforms, size=size)


@pytest.fixture
def scribe(index: Index) -> Scribe:
    return Scribe(index.archive)


@pytest.fixture
def manifests(index: Index, scribe: Scribe) -> ManifestStore:
    """That of an index with tags that point to `ROOT`, and to `IMAGE`, and to who knows what."""
    crawl(scribe)
    return index.manifests


def crawl(scribe: Scribe) -> None:
    scribe.crawl(
        {
            "nginx": [
                Tag("1", START, ROOT.digest),
                Tag("2", START, ROOT.digest),
                Tag("3", START, IMAGE.digest),
                Tag("old", START),
            ],
            "redis": [Tag("1", START, ROOT.digest)],
        }
    )


def test_what_is_kept_comes_back_as_it_was(manifests: ManifestStore) -> None:
    manifests.keep(PARTS, about(), START, whole=True)
    for each in (ROOT, IMAGE, CONFIG):
        kept = manifests.find(each.digest)
        assert kept is not None
        assert (kept.content, kept.fetched_at) == (each, START)
    assert manifests.find("sha256:" + "0" * 64) is None


def test_what_is_kept_twice_is_there_once_and_keeps_its_date(manifests: ManifestStore) -> None:
    manifests.keep(PARTS, about(), START, whole=True)
    manifests.keep(PARTS, about(), START + MINUTE, whole=True)
    kept = manifests.find(ROOT.digest)
    assert kept is not None
    assert kept.fetched_at == START


def test_what_the_index_does_not_know_is_not_kept(manifests: ManifestStore) -> None:
    stranger = content("a stranger")
    manifests.keep([ManifestPart(stranger)], Tag("", None, stranger.digest), START, whole=True)
    assert manifests.find(stranger.digest) is None


def test_a_part_without_the_whole_is_kept_and_still_lacking(manifests: ManifestStore) -> None:
    manifests.keep(PARTS[:2], about(), START, whole=False)
    assert manifests.find(IMAGE.digest)
    assert {digest for _, digest in manifests.unread("docker.io", "library")} == {
        ROOT.digest,
        IMAGE.digest,
    }
    manifests.keep(PARTS, about(), START, whole=True)
    assert [digest for _, digest in manifests.unread("docker.io", "library")] == [IMAGE.digest]


def test_what_is_not_read_yet_is_named_once_the_newest_first(manifests: ManifestStore) -> None:
    unread = list(manifests.unread("docker.io", "library"))
    assert sorted(unread) == sorted(
        [("library/nginx", ROOT.digest), ("library/nginx", IMAGE.digest)]
    )
    manifests.keep(PARTS, about(), START, whole=True)
    assert list(manifests.unread("docker.io", "library")) == [("library/nginx", IMAGE.digest)]
    assert list(manifests.unread("docker.io", "other")) == []


def test_of_changes_only_present_digests_are_read(manifests: ManifestStore, scribe: Scribe) -> None:
    def news() -> list[tuple[str, str]]:
        return list(manifests.unread("docker.io", "library", START))

    gone, moved = content("gone"), content("moved")
    assert news() == [], "a baseline is none"
    scribe.crawl({"nginx": [Tag("3", START, gone.digest)]})
    scribe.crawl({"nginx": [Tag("3", START, moved.digest)]})
    assert news() == [("library/nginx", moved.digest)]
    assert list(manifests.unread("docker.io", "library", scribe.now + MINUTE)) == []
    manifests.keep([ManifestPart(moved)], Tag("", None, moved.digest), START, whole=True)
    assert news() == []


def test_a_tag_points_where_the_last_crawl_saw_it(manifests: ManifestStore, scribe: Scribe) -> None:
    pointer = manifests.pointer(*HERE, "1")
    assert pointer is not None
    assert (pointer.digest, pointer.seen_at) == (ROOT.digest, remembered().full_at)
    old = manifests.pointer(*HERE, "old")
    assert old is not None
    assert old.digest is None
    assert manifests.pointer(*HERE, "never") is None
    assert manifests.pointer("docker.io", "library/never", "1") is None
    scribe.crawl({"nginx": [], "redis": []})
    assert manifests.pointer(*HERE, "1") is None


def test_tags_come_in_the_registrys_own_order(index: Index) -> None:
    scribe = Scribe(index.archive)
    record = scribe.begin()
    scribe.list(record, [Repository(HERE[1], None)])
    names = ("latest", "v2", "10", "v1")
    for order in (names, names[::-1], tuple(sorted(names))):
        known = record.known_tags(HERE[1])
        added = tuple(Tag(name, None) for name in names if name not in known.tags)
        changes = TagsDiff(added=added, order=order)
        record_tags(record, HERE[1], changes, remembered(), None, START)
        assert index.manifests.tag_names(*HERE) == order
    assert index.manifests.tag_names("docker.io", "library/never") is None


def test_tags_that_came_after_the_order_was_written_stand_at_the_end(index: Index) -> None:
    scribe = Scribe(index.archive)
    record = scribe.begin()
    scribe.list(record, [Repository(HERE[1], None)])
    record.known_tags(HERE[1])
    changes = TagsDiff(added=tuple(Tag(name, None) for name in "zyxa"), order=("z", "y"))
    record_tags(record, HERE[1], changes, remembered(), None, START)
    assert index.manifests.tag_names(*HERE) == ("z", "y", "a", "x")


def test_what_is_found_out_about_a_manifest_shows_at_its_tags(
    store: Store,
) -> None:
    crawl(Scribe(store.archive))
    platform = Platform("linux", "amd64", None, None, IMAGE.digest, 7)
    store.manifests.keep(PARTS, about(platform, size=7), START, whole=True)
    tags = {each.tag: each for each in store.catalog.tags(*HERE)}
    assert (tags["1"].platforms, tags["2"].size) == ((platform,), 7)
    assert tags["3"].platforms == ()


def test_what_a_manifest_is_is_kept_with_it(store: Store) -> None:
    """Of registries that do not say it themselves; a word of Docker Hub's own counts more."""
    scribe = Scribe(store.archive)
    hub_says = tag("hub", "h", content_type="model")
    scribe.crawl({"nginx": [tag("chart", "c"), hub_says, tag("none", "n")]})
    place = ("docker.io", "library/nginx")
    for text in ("c", "h"):
        about = Tag("", None, digest(text), content_type="helm")
        store.manifests.keep([ManifestPart(content(text))], about, START, whole=True)
    scribe.crawl({"nginx": [tag("chart", "c"), hub_says, tag("none", "n")]})
    told = {each.tag: each.content_type for each in store.catalog.tags(*place)}
    assert told == {"chart": "helm", "hub": "model", "none": None}
    then = {each.tag: each.content_type for each in store.catalog.tags(*place, scribe.now)}
    assert then["chart"] == "helm"
