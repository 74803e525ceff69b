"""What a client asks for is fetched once, kept, and not asked for again soon if that failed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import Missing, StoreError, Unavailable
from indexer.manifests.fetch import EMPTY
from indexer.manifests.on_demand import FAILED_SECONDS, MISSING_SECONDS, OnDemand
from indexer.manifests.ports import NamedPart, PartKind
from indexer.manifests.prefetch import PullSavingSource, PullsReserved
from tests.http.fake_server import FakeClock
from tests.sources.oci.images import Recipe, index, sha256
from tests.store.scribe import Scribe, tag
from tests.support.manifest_shelf import Shelf
from tests.support.memory_index import MemoryIndex
from tests.support.memory_manifests import MemoryManifestStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from indexer.core.model import Tag
    from indexer.manifests.ports import ManifestPart, ManifestSource, StoredManifest

AMD, ARM = Recipe(text="amd").made(), Recipe(text="arm").made()
INDEX = index(AMD, ARM)
ROOT = NamedPart(INDEX.digest, PartKind.MANIFEST, INDEX.media_type, None, None, INDEX.digest)
CHILD = NamedPart(AMD.digest, PartKind.MANIFEST, AMD.media_type, 7, INDEX.digest, INDEX.digest)
CONFIG = NamedPart(sha256(AMD.blobs[0]), PartKind.CONFIG, "a/b", 7, AMD.digest, INDEX.digest)


class Broken(Shelf):
    """A registry that is down."""

    def manifest(self, repository: str, reference: str) -> StoredManifest | None:
        super().manifest(repository, reference)
        raise Unavailable("it is down.")


@pytest.fixture
def memory() -> MemoryIndex:
    made = MemoryIndex()
    Scribe(made.archive).crawl({"nginx": [tag("1", digest=INDEX.digest)]})
    return made


def fetching(memory: MemoryIndex, contents: ManifestSource, clock: FakeClock) -> OnDemand:
    return OnDemand(memory.manifests, lambda *_: contents, clock)


def test_a_manifest_is_fetched_once_and_kept(memory: MemoryIndex) -> None:
    shelf = Shelf(INDEX)
    on_demand = fetching(memory, shelf, FakeClock())
    for part, body in ((ROOT, INDEX.body), (CHILD, AMD.body), (CONFIG, AMD.blobs[0])):
        for _ in range(2):
            assert on_demand.fetch("docker.io", "library/nginx", part).body == body
        assert memory.manifests.find(part.digest) is not None
    assert shelf.pulled == [INDEX.digest, AMD.digest]


def test_who_names_it_is_fetched_before_it_if_it_is_not_stored(memory: MemoryIndex) -> None:
    shelf = Shelf(INDEX)
    fetching(memory, shelf, FakeClock()).fetch("docker.io", "library/nginx", CHILD)
    assert shelf.pulled == [INDEX.digest, AMD.digest]
    assert memory.manifests.find(INDEX.digest) is not None


def test_what_the_registry_does_not_have_is_asked_for_again_after_an_hour(
    memory: MemoryIndex,
) -> None:
    shelf, clock = Shelf(), FakeClock()
    on_demand = fetching(memory, shelf, clock)
    for seconds in (0.0, MISSING_SECONDS - 1, 1.0, 1.0):
        clock.advance(seconds)
        with pytest.raises(Missing):
            on_demand.fetch("docker.io", "library/nginx", ROOT)
    assert len(shelf.pulled) == 2


def test_a_registry_that_is_down_is_asked_again_after_a_minute(memory: MemoryIndex) -> None:
    broken, clock = Broken(), FakeClock()
    on_demand = fetching(memory, broken, clock)
    for seconds in (0.0, FAILED_SECONDS - 1, 1.0, 1.0):
        clock.advance(seconds)
        with pytest.raises(Unavailable):
            on_demand.fetch("docker.io", "library/nginx", ROOT)
    assert len(broken.pulled) == 2


def test_a_failure_is_of_one_repository(memory: MemoryIndex) -> None:
    shelves = {"library/nginx": Shelf(), "library/redis": Shelf(INDEX)}
    on_demand = OnDemand(memory.manifests, lambda _, name: shelves[name], FakeClock())
    with pytest.raises(Missing):
        on_demand.fetch("docker.io", "library/nginx", ROOT)
    assert on_demand.fetch("docker.io", "library/redis", ROOT).body == INDEX.body


def test_pulls_are_left_for_others(memory: MemoryIndex) -> None:
    saving = PullSavingSource(Shelf(INDEX, pulls=2))
    on_demand = fetching(memory, saving, FakeClock())
    on_demand.fetch("docker.io", "library/nginx", ROOT)
    with pytest.raises(PullsReserved):
        on_demand.fetch("docker.io", "library/nginx", CHILD)


def test_no_registry_is_asked_for_the_empty_configuration(memory: MemoryIndex) -> None:
    shelf = Shelf(INDEX)
    shelf.held.pop(EMPTY.digest, None)
    part = CONFIG._replace(digest=EMPTY.digest, parent=None)
    found = fetching(memory, shelf, FakeClock()).fetch("docker.io", "library/nginx", part)
    assert (found.body, shelf.pulled) == (b"{}", [])


class Full(MemoryManifestStore):
    """An index that nothing can be written to."""

    def keep(
        self, parts: Sequence[ManifestPart], about: Tag, now: datetime, *, whole: bool
    ) -> None:
        raise StoreError(f"no room for {len(parts)} parts of {about}, {now}, {whole}")


def test_what_cannot_be_kept_is_served_all_the_same(memory: MemoryIndex) -> None:
    full = Full(memory.archive)
    on_demand = OnDemand(full, lambda *_: Shelf(INDEX), FakeClock())
    assert on_demand.fetch("docker.io", "library/nginx", ROOT).body == INDEX.body
    assert full.find(INDEX.digest) is None


class Slow(Shelf):
    """A registry that answers when it is told to."""

    def __init__(self) -> None:
        super().__init__(INDEX)
        self.asked = threading.Event()
        self.answers = threading.Event()

    def manifest(self, repository: str, reference: str) -> StoredManifest | None:
        found = super().manifest(repository, reference)
        self.asked.set()
        assert self.answers.wait(30)
        return found


def test_clients_that_wait_for_the_same_content_cause_one_request(memory: MemoryIndex) -> None:
    slow = Slow()
    on_demand = fetching(memory, slow, FakeClock())
    found: list[bytes] = []

    def fetch() -> None:
        found.append(on_demand.fetch("docker.io", "library/nginx", ROOT).body)

    threads = [threading.Thread(target=fetch) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert slow.asked.wait(30)
    slow.answers.set()
    for thread in threads:
        thread.join(30)
    assert found == [INDEX.body] * 4
    assert slow.pulled == [INDEX.digest]
