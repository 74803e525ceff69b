"""What `/v2/` fetches when it is asked for, and passes on, and for whom."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests

from indexer.core.errors import Denied, RateLimited, Unavailable
from indexer.core.model import ANONYMOUS, Repository, Tag
from indexer.core.platforms import Platform
from indexer.manifests.on_demand import OnDemand
from indexer.manifests.ports import LayerBytes, LayerSource, ManifestPart, StoredManifest
from indexer.manifests.signatures import Referrer
from tests.sources.oci.images import Recipe, artifact, attestation, index, sha256
from tests.store.scribe import START, Scribe, tag
from tests.support.manifest_shelf import Shelf
from tests.web.serving import StillClock, bearer, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.core.errors import SourceError
    from indexer.store import Store
    from tests.web.serving import Running

AMD = Recipe(text="amd").made()
NOTE = attestation(AMD)
INDEX = index(AMD, NOTE)
CHART = artifact()
SECRET = Recipe(text="not for you").made()
LATER = START + timedelta(hours=1)
APP, CLOSED = "/v2/docker.io/team/app", "/v2/docker.io/closed/app"


class LayerShelf(LayerSource):
    """Layers in memory, or at another address."""

    def __init__(self) -> None:
        self.held = {sha256(blob): blob for blob in (*AMD.blobs, *SECRET.blobs)}
        self.location: str | None = None
        self.cut = False
        self.asked: list[tuple[str, str, str | None]] = []
        self.closed = 0

    def layer(
        self, repository: str, digest: str, byte_range: str | None = None
    ) -> LayerBytes | None:
        self.asked.append((repository, digest, byte_range))
        if digest not in self.held:
            return None
        if self.location is not None:
            return LayerBytes(self.location)
        body, told = self.held[digest], None
        length = len(body)
        if byte_range is not None:
            body, told = body[1:3], f"bytes 1-2/{length}"
        return LayerBytes(
            chunks=self._chunks(body), length=len(body), content_range=told, close=self._close
        )

    def _chunks(self, body: bytes) -> Iterator[bytes]:
        yield body[:1]
        if self.cut:
            raise Unavailable("it was cut short.")
        yield body[1:]

    def _close(self) -> None:
        self.closed += 1

    def has_layer(self, repository: str, digest: str) -> bool:
        self.asked.append((repository, digest, None))
        return digest in self.held


class Failing(Shelf):
    """A registry that does not give what it is asked for."""

    def __init__(self, error: SourceError) -> None:
        super().__init__()
        self.error = error

    def manifest(self, repository: str, reference: str) -> StoredManifest | None:
        super().manifest(repository, reference)
        raise self.error


@pytest.fixture
def store(empty: Store) -> Store:
    """An index of a public and a private repository that has fetched nothing."""
    for name, private in (("team/app", False), ("closed/app", True)):
        namespace = name.partition("/")[0]
        scribe = Scribe(empty.archive, namespace, identity="me" if private else ANONYMOUS)
        scribe.repositories[name] = Repository(name, START, private=private)
        platform = Platform("linux", "amd64", None, None, AMD.digest, 7)
        held = [
            tag("v1", digest=INDEX.digest, platforms=(platform,)),
            tag("c", digest=CHART.digest),
        ]
        scribe.crawl({"app": [tag("v1", digest=SECRET.digest)] if private else held})
    return empty


@contextmanager
def site_with(store: Store, shelf: Shelf, layers: LayerShelf | None = None) -> Iterator[Running]:
    clock = StillClock()
    more: dict[str, Any] = {"layers_of": lambda *_: layers} if layers else {}
    on_demand = OnDemand(store.manifests, lambda *_: shelf, clock)
    with running(store, clock=clock, on_demand=on_demand, **more) as site:
        yield site


def test_everything_below_a_tag_can_be_fetched_from_the_top_down(store: Store) -> None:
    shelf, layers = Shelf(INDEX, CHART), LayerShelf()
    config, layer = map(sha256, AMD.blobs)
    with site_with(store, shelf, layers) as site:
        assert site.get(f"{APP}/manifests/v1").content == INDEX.body
        for made in (AMD, NOTE, CHART):
            answer = site.get(f"{APP}/manifests/{made.digest}")
            assert answer.content == made.body
            assert answer.headers["Content-Type"] == made.media_type
            assert site.get(f"{APP}/blobs/{sha256(made.blobs[0])}").content == made.blobs[0]
        answer = site.get(f"{APP}/blobs/{layer}")
        assert (answer.content, answer.headers["Docker-Content-Digest"]) == (AMD.blobs[1], layer)
        assert answer.headers["Content-Length"] == str(len(AMD.blobs[1]))
        assert site.get(f"{APP}/blobs/{config}").content == AMD.blobs[0]
    assert sorted(shelf.pulled) == sorted(m.digest for m in (INDEX, AMD, NOTE, CHART))
    assert layers.asked == [("team/app", layer, None)]
    assert layers.closed == 1
    with running(store) as site:  # which asks nobody
        assert site.get(f"{APP}/manifests/{NOTE.digest}").content == NOTE.body


def test_head_tells_what_is_known_without_asking_the_registry(store: Store) -> None:
    shelf, layers = Shelf(INDEX), LayerShelf()
    with site_with(store, shelf, layers) as site:
        head = site.ask("HEAD", f"{APP}/manifests/{AMD.digest}")  # from the list of platforms
        assert (head.status_code, head.headers["Docker-Content-Digest"]) == (200, AMD.digest)
        assert "Content-Length" not in head.headers
        site.get(f"{APP}/manifests/v1")
        head = site.ask("HEAD", f"{APP}/manifests/{NOTE.digest}")  # from the index
        assert head.headers["Content-Type"] == NOTE.media_type
        assert head.headers["Content-Length"] == str(len(NOTE.body))
        site.get(f"{APP}/manifests/{AMD.digest}")
        for blob in AMD.blobs:
            head = site.ask("HEAD", f"{APP}/blobs/{sha256(blob)}")
            assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(blob)))
    assert shelf.pulled == [INDEX.digest, AMD.digest]


def test_what_a_repository_never_had_is_not_asked_for(store: Store) -> None:
    shelf, layers = Shelf(INDEX, SECRET), LayerShelf()
    with site_with(store, shelf, layers) as site:
        site.get(f"{APP}/manifests/v1")
        shelf.pulled.clear()
        answer = site.get(f"{APP}/manifests/{SECRET.digest}")
        assert (answer.status_code, "never pointed to it" in answer.text) == (404, True)
        for blob in SECRET.blobs:
            answer = site.get(f"{APP}/blobs/{sha256(blob)}")
            assert (answer.status_code, "BLOB_UNKNOWN" in answer.text) == (404, True)
        wrong = site.get(f"{APP}/manifests/{sha256(AMD.blobs[0])}")
        assert wrong.status_code == 404
    assert (shelf.pulled, layers.asked) == ([], [])


def test_a_configuration_is_no_manifest_and_a_manifest_is_no_blob(store: Store) -> None:
    with site_with(store, Shelf(INDEX)) as site:
        site.get(f"{APP}/manifests/v1")
        site.get(f"{APP}/manifests/{AMD.digest}")
        for _ in range(2):
            answer = site.get(f"{APP}/manifests/{sha256(AMD.blobs[0])}")
            assert (answer.status_code, "never" in answer.text) == (404, False)
            assert "below 'blobs/'" in answer.text
            site.get(f"{APP}/blobs/{sha256(AMD.blobs[0])}")  # now it is stored
        answer = site.get(f"{APP}/blobs/{NOTE.digest}")
        assert "below 'manifests/'" in answer.text


def test_what_is_private_is_fetched_for_the_token_only_and_its_layers_for_nobody(
    store: Store,
) -> None:
    shelf, layers = Shelf(SECRET), LayerShelf()
    paths = [f"manifests/{SECRET.digest}", *(f"blobs/{sha256(blob)}" for blob in SECRET.blobs)]
    with site_with(store, shelf, layers) as site:
        assert [site.get(f"{CLOSED}/{path}").status_code for path in paths] == [401] * 3
        assert shelf.pulled == []
        found = [site.get(f"{CLOSED}/{path}", headers=bearer()).status_code for path in paths]
        assert found == [200, 200, 404]
        assert [site.get(f"{CLOSED}/{path}").status_code for path in paths] == [401] * 3
        here = [site.get(f"{APP}/{path}", headers=bearer()).status_code for path in paths]
        assert here == [404] * 3
    assert (shelf.pulled, layers.asked) == ([SECRET.digest], [])


def test_what_the_registry_has_no_more_is_404_and_asked_for_once(store: Store) -> None:
    shelf, layers = Shelf(INDEX, AMD), LayerShelf()
    layers.held.clear()
    with site_with(store, shelf, layers) as site:
        for path in ("manifests/v1", f"manifests/{AMD.digest}"):
            assert site.get(f"{APP}/{path}").status_code == 200
        del shelf.held[NOTE.digest]
        for _ in range(3):
            answer = site.get(f"{APP}/manifests/{NOTE.digest}")
            assert (answer.status_code, "MANIFEST_UNKNOWN" in answer.text) == (404, True)
        layer = f"{APP}/blobs/{sha256(AMD.blobs[1])}"
        assert site.get(layer).status_code == 404
        assert site.ask("HEAD", layer).status_code == 404
    assert shelf.pulled.count(NOTE.digest) == 1


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RateLimited("wait for an hour, my-account."), 429, "TOOMANYREQUESTS"),
        (Unavailable("my-account: it is down."), 503, "UNAVAILABLE"),
        (Denied("my-account may not."), 503, "UNAVAILABLE"),
    ],
)
def test_a_registry_that_gives_nothing_is_told_and_no_account_to_the_public(
    store: Store, error: SourceError, status: int, code: str
) -> None:
    with site_with(store, Failing(error)) as site:
        for headers in ({}, bearer()):
            answer = site.get(f"{APP}/manifests/v1", headers=headers)
            assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)
            assert answer.headers["Retry-After"] == "60"
            assert ("my-account" in answer.text) == (bool(headers) and status == 503)


def test_a_signed_address_is_handed_on_and_not_cached(store: Store) -> None:
    layers = LayerShelf()
    layers.location = "https://storage.example.com/x?Signature=y%2Bz"
    with site_with(store, Shelf(INDEX), layers) as site:
        for path in ("manifests/v1", f"manifests/{AMD.digest}"):
            site.get(f"{APP}/{path}")
        answer = site.get(f"{APP}/blobs/{sha256(AMD.blobs[1])}", headers=bearer())
    assert (answer.status_code, answer.headers["Location"]) == (307, layers.location)
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_part_of_a_layer_is_passed_on_and_a_layer_that_is_cut_short_is_not_whole(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    layers = LayerShelf()
    with site_with(store, Shelf(INDEX), layers) as site:
        for path in ("manifests/v1", f"manifests/{AMD.digest}"):
            site.get(f"{APP}/{path}")
        layer = f"{APP}/blobs/{sha256(AMD.blobs[1])}"
        part = site.get(layer, headers={"Range": "bytes=1-2"})
        assert (part.status_code, part.content) == (206, AMD.blobs[1][1:3])
        assert part.headers["Content-Range"] == f"bytes 1-2/{len(AMD.blobs[1])}"
        for odd in ("bytes=0-1,3-4", "lines=1-2", "bytes=a-b"):
            assert site.get(layer, headers={"Range": odd}).content == AMD.blobs[1]
        layers.cut = True
        with pytest.raises(requests.RequestException):
            site.get(layer)
    assert layers.closed == 5
    assert [record.getMessage() for record in caplog.records] == [
        "a layer of docker.io was cut short: it was cut short."
    ]


def test_what_refers_to_an_image_can_be_fetched_too(store: Store) -> None:
    note = artifact("signature")
    kind = "application/vnd.cncf.notary.signature"
    listed = Referrer(note.digest, note.media_type, len(note.body), kind)
    with site_with(store, Shelf(INDEX, note)) as site:
        path = f"{APP}/manifests/{note.digest}"
        assert site.get(path).status_code == 404
        store.manifests.keep_referrers("docker.io", "team/app", INDEX.digest, [listed], LATER)
        assert site.get(path).content == note.body
        config = sha256(note.blobs[0])
        assert site.get(f"{APP}/blobs/{config}").content == note.blobs[0]
        assert site.get(f"{CLOSED}/manifests/{note.digest}").status_code == 401


def test_without_fetching_it_says_how_to_have_it(store: Store) -> None:
    with running(store) as site:
        answer = site.get(f"{APP}/manifests/v1")
    assert answer.status_code == 404
    assert "[serve] fetch" in answer.text


def test_what_was_fetched_for_another_repository_becomes_a_part_of_this_one(store: Store) -> None:
    with site_with(store, Shelf(INDEX)) as site:
        site.get(f"{APP}/manifests/v1")
    scribe = Scribe(store.archive, "other")
    scribe.crawl({"app": [tag("v1", digest=NOTE.digest)]})
    kept = ManifestPart(StoredManifest(NOTE.digest, NOTE.media_type, NOTE.body))
    store.manifests.keep([kept], Tag("", None, NOTE.digest), LATER, whole=False)
    shelf = Shelf()
    with site_with(store, shelf) as site:
        assert site.get(f"{APP}/manifests/{NOTE.digest}").content == NOTE.body
    assert shelf.pulled == []
    with running(store) as site:
        assert site.get(f"{APP}/manifests/{NOTE.digest}").content == NOTE.body
