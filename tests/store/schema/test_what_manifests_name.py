"""Revision 0030: what stored manifests name is known, and what they lack is fetched again."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from alembic import command

from indexer.catalog.answers import RepositoryKey
from indexer.core.model import Tag
from indexer.manifests.ports import ManifestPart, StoredManifest
from indexer.store import open_store
from tests.sources.oci.images import Recipe, attestation, index, sha256
from tests.store.schemas import alembic_of_the_checkout
from tests.store.scribe import START, Scribe, tag

if TYPE_CHECKING:
    import pytest

    from indexer.store import Store
    from tests.sources.oci.images import Made

AMD = Recipe(text="amd").made()
NOTE = attestation(AMD)
INDEX = index(AMD, NOTE)
PLACE = RepositoryKey("docker.io", "library/nginx")


def stored(made: Made, of: str | None = None) -> ManifestPart:
    return ManifestPart(StoredManifest(made.digest, made.media_type, made.body), of)


def keep(store: Store, made: Made, *children: Made) -> None:
    config = ManifestPart(StoredManifest(sha256(AMD.blobs[0]), "", AMD.blobs[0]), AMD.digest)
    parts = [stored(made), *(stored(each, made.digest) for each in children), config]
    store.manifests.keep(parts, Tag("", None, made.digest), START, whole=True)


def test_attestations_that_are_not_stored_are_known_and_fetched_by_the_next_crawl(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INDEXER_DATABASE_URL", database_url)
    with closing(open_store(database_url, create=True)) as store:
        held = [tag("index", digest=INDEX.digest), tag("image", digest=AMD.digest)]
        Scribe(store.archive).crawl({"nginx": held})
        keep(store, INDEX, AMD)
        keep(store, AMD)
        assert list(store.manifests.unread("docker.io", "library")) == []
    command.downgrade(alembic_of_the_checkout(), "0029")

    with closing(open_store(database_url, create=False)) as store:
        assert list(store.manifests.unread("docker.io", "library")) == [
            (PLACE.repository, INDEX.digest)
        ]
        for digest in (NOTE.digest, *map(sha256, AMD.blobs)):
            part = store.browser(private=False).named(PLACE, digest)
            assert part is not None
            assert part.digest == digest
