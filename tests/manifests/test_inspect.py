"""One image in detail: stored content is not fetched again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import Missing
from indexer.core.model import Tag
from indexer.core.reference import parse_reference
from indexer.manifests import platform_selection
from indexer.manifests.inspect import InspectRequest, NotAnImage, inspect
from tests.sources.oci import images
from tests.sources.oci.images import Recipe
from tests.store.scribe import START, Scribe
from tests.support.manifest_shelf import Shelf
from tests.support.memory_index import MemoryIndex

if TYPE_CHECKING:
    from indexer.manifests.inspect import InspectedImage

AMD64 = Recipe().made()
ARM64 = Recipe(text="arm", architecture="arm64", variant="v8").made()
INDEX = images.index(AMD64, ARM64)
NOW = START + timedelta(days=1)


@pytest.fixture
def index() -> MemoryIndex:
    """An index that knows `library/app:1`, and nothing of what it points to."""
    index = MemoryIndex()
    Scribe(index.archive).crawl(
        {"app": [Tag("1", START, INDEX.digest), Tag("old", START), Tag("one", START, AMD64.digest)]}
    )
    return index


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(INDEX)


def looked_at(
    index: MemoryIndex,
    shelf: Shelf | None,
    name: str = "app:1",
    platform: str = "linux/amd64",
    **more: bool,
) -> InspectedImage:
    return inspect(
        parse_reference(name),
        InspectRequest(platform_selection.parse(platform), **more),
        manifests=index.manifests,
        contents=shelf,
        now=NOW,
    )


def test_the_index_says_what_a_tag_points_to_and_content_is_fetched_once(
    index: MemoryIndex, shelf: Shelf
) -> None:
    first = looked_at(index, shelf)
    assert (first.digest, first.fetched_at, first.seen_at) == (INDEX.digest, None, START)
    assert shelf.pulled == [INDEX.digest, AMD64.digest]
    again = looked_at(index, shelf)
    assert (again.content, again.config) == (first.content, first.config)
    assert again.fetched_at == NOW
    assert shelf.pulled == [INDEX.digest, AMD64.digest]


def test_each_platform_is_fetched_when_it_is_first_looked_at(
    index: MemoryIndex, shelf: Shelf
) -> None:
    looked_at(index, shelf)
    looked_at(index, shelf, platform="linux/arm64/v8")
    looked_at(index, shelf, platform="linux/arm64/v8")
    assert shelf.pulled == [INDEX.digest, AMD64.digest, ARM64.digest]
    with pytest.raises(NotAnImage, match="there are linux/amd64, linux/arm64/v8"):
        looked_at(index, shelf, platform="linux/s390x")


def test_tags_beside_it_come_from_the_index(index: MemoryIndex, shelf: Shelf) -> None:
    assert looked_at(index, shelf).tags == ("1", "old", "one")
    assert looked_at(index, shelf, tags=False).tags == ()


def test_offline_only_stored_content_is_shown(index: MemoryIndex, shelf: Shelf) -> None:
    with pytest.raises(Missing, match="does not hold all of it"):
        looked_at(index, None)
    with pytest.raises(Missing, match=r"does not know docker\.io/library/app:2"):
        looked_at(index, None, "app:2")
    looked_at(index, shelf)
    assert looked_at(index, None).digest == INDEX.digest


def test_a_tag_whose_digest_is_not_known_is_asked_for_and_so_is_one_that_is_refreshed(
    index: MemoryIndex, shelf: Shelf
) -> None:
    shelf.held["old"] = shelf.held["1"] = shelf.held[AMD64.digest]
    assert looked_at(index, shelf, "app:old").seen_at is None
    assert looked_at(index, shelf, refresh=True, tags=False).digest == AMD64.digest
    assert shelf.pulled == ["old", "1"]


def test_an_index_of_which_one_image_was_looked_at_is_still_to_be_read(
    index: MemoryIndex, shelf: Shelf
) -> None:
    looked_at(index, shelf)
    assert INDEX.digest in {digest for _, digest in index.manifests.unread("docker.io", "library")}


def test_an_image_that_is_looked_at_by_itself_is_kept_whole(
    index: MemoryIndex, shelf: Shelf
) -> None:
    looked_at(index, shelf, "app:one")
    left = [digest for _, digest in index.manifests.unread("docker.io", "library")]
    assert left == [INDEX.digest]
