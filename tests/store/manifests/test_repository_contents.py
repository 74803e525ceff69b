"""What belongs to a repository although it is not stored, on both databases."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from indexer.catalog.answers import RepositoryKey
from indexer.core.model import ANONYMOUS, Repository, Tag
from indexer.core.platforms import Platform
from indexer.manifests.media_types import OCI_CONFIG
from indexer.manifests.ports import ManifestPart, NamedPart, PartKind, StoredManifest
from indexer.store.sql_reports.reports import Reports
from tests.sources.oci.images import LAYER, Recipe, artifact, attestation, index, sha256
from tests.store.scribe import START, Scribe, tag

if TYPE_CHECKING:
    from indexer.store import Store
    from tests.sources.oci.images import Made

APP = RepositoryKey("docker.io", "team/app")
OTHER = RepositoryKey("docker.io", "closed/app")

AMD = Recipe(text="amd").made()
NOTE = attestation(AMD)
INDEX = index(AMD, NOTE)
CHART = artifact()


def crawled(store: Store, *tags: Tag, place: RepositoryKey = APP, private: bool = False) -> None:
    namespace, _, name = place.repository.partition("/")
    scribe = Scribe(store.archive, namespace, identity="me" if private else ANONYMOUS)
    scribe.repositories[place.repository] = Repository(place.repository, START, private=private)
    scribe.crawl({name: list(tags)})


def kept(store: Store, made: Made, *more: tuple[Made, str]) -> None:
    """Keep a manifest, and some of what it names."""
    parts = [ManifestPart(StoredManifest(made.digest, made.media_type, made.body))]
    parts += [
        ManifestPart(StoredManifest(each.digest, each.media_type, each.body), of)
        for each, of in more
    ]
    store.manifests.keep(parts, Tag("", None, made.digest), START, whole=False)


def named(store: Store, digest: str, place: RepositoryKey = APP) -> NamedPart | None:
    return store.browser(private=False).named(place, digest)


def test_what_a_stored_manifest_names_belongs_to_the_repository(store: Store) -> None:
    crawled(store, tag("v1", digest=INDEX.digest))
    kept(store, INDEX, (AMD, INDEX.digest))
    config, layer = map(sha256, AMD.blobs)
    root = INDEX.digest
    assert named(store, NOTE.digest) == NamedPart(
        NOTE.digest, PartKind.MANIFEST, NOTE.media_type, len(NOTE.body), root, root
    )
    assert named(store, config) == NamedPart(
        config, PartKind.CONFIG, OCI_CONFIG, len(AMD.blobs[0]), AMD.digest, root
    )
    assert named(store, layer) == NamedPart(
        layer, PartKind.LAYER, LAYER, len(AMD.blobs[1]), AMD.digest, root
    )
    assert named(store, sha256(NOTE.blobs[0])) is None  # who names it is not stored


def test_what_a_tag_pointed_to_before_names_it_too(store: Store) -> None:
    crawled(store, tag("v1", digest=CHART.digest))
    crawled(store, tag("v1", digest=INDEX.digest))
    kept(store, CHART)
    part = named(store, sha256(CHART.blobs[0]))
    assert part is not None
    assert (part.kind, part.root) == (PartKind.CONFIG, CHART.digest)


def test_an_image_of_a_list_of_platforms_belongs_to_it(store: Store) -> None:
    platform = Platform("linux", "amd64", None, None, AMD.digest, 7)
    crawled(store, tag("v1", digest=INDEX.digest, platforms=(platform,)))
    crawled(store, tag("v1", digest=CHART.digest))
    assert named(store, AMD.digest) == NamedPart(
        AMD.digest, PartKind.MANIFEST, "", None, INDEX.digest, INDEX.digest
    )
    shifted = "sha256:" + AMD.digest[9:] + "00"
    assert named(store, shifted) is None


def test_what_only_a_private_repository_names_is_not_anothers(store: Store) -> None:
    platform = Platform("linux", "arm64", None, None, sha256(b"arm"), 7)
    crawled(store, tag("v1", digest=CHART.digest))
    held = tag("v1", digest=INDEX.digest, platforms=(platform,))
    crawled(store, held, place=OTHER, private=True)
    kept(store, INDEX, (AMD, INDEX.digest))
    for digest in (NOTE.digest, sha256(AMD.blobs[0]), sha256(b"arm")):
        assert named(store, digest, APP) is None
        assert named(store, digest, OTHER) is None
        part = store.browser(private=True).named(OTHER, digest)
        assert part is not None
        assert part.root == INDEX.digest


def test_an_attestation_is_not_among_the_settings_of_images(
    store: Store, database_url: str
) -> None:
    crawled(store, tag("v1", digest=INDEX.digest))
    config = StoredManifest(sha256(NOTE.blobs[0]), OCI_CONFIG, NOTE.blobs[0])
    note = StoredManifest(NOTE.digest, NOTE.media_type, NOTE.body)
    parts = [ManifestPart(note, INDEX.digest), ManifestPart(config, NOTE.digest)]
    whole = StoredManifest(INDEX.digest, INDEX.media_type, INDEX.body)
    store.manifests.keep(
        [ManifestPart(whole), *parts], Tag("", None, INDEX.digest), START, whole=True
    )
    assert store.browser(private=False).content(APP, config.digest) == config
    with closing(Reports(database_url)) as reports:
        assert list(reports.rows("report_images")) == []
