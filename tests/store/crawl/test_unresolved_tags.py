"""Which tags have no known digest, and of which nothing is known at all."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from indexer.core.catalog_entries import UnresolvedTag
from indexer.store import open_store
from tests.store.scribe import REGISTRY, Scribe, image, tag

if TYPE_CHECKING:
    from indexer.core.model import Tag


def platforms(number: int) -> Tag:
    """A tag without a digest, of whose image one is known; some of the keys begin with a '?'."""
    return tag(f"old-{number}", platforms=(image("linux/amd64", f"content {number}"),))


def test_tags_without_a_digest_are_known_by_name(database_url: str) -> None:
    old = [platforms(number) for number in range(600)]
    with closing(open_store(database_url, create=False)) as store:
        scribe = Scribe(store.archive)
        scribe.crawl({"nginx": [tag("new", "a"), tag("bare"), tag("also bare", size=5), *old]})
        found = store.catalog.unresolved_tags()
        assert found[:2] == [
            UnresolvedTag(REGISTRY, "library/nginx", "also bare", is_compared=False),
            UnresolvedTag(REGISTRY, "library/nginx", "bare", is_compared=False),
        ]
        assert [each.tag for each in found[2:]] == sorted(each.name for each in old)
        assert all(each.is_compared for each in found[2:])
        record = store.archive.look(REGISTRY, "library")
        assert record.unidentified_tags() == ["library/nginx:also bare", "library/nginx:bare"]

        scribe.crawl({"nginx": [tag("new", "a"), tag("bare", "b")]})
        assert store.catalog.unresolved_tags() == []
        assert record.unidentified_tags() == []
