"""The pull part of the OCI conformance suite, case by case, under the names that the suite has.

From `conformance/run.go` and `api.go` of opencontainers/distribution-spec, as of July 2026.
Its cases that push, delete or mount do not apply to a read-only registry.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from indexer.core.reference import is_tag
from indexer.store import open_store
from tests.sources.oci.images import Recipe, index, sha256
from tests.support.databases import sqlite_index
from tests.web.kept_images import IMAGES, kept, signature
from tests.web.serving import NO_ACCOUNT, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.serving import Running

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
ACCEPT = {"Accept": f"{OCI_INDEX}, application/vnd.oci.image.manifest.v1+json"}
REPOSITORY = "/v2/docker.io/team/app"

SUBJECT = Recipe(text="subject").made()
SIGNED = signature(SUBJECT, "one")
LISTED = signature(SUBJECT, "two", "application/vnd.example.sbom")
TAGS = {
    **IMAGES,
    "subject": SUBJECT,
    "signed-by": SIGNED,
    SUBJECT.digest.replace(":", "-"): index(LISTED),
}
MANIFESTS = {each.digest: each for made in TAGS.values() for each in (made, *made.children)}
BLOBS = {
    sha256(each.blobs[0]): each.blobs[0]
    for each in MANIFESTS.values()
    if each.blobs and not each.children
}

by_tag = pytest.mark.parametrize("tag", sorted(TAGS))
by_digest = pytest.mark.parametrize("digest", sorted(MANIFESTS))
by_blob = pytest.mark.parametrize("digest", sorted(BLOBS))


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    url = sqlite_index(tmp_path_factory.mktemp("conformance") / "index.db")
    with closing(open_store(url, create=False)) as store:
        kept(store, "team/app", TAGS)
        with running(store) as site:
            yield site


def exists(site: Running, path: str, body: bytes, media_type: str | None, digest: str) -> None:
    """What the suite expects of what exists, of `GET` and of `HEAD`."""
    answer, head = (site.ask(method, path, headers=ACCEPT) for method in ("GET", "HEAD"))
    assert (answer.content, head.content) == (body, b"")
    for each in (answer, head):
        assert each.status_code == 200
        assert each.headers["Docker-Content-Digest"] == digest
        assert each.headers["Content-Length"] == str(len(body))
        assert media_type is None or each.headers["Content-Type"] == media_type


def refused(site: Running, path: str, *statuses: int, method: str = "GET") -> None:
    """What the suite expects of what does not exist, and the specification of its body."""
    answer = site.ask(method, path, headers=ACCEPT)
    assert answer.status_code in statuses
    if method == "GET":
        (error,) = answer.json()["errors"]
        assert error["code"].isupper()
        assert error["message"]


def test_ping(registry: Running) -> None:
    asked = registry.get("/v2/")
    assert asked.status_code == 401
    assert asked.headers["WWW-Authenticate"].startswith("Bearer realm=")
    assert registry.get("/v2/", headers=NO_ACCOUNT).status_code == 200


@by_tag
def test_manifest_by_tag(registry: Running, tag: str) -> None:
    made = TAGS[tag]
    assert is_tag(tag)
    exists(registry, f"{REPOSITORY}/manifests/{tag}", made.body, made.media_type, made.digest)


@by_digest
def test_manifest_by_digest(registry: Running, digest: str) -> None:
    made = MANIFESTS[digest]
    exists(registry, f"{REPOSITORY}/manifests/{digest}", made.body, made.media_type, digest)


@by_blob
def test_blob(registry: Running, digest: str) -> None:
    exists(registry, f"{REPOSITORY}/blobs/{digest}", BLOBS[digest], None, digest)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_missing_manifest_by_digest(registry: Running, method: str) -> None:
    refused(registry, f"{REPOSITORY}/manifests/{sha256(b'missing')}", 404, method=method)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_missing_manifest_by_tag(registry: Running, method: str) -> None:
    refused(registry, f"{REPOSITORY}/manifests/missing", 404, method=method)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_missing_blob(registry: Running, method: str) -> None:
    refused(registry, f"{REPOSITORY}/blobs/{sha256(b'missing')}", 404, method=method)


def test_invalid_digest_format(registry: Running) -> None:
    refused(registry, f"{REPOSITORY}/manifests/sha256:baddigeststring", 400, 404)
    refused(registry, f"{REPOSITORY}/blobs/sha256:baddigeststring", 400, 404)


def test_tag_list(registry: Running) -> None:
    found = registry.json(f"{REPOSITORY}/tags/list")["tags"]
    assert found == sorted(TAGS)
    end = len(found) // 2
    rest = registry.json(f"{REPOSITORY}/tags/list", params={"last": found[end - 1]})["tags"]
    assert rest == found[end:]
    some = registry.get(f"{REPOSITORY}/tags/list?n=3")
    assert some.json()["tags"] == found[:3]
    assert some.headers["Link"].endswith('>; rel="next"')


def referrers(site: Running, digest: str, **parameters: str) -> tuple[Any, list[Any]]:
    """The answer, and what it lists."""
    answer = site.get(f"{REPOSITORY}/referrers/{digest}", params=parameters)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, OCI_INDEX)
    told = answer.json()
    assert (told["mediaType"], told["schemaVersion"]) == (OCI_INDEX, 2)
    return answer, told["manifests"]


def test_referrers(registry: Running) -> None:
    _, found = referrers(registry, SUBJECT.digest)
    assert {each["digest"] for each in found} == {SIGNED.digest, LISTED.digest}
    answer, some = referrers(registry, SUBJECT.digest, artifactType="application/vnd.example.sig")
    assert answer.headers["OCI-Filters-Applied"] == "artifactType"
    (one,) = some
    assert {name: one[name] for name in ("digest", "mediaType", "size", "artifactType")} == {
        **SIGNED.descriptor, "artifactType": "application/vnd.example.sig",
    }  # fmt: skip
    assert one["annotations"] == {"note": "one"}


def test_empty_referrers(registry: Running) -> None:
    assert referrers(registry, sha256(b"nobody refers to it"))[1] == []


@pytest.mark.parametrize("method", ["PUT", "POST", "PATCH", "DELETE"])
def test_what_would_write_is_not_allowed(registry: Running, method: str) -> None:
    answer = registry.ask(method, f"{REPOSITORY}/manifests/image", data=b"{}")
    assert answer.status_code == 405
    assert answer.json()["errors"][0]["code"] == "UNSUPPORTED"
