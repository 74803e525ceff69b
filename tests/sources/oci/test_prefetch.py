"""Which manifests a crawl fetches, and that it never uses up what may be pulled."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from indexer.catalog.answers import RepositoryKey
from indexer.core.errors import Unreadable
from indexer.core.model import WHOLE_REGISTRY, CrawlStatus
from indexer.core.platforms import Platform
from indexer.crawl.crawler import crawl
from indexer.crawl.target import Target
from indexer.manifests import media_types
from indexer.manifests.fetch import ManifestReader
from indexer.manifests.ports import StoredManifest
from indexer.manifests.signatures import PREDICATE, Referrer
from indexer.store import open_store
from tests.http.fake_server import FakeClock
from tests.sources.oci import images
from tests.sources.oci.images import Recipe
from tests.sources.oci.real_registry import counted
from tests.sources.oci.test_source import Bench
from tests.support.crawls import Watcher
from tests.support.databases import sqlite_index
from tests.support.manifest_shelf import Shelf
from tests.support.memory_index import MemoryIndex

BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from indexer.core.model import Crawl
    from indexer.crawl.ports import Source
    from indexer.store import Store
    from tests.sources.oci.images import Made
    from tests.sources.oci.real_registry import RealRegistry
    from tests.support.memory_index import Index

AMD64 = Recipe().made()
ARM64 = Recipe(text="arm", architecture="arm64", variant="v8").made()
NOTE = images.attestation(AMD64)
INDEX = images.index(AMD64, ARM64, NOTE)


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    for connection in made.open:
        connection.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(sqlite_index(tmp_path / "index.db"), create=False)
    yield opened
    opened.close()


@pytest.fixture
def memory() -> MemoryIndex:
    return MemoryIndex()


def crawled(store: Index, source: Source, manifests: str, **more: Any) -> Crawl:
    target = Target(source.registry, WHOLE_REGISTRY, manifests=manifests, **more)
    return crawl(
        target,
        source=source,
        archive=store.archive,
        clock=FakeClock(),
        observer=Watcher(),
        manifests=store.manifests,
    )


def kept(store: Index, *made: Made) -> list[bool]:
    return [store.manifests.find(each.digest) is not None for each in made]


def test_all_manifests_are_fetched_once_however_many_tags_point_to_them(
    registry: RealRegistry, bench: Bench, memory: MemoryIndex
) -> None:
    registry.push(INDEX, "team/app", "1", "2", "latest")
    registry.push(AMD64, "team/other", "1")
    registry.forget()
    assert crawled(memory, bench.source(registry), "all").status is CrawlStatus.COMPLETE
    asked = counted(registry.asked())
    # the index, its two images and what is said about one of them, and a configuration of each
    assert (asked["GET manifest"], asked["GET other"]) == (4, 3)
    assert kept(memory, INDEX, AMD64, ARM64, NOTE) == [True, True, True, True]
    registry.forget()
    assert crawled(memory, bench.source(registry), "all").status is CrawlStatus.COMPLETE
    assert counted(registry.asked()) == {"GET catalog": 1, "GET list": 2, "HEAD manifest": 4}


def test_the_platforms_of_an_index_are_known_with_their_sizes(
    registry: RealRegistry, bench: Bench, store: Store
) -> None:
    registry.push(INDEX, "team/app", "1")
    crawled(store, bench.source(registry), "all")
    (tag,) = store.catalog.tags(registry.name, "team/app")
    amd64, arm64 = (sum(map(len, made.blobs)) for made in (AMD64, ARM64))
    assert tag.platforms == (
        Platform("linux", "amd64", None, None, AMD64.digest, amd64),
        Platform("linux", "arm64", "v8", None, ARM64.digest, arm64),
        Platform("unknown", "unknown", None, None, NOTE.digest, len(NOTE.body)),
    )
    assert tag.size == amd64 + arm64


def test_new_manifests_are_those_of_changes_and_not_of_the_baseline(
    registry: RealRegistry, bench: Bench, memory: MemoryIndex
) -> None:
    registry.push(AMD64, "team/app", "1")
    crawled(memory, bench.source(registry), "new")
    assert kept(memory, AMD64) == [False]
    registry.push(ARM64, "team/app", "1")
    registry.push(INDEX, "team/app", "2")
    registry.forget()
    crawled(memory, bench.source(registry), "new")
    assert kept(memory, INDEX, ARM64, AMD64) == [True, True, True]
    registry.forget()
    crawled(memory, bench.source(registry), "new")
    assert counted(registry.asked()) == {"GET catalog": 1, "GET list": 1, "HEAD manifest": 2}


def test_without_being_told_none_is_fetched(
    registry: RealRegistry, bench: Bench, memory: MemoryIndex
) -> None:
    registry.push(INDEX, "team/app", "1")
    registry.forget()
    crawled(memory, bench.source(registry), "none")
    assert counted(registry.asked()) == {"GET catalog": 1, "GET list": 1, "HEAD manifest": 1}


def test_artifacts_are_kept_as_they_are(registry: RealRegistry, bench: Bench, store: Store) -> None:
    made = images.artifact()
    registry.push(made, "team/chart", "1")
    assert crawled(store, bench.source(registry), "all").status is CrawlStatus.COMPLETE
    (tag,) = store.catalog.tags(registry.name, "team/chart")
    assert (tag.platforms, tag.size) == ((), sum(map(len, made.blobs)))
    kept_one = store.manifests.find(made.digest)
    assert kept_one is not None
    assert kept_one.content.body == made.body
    config = store.manifests.find(images.sha256(made.blobs[0]))
    assert config is not None
    assert config.content.body == made.blobs[0]


class Limited:
    """A source in front of a real one, whose manifests come from a shelf."""

    def __init__(self, source: Source, shelf: Shelf) -> None:
        self._source = source
        self.contents = shelf

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)


def test_what_may_be_pulled_is_never_used_up_and_later_crawls_go_on(
    registry: RealRegistry, bench: Bench, store: Store
) -> None:
    made = [
        images.index(*(Recipe(text=f"{n}/{m}", layers=1).made() for m in range(3)))
        for n in range(6)
    ]
    for number, each in enumerate(made):
        registry.push(each, f"team/app{number}", "1")
    shelf = Shelf(*made, pulls=10)
    statuses = []
    for _ in range(6):
        source: Any = Limited(bench.source(registry), shelf)
        statuses.append(crawled(store, source, "all").status)
        assert shelf.left is not None
        assert shelf.left >= 1
        shelf.left = 10
        if all(kept(store, *made)) and not list(store.manifests.unread(registry.name, "*")):
            break
    else:
        raise AssertionError("it does not come to an end")
    assert set(statuses) == {CrawlStatus.COMPLETE}
    (space,) = store.catalog.namespaces()
    assert space.last_crawl is not None
    pulls = space.last_crawl.pulls
    assert pulls is not None
    assert pulls.limit == 10
    assert pulls.remaining is not None
    assert pulls.remaining >= 1
    assert len(shelf.pulled) == len(set(shelf.pulled)) == 6 * 4


def test_what_refers_to_them_is_kept_where_a_registry_lists_it(
    registry: RealRegistry, bench: Bench, store: Store
) -> None:
    registry.push(AMD64, "team/app", "1")
    shelf = Shelf(AMD64)
    referrer = Referrer(images.sha256(b"s"), artifact_type="application/vnd.cncf.notary.signature")
    shelf.referring = {AMD64.digest: [referrer]}
    source: Any = Limited(bench.source(registry), shelf)
    for _ in range(2):
        crawled(store, source, "all")
    assert shelf.asked_for_referrers == [AMD64.digest]
    browser = store.browser(private=True)
    place = RepositoryKey(registry.name, "team/app")
    assert browser.referrers(place, AMD64.digest) == (referrer,)
    assert browser.referrers(RepositoryKey(registry.name, "team/other"), AMD64.digest) == ()


def test_an_attestation_whose_list_does_not_say_what_it_is_is_no_signature(
    registry: RealRegistry, bench: Bench, store: Store
) -> None:
    """Only its manifest says what it is, so that is read before it is kept."""
    registry.push(AMD64, "team/app", "1")
    attestation = images.referring(AMD64, BUNDLE, {PREDICATE: "https://slsa.dev/provenance/v1"})
    shelf = Shelf(AMD64, attestation)
    shelf.referring = {AMD64.digest: [Referrer(attestation.digest, artifact_type=BUNDLE)]}
    source: Any = Limited(bench.source(registry), shelf)
    crawled(store, source, "all")
    place = RepositoryKey(registry.name, "team/app")
    (found,) = store.browser(private=True).referrers(place, AMD64.digest)
    assert (found.kind, found.is_signature) == ("attestation (SLSA provenance)", False)


def test_a_registry_without_such_lists_is_asked_once(
    registry: RealRegistry, bench: Bench, store: Store
) -> None:
    made = [Recipe(text=f"{number}", layers=1).made() for number in range(3)]
    for number, each in enumerate(made):
        registry.push(each, "team/app", f"{number}")
    shelf = Shelf(*made)
    source: Any = Limited(bench.source(registry), shelf)
    crawled(store, source, "all", concurrency=1)
    assert all(kept(store, *made))
    assert len(shelf.asked_for_referrers) == 1


def test_manifests_that_could_not_be_pulled_are_pulled_by_a_later_crawl(
    registry: RealRegistry, bench: Bench, memory: MemoryIndex
) -> None:
    registry.push(AMD64, "team/app", "1")
    crawled(memory, bench.source(registry), "new")
    news = [Recipe(text=f"news {number}", layers=1).made() for number in range(4)]
    for number, each in enumerate(news):
        registry.push(each, "team/app", f"2.{number}")
    for pulls, had in ((3, 2), (3, 4), (3, 4)):
        shelf = Shelf(AMD64, *news, pulls=pulls)
        source: Any = Limited(bench.source(registry), shelf)
        crawled(memory, source, "new")
        assert sum(kept(memory, *news)) == had
    assert kept(memory, AMD64) == [False]


def raw(media_type: str, body: dict[str, Any]) -> StoredManifest:
    text = json.dumps(body).encode()
    return StoredManifest(images.sha256(text), media_type, text)


def index_of(*digests: str) -> StoredManifest:
    children = [
        {
            "mediaType": media_types.OCI_INDEX,
            "digest": digest,
            "size": 1,
            "platform": {"os": "linux", "architecture": "amd64"},
        }
        for digest in digests
    ]
    return raw(media_types.OCI_INDEX, {"schemaVersion": 2, "manifests": children})


class Lying(Shelf):
    """A registry whose content is not verified: what a circle of digests would look like."""

    def manifest(self, repository: str, reference: str) -> StoredManifest | None:
        found = super().manifest(repository, reference)
        return found and found._replace(digest=reference)


def test_a_manifest_that_refers_to_itself_is_refused() -> None:
    shelf = Lying()
    one, two = "sha256:" + "1" * 64, "sha256:" + "2" * 64
    shelf.held |= {one: index_of(two), two: index_of(one)}
    with pytest.raises(Unreadable, match="refers to itself"):
        ManifestReader("team/app", None, shelf).whole(one)
    assert shelf.pulled == [one, two]


def test_indexes_within_indexes_without_end_are_refused() -> None:
    shelf = Shelf()
    inner = index_of()
    for _ in range(20):
        shelf.held[inner.digest] = inner
        inner = index_of(inner.digest)
    shelf.held[inner.digest] = inner
    with pytest.raises(Unreadable, match="more than 4 deep"):
        ManifestReader("team/app", None, shelf).whole(inner.digest)
    assert len(shelf.pulled) <= 6


def test_a_manifest_that_refers_to_thousands_is_refused() -> None:
    shelf = Lying()
    digests = [f"sha256:{number:064}" for number in range(3_000)]
    halves = [
        index_of(*digests[:999]),
        index_of(*digests[999:1_998]),
        index_of(*digests[1_998:2_900]),
    ]
    shelf.held |= {digest: raw("application/x", {}) for digest in digests}
    shelf.held |= {half.digest: half for half in halves}
    whole = index_of(*(half.digest for half in halves))
    shelf.held[whole.digest] = whole
    with pytest.raises(Unreadable, match="refers to more than 2000 others"):
        ManifestReader("team/app", None, shelf).whole(whole.digest)


def test_an_index_without_some_of_its_images_is_what_it_says() -> None:
    shelf = Shelf(INDEX)
    del shelf.held[ARM64.digest]
    about = ManifestReader("team/app", None, shelf).whole(INDEX.digest)
    assert [(str(each), each.digest) for each in about.platforms] == [
        ("linux/amd64", AMD64.digest),
        ("linux/arm64/v8", ARM64.digest),
        ("unknown/unknown", NOTE.digest),
    ]
    assert about.size is None


def test_one_manifest_that_lies_is_told_and_the_others_are_kept(
    registry: RealRegistry, bench: Bench, store: Store
) -> None:
    registry.push(AMD64, "team/good", "1")
    registry.push(ARM64, "team/bad", "1")
    registry.spoil(ARM64.digest)
    done = crawled(store, bench.source(registry), "all")
    assert done.status is CrawlStatus.INCOMPLETE
    (error,) = done.errors
    assert error.startswith("team/bad: ")
    assert kept(store, AMD64, ARM64) == [True, False]
    assert {tag.digest for tag in store.catalog.tags(registry.name, "team/bad")} == {ARM64.digest}
