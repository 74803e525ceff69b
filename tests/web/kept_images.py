"""Images whose manifests the index has: what registry clients are shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from indexer.core.model import ANONYMOUS, Repository, Tag
from indexer.manifests.ports import ManifestPart, StoredManifest
from tests.sources.oci.images import Made, Recipe, artifact, attestation, index, schema1, sha256
from tests.store.scribe import START, Scribe, tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.store import Store

AMD = Recipe(text="amd").made()
ARM = Recipe(text="arm", architecture="arm64", variant="v8").made()

IMAGES: dict[str, Made] = {
    "image": Recipe().made(),
    "docker": Recipe(text="docker", docker=True).made(),
    "index": index(AMD, ARM, attestation(AMD)),
    "list": index(AMD, ARM, docker=True),
    "artifact": artifact(),
    "schema1": schema1("one", "two"),
    "signed": schema1("one", signed=True),
}

CONFIG = "application/vnd.oci.image.config.v1+json"


def parts(made: Made, of: str | None = None) -> Iterator[ManifestPart]:
    """A manifest, and everything below it that an index keeps."""
    yield ManifestPart(StoredManifest(made.digest, made.media_type, made.body), of)
    for child in made.children:
        yield from parts(child, made.digest)
    for blob in made.blobs[:1] if not made.children else ():
        yield ManifestPart(StoredManifest(sha256(blob), CONFIG, blob), made.digest)


def kept(store: Store, name: str, images: dict[str, Made], *, private: bool = False) -> None:
    """Crawl a repository with these tags, and keep what they point to."""
    scribe = Scribe(store.archive, name.partition("/")[0], identity="me" if private else ANONYMOUS)
    scribe.repositories[name] = Repository(name, START, private=private)
    held = {each: made.digest for each, made in images.items()}
    scribe.crawl({name.partition("/")[2]: [tag(n, digest=d) for n, d in held.items()]})
    for each, made in images.items():
        about = Tag(each, START, digest=held[each])
        store.manifests.keep(list(parts(made)), about, START, whole=True)


def signature(about: Made, text: str, kind: str | None = "application/vnd.example.sig") -> Made:
    """An artifact that refers to an image, as `oras attach` and cosign push it."""
    plain = artifact(text)
    sent = json.loads(plain.body)
    sent |= {"subject": about.descriptor, "annotations": {"note": text}}
    sent |= {"artifactType": kind} if kind else {}
    return Made(json.dumps(sent).encode(), plain.media_type, plain.blobs)
