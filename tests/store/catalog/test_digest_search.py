"""Which tags point to a digest, or ever did, in all repositories; on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.core.digest_text import parse_digest
from indexer.core.model import Repository, Tag
from indexer.manifests.ports import ManifestPart, StoredManifest
from tests.store.scribe import START, Scribe, digest, image, tag

if TYPE_CHECKING:
    from indexer.store import Store

AMD = f"sha256:{'ab' * 31}cd"
OTHER = f"sha256:{'ab' * 30}1234"
INDEX = digest("index")


@pytest.fixture
def known(store: Store) -> Store:
    """`1` moved away from AMD's index, `2` points to it; another registry has AMD itself."""
    both = (image("linux/arm64", "arm")._replace(digest=OTHER), image("linux/amd64", "x"))
    held = (both[0], both[1]._replace(digest=AMD))
    scribe = Scribe(store.archive)
    scribe.repositories["library/secret"] = Repository("library/secret", START, private=True)
    one, two = (tag(name, digest=INDEX, platforms=held) for name in ("1", "2"))
    secret = [tag("covert", digest=AMD)]
    scribe.crawl({"nginx": [one, two], "secret": secret})
    scribe.crawl({"nginx": [tag("1", "new"), two], "secret": secret})
    Scribe(store.archive, "team", "registry.example.com").crawl({"app": [tag("v1", digest=AMD)]})
    return store


def found(
    store: Store, text: str, *, private: bool = True
) -> dict[str, list[tuple[str, str, bool]]]:
    """The tags by digest: repository, tag, and whether it still leads there."""
    return {
        full: [(each.repository, each.tag, each.ended_at is None) for each in tags]
        for full, tags in store.browser(private=private).find(parse_digest(text)).items()
    }


LEADING = [
    ("library/nginx", "1", False),
    ("library/nginx", "2", True),
    ("library/secret", "covert", True),
    ("team/app", "v1", True),
]


@pytest.mark.parametrize(
    "text", [AMD, AMD[7:], f"nginx@{AMD}", f"docker-pullable://nginx@{AMD}", AMD.upper()[7:]]
)
def test_a_platforms_digest_leads_to_its_index_and_to_the_tags(known: Store, text: str) -> None:
    assert found(known, text) == {AMD: LEADING}
    ((first, *_),) = known.catalog.find(parse_digest(text)).values()
    assert (first.digest, first.points_to) == (AMD, INDEX)


@pytest.mark.parametrize("digits", [61, 62, 63])
def test_a_short_digest_is_enough_where_only_one_begins_so(known: Store, digits: int) -> None:
    assert found(known, AMD[7 : 7 + digits]) == {AMD: LEADING}
    assert found(known, INDEX[7 : 7 + digits - 50]) == {
        INDEX: [("library/nginx", "1", False), ("library/nginx", "2", True)]
    }


@pytest.mark.parametrize("text", ["abababa", "abababab", "sha256:abababa"])
def test_several_that_begin_so_are_all_there(known: Store, text: str) -> None:
    assert set(found(known, text)) == {AMD, OTHER}


@pytest.mark.parametrize("text", [digest("never"), "sha512:abababa", f"{AMD[7:]}{AMD[7:]}"])
def test_what_no_tag_ever_led_to_is_not_found(known: Store, text: str) -> None:
    assert found(known, text) == {}


def test_who_may_not_see_a_repository_does_not_find_it(known: Store) -> None:
    assert ("library/secret", "covert", True) not in found(known, AMD, private=False)[AMD]


def test_a_configuration_leads_to_the_image_and_on(known: Store) -> None:
    """The image id of a running container is the digest of its configuration."""
    config = digest("config")
    parts = [
        ManifestPart(StoredManifest(INDEX, "", b"index")),
        ManifestPart(StoredManifest(AMD, "", b"image"), INDEX),
        ManifestPart(StoredManifest(config, "", b"config"), AMD),
    ]
    known.manifests.keep(parts, Tag("", None, INDEX), START, whole=True)
    assert found(known, f"docker://{config}") == {config: LEADING}
