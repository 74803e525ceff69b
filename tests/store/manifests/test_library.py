"""Manifests and configurations, kept once, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.core.model import Platform, Repository, Tag
from indexer.crawl.diff import TagsDiff
from indexer.manifests.manifest_parser import blob_digest
from indexer.manifests.ports import Content, Part
from tests.store.scribe import MINUTE, START, Scribe, remembered

if TYPE_CHECKING:
    from indexer.manifests.ports import Library
    from indexer.store import Store

HERE = ("docker.io", "library/nginx")


def content(text: str, media_type: str = "application/a+json") -> Content:
    body = text.encode()
    return Content(blob_digest(body), media_type, body)


ROOT, IMAGE, CONFIG = content("root"), content("image"), content("config", "")
PARTS = [Part(ROOT), Part(IMAGE, ROOT.digest), Part(CONFIG, IMAGE.digest)]


def about(*platforms: Platform, size: int | None = None) -> Tag:
    return Tag("", None, ROOT.digest, platforms=platforms, size=size)


@pytest.fixture
def library(store: Store, scribe: Scribe) -> Library:
    """That of an index with tags that point to `ROOT`, and to `IMAGE`, and to who knows what."""
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
    return store.library


def test_what_is_kept_comes_back_as_it_was(library: Library) -> None:
    library.keep(PARTS, about(), START, whole=True)
    for each in (ROOT, IMAGE, CONFIG):
        kept = library.find(each.digest)
        assert kept is not None
        assert (kept.content, kept.fetched_at) == (each, START)
    assert library.find("sha256:" + "0" * 64) is None


def test_what_is_kept_twice_is_there_once_and_keeps_its_date(library: Library) -> None:
    library.keep(PARTS, about(), START, whole=True)
    library.keep(PARTS, about(), START + MINUTE, whole=True)
    kept = library.find(ROOT.digest)
    assert kept is not None
    assert kept.fetched_at == START


def test_what_the_index_does_not_know_is_not_kept(library: Library) -> None:
    stranger = content("a stranger")
    library.keep([Part(stranger)], Tag("", None, stranger.digest), START, whole=True)
    assert library.find(stranger.digest) is None


def test_a_part_without_the_whole_is_kept_and_still_lacking(library: Library) -> None:
    library.keep(PARTS[:2], about(), START, whole=False)
    assert library.find(IMAGE.digest)
    assert {digest for _, digest in library.unread("docker.io", "library")} == {
        ROOT.digest,
        IMAGE.digest,
    }
    library.keep(PARTS, about(), START, whole=True)
    assert [digest for _, digest in library.unread("docker.io", "library")] == [IMAGE.digest]


def test_what_is_not_read_yet_is_named_once_the_newest_first(library: Library) -> None:
    unread = list(library.unread("docker.io", "library"))
    assert sorted(unread) == sorted(
        [("library/nginx", ROOT.digest), ("library/nginx", IMAGE.digest)]
    )
    library.keep(PARTS, about(), START, whole=True)
    assert list(library.unread("docker.io", "library")) == [("library/nginx", IMAGE.digest)]
    assert list(library.unread("docker.io", "other")) == []


def test_of_news_is_read_what_tags_still_point_to(library: Library, scribe: Scribe) -> None:
    def news() -> list[tuple[str, str]]:
        return list(library.unread("docker.io", "library", START))

    gone, moved = content("gone"), content("moved")
    assert news() == [], "a baseline is none"
    scribe.crawl({"nginx": [Tag("3", START, gone.digest)]})
    scribe.crawl({"nginx": [Tag("3", START, moved.digest)]})
    assert news() == [("library/nginx", moved.digest)]
    assert list(library.unread("docker.io", "library", scribe.now + MINUTE)) == []
    library.keep([Part(moved)], Tag("", None, moved.digest), START, whole=True)
    assert news() == []


def test_what_is_found_out_about_a_manifest_shows_at_its_tags(
    library: Library, store: Store
) -> None:
    platform = Platform("linux", "amd64", None, None, IMAGE.digest, 7)
    library.keep(PARTS, about(platform, size=7), START, whole=True)
    tags = {each.tag: each for each in store.catalog.tags(*HERE)}
    assert (tags["1"].platforms, tags["2"].size) == ((platform,), 7)
    assert tags["3"].platforms == ()


def test_a_tag_points_where_the_last_crawl_saw_it(library: Library, scribe: Scribe) -> None:
    pointer = library.pointer(*HERE, "1")
    assert pointer is not None
    assert (pointer.digest, pointer.seen_at) == (ROOT.digest, remembered().full_at)
    old = library.pointer(*HERE, "old")
    assert old is not None
    assert old.digest is None
    assert library.pointer(*HERE, "never") is None
    assert library.pointer("docker.io", "library/never", "1") is None
    scribe.crawl({"nginx": [], "redis": []})
    assert library.pointer(*HERE, "1") is None


def test_tags_come_in_the_registrys_own_order(store: Store) -> None:
    scribe = Scribe(store.archive)
    record = scribe.begin()
    scribe.list(record, [Repository(HERE[1], None)])
    names = ("latest", "v2", "10", "v1")
    for order in (names, names[::-1], tuple(sorted(names))):
        known = record.known_tags(HERE[1])
        added = tuple(Tag(name, None) for name in names if name not in known.tags)
        changes = TagsDiff(added=added, order=order)
        record.record_tags(HERE[1], changes, remembered(), None, START)
        assert store.library.tag_names(*HERE) == order
    assert store.library.tag_names("docker.io", "library/never") is None


def test_tags_that_came_after_the_order_was_written_stand_at_the_end(store: Store) -> None:
    scribe = Scribe(store.archive)
    record = scribe.begin()
    scribe.list(record, [Repository(HERE[1], None)])
    record.known_tags(HERE[1])
    changes = TagsDiff(added=tuple(Tag(name, None) for name in "zyxa"), order=("z", "y"))
    record.record_tags(HERE[1], changes, remembered(), None, START)
    assert store.library.tag_names(*HERE) == ("z", "y", "a", "x")
