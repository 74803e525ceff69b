"""The known tags of a large repository are read as they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.core.model import KnownTag
from indexer.crawl import diff
from indexer.crawl.dangling import DanglingTags
from indexer.store.crawl.known_state import MANY_TAGS
from indexer.store.crawl.lazy_tags import MOST_NAMED, LazyTags
from tests.store.scribe import START, digest, remembered, tag
from tests.support.readings import record_tags

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tests.store.scribe import Scribe

NGINX = "library/nginx"


class Loads:
    """Some tags, and what was asked of them."""

    def __init__(self, number: int) -> None:
        self.tags = {
            f"{n:04}": KnownTag(f"{n:04}", START, digest(f"{n}"), None) for n in range(number)
        }
        self.asked: list[list[str] | None] = []

    def __call__(self, names: Collection[str] | None) -> Mapping[str, KnownTag]:
        self.asked.append(None if names is None else list(names))
        wanted = self.tags if names is None else names
        return {name: self.tags[name] for name in wanted if name in self.tags}


def test_a_page_is_read_at_once_and_each_of_its_tags_once() -> None:
    loads = Loads(9_000)
    tags = LazyTags(9_000, loads)
    assert len(tags) == 9_000
    tags.expect(["0001", "0002", "new"])
    assert (tags["0001"], tags.get("new"), "0002" in tags) == (loads.tags["0001"], None, True)
    with pytest.raises(KeyError):
        tags["new"]
    tags.expect(["0002", "0003"])
    assert tags.get("0004") == loads.tags["0004"]
    assert loads.asked == [["0001", "0002", "new"], ["0003"], ["0004"]]


def test_whoever_asks_for_many_or_for_all_gets_all_in_one_reading() -> None:
    loads = Loads(2_000)
    tags = LazyTags(2_000, loads)
    tags.expect(["0001"])
    tags.expect(list(loads.tags)[: MOST_NAMED + 1])
    assert tags == loads.tags
    assert "new" not in tags
    assert loads.asked == [["0001"], None]

    again = Loads(5)
    assert dict(LazyTags(5, again)) == again.tags
    assert again.asked == [None]


def test_the_tags_of_a_large_repository_are_told_as_those_of_a_small_one(scribe: Scribe) -> None:
    held = {f"{n:04}": tag(f"{n:04}", f"{n}") for n in range(MANY_TAGS + 2)}
    scribe.crawl({"nginx": held.values()})
    gone, *_, last = held
    del held[gone]
    scribe.crawl({"nginx": held.values()})
    record = scribe.begin()
    dangling = diff.TagsDiff(dangling=DanglingTags(now=frozenset([last])))
    record.known_repositories()
    record.known_tags(NGINX)
    record_tags(record, NGINX, dangling, remembered(), START, scribe.passes())

    known = record.known_tags(NGINX)
    assert len(known.tags) == len(held)
    assert known.tags["0005"] == KnownTag("0005", held["0005"].last_updated, digest("5"), None)
    assert gone not in known.tags
    assert (known.dangling, known.removed) == (frozenset(), frozenset([gone]))
    assert known.ever_dangling == frozenset([last])
    assert {name: each.digest for name, each in known.tags.items()} == {
        name: each.digest for name, each in held.items()
    }
