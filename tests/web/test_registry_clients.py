"""Other clients of the registry API: skopeo, and a Python client with a catalog."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import dxf
import pytest

from indexer.manifests.signatures import Referrer
from indexer.web.access_rules import AccessRules
from tests.sources.oci.images import Recipe, artifact, index, sha256
from tests.store.scribe import START, Scribe, tag
from tests.support.databases import missing
from tests.web.kept_images import ARM, IMAGES, kept, signature
from tests.web.serving import NO_ACCOUNT, OWNER, TOKEN, bearer, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.store import Store
    from tests.web.serving import Running


@pytest.fixture
def manifests(empty: Store) -> Iterator[Running]:
    """A site over an index that has fetched what its tags point to."""
    kept(empty, "team/app", IMAGES)
    kept(empty, "closed/app", {"v1": Recipe(text="not for you").made()}, private=True)
    with running(empty) as site:
        yield site


def skopeo(*arguments: str) -> bytes:
    """What skopeo prints."""
    if shutil.which("skopeo") is None:
        missing("there is no skopeo here: apt-get install skopeo")
    done = subprocess.run(
        ["skopeo", *arguments],
        capture_output=True,
        check=False,
        timeout=60,
        env={"PATH": "/usr/bin"},
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def at(site: Running, name: str) -> str:
    return f"docker://{site.address.removeprefix('http://')}/{name}"


def test_skopeo_lists_the_tags(manifests: Running) -> None:
    found = json.loads(
        skopeo("list-tags", "--tls-verify=false", at(manifests, "docker.io/team/app"))
    )
    assert found["Tags"] == sorted(IMAGES)


def test_skopeo_lists_tags_over_several_pages(empty: Store) -> None:
    names = [f"1.{number:05}" for number in range(10_001)]
    Scribe(empty.archive).crawl({"many": [tag(name, "same") for name in names]})
    with running(empty) as site:
        found = json.loads(
            skopeo("list-tags", "--tls-verify=false", at(site, "docker.io/library/many"))
        )
    assert found["Tags"] == names


@pytest.mark.parametrize("name", sorted(set(IMAGES) - {"signed"}))
def test_skopeo_gets_the_very_bytes_by_tag_and_by_digest(manifests: Running, name: str) -> None:
    inspect = ("inspect", "--raw", "--tls-verify=false")
    assert skopeo(*inspect, at(manifests, f"docker.io/team/app:{name}")) == IMAGES[name].body
    by_digest = at(manifests, f"docker.io/team/app@{IMAGES[name].digest}")
    assert skopeo(*inspect, by_digest) == IMAGES[name].body


def test_skopeo_inspects_an_index_down_to_its_configuration(manifests: Running) -> None:
    options = ("--tls-verify=false", "--override-os=linux", "--override-arch=arm64")
    found = json.loads(skopeo(*options[1:], "inspect", options[0], at(manifests, "team/app:index")))
    assert found["Digest"] == IMAGES["index"].digest
    assert found["Architecture"] == "arm64"
    assert found["RepoTags"] == sorted(IMAGES)


def test_skopeo_sends_the_token_where_it_is_closed(empty: Store) -> None:
    kept(empty, "closed/app", {"v1": Recipe().made()}, private=True)
    with running(empty, AccessRules(tokens=(OWNER,), closed=True)) as site:
        name = at(site, "docker.io/closed/app")
        found = skopeo("list-tags", "--tls-verify=false", "--creds", f"any:{TOKEN}", name)
    assert json.loads(found)["Tags"] == ["v1"]


@pytest.mark.parametrize("size", [None, 1, 3])
def test_another_client_pages_the_catalog(site: Running, size: int | None) -> None:
    client = dxf.DXFBase(site.address.removeprefix("http://"), insecure=True)
    found: Any = client.list_repos(batch_size=size)
    assert found == site.json("/v2/_catalog")["repositories"]


def test_another_client_reads_manifests_and_configurations(manifests: Running) -> None:
    host = manifests.address.removeprefix("http://")
    client = dxf.DXF(host, "docker.io/team/app", insecure=True)
    assert client.list_aliases() == sorted(IMAGES)
    assert client.get_digest("image") == sha256(IMAGES["image"].blobs[0])
    pulled: Any = client.pull_blob(sha256(IMAGES["image"].blobs[0]))
    config = b"".join(pulled)
    assert config == IMAGES["image"].blobs[0]


@pytest.mark.parametrize("name", sorted(IMAGES))
def test_head_has_the_headers_of_get(manifests: Running, name: str) -> None:
    path = f"/v2/docker.io/team/app/manifests/{name}"
    answer, head = manifests.get(path), manifests.ask("HEAD", path)
    assert answer.content == IMAGES[name].body
    for told in (answer, head):
        assert told.headers["Docker-Content-Digest"] == IMAGES[name].digest
        assert told.headers["Content-Type"] == IMAGES[name].media_type
        assert int(told.headers["Content-Length"]) == len(IMAGES[name].body)
    assert head.content == b""


def test_parts_of_an_image_are_found_below_its_repository_only(manifests: Running) -> None:
    config = sha256(IMAGES["image"].blobs[0])
    layer = sha256(IMAGES["image"].blobs[1])
    assert manifests.get(f"/v2/team/app/manifests/{ARM.digest}").content == ARM.body
    assert manifests.get(f"/v2/team/app/blobs/{config}").content == IMAGES["image"].blobs[0]
    assert manifests.get(f"/v2/team/app/blobs/{layer}").status_code == 404
    assert manifests.get(f"/v2/team/app/blobs/{ARM.digest}").status_code == 404
    hidden = Recipe(text="not for you").made()
    for reference in (f"manifests/{hidden.digest}", f"blobs/{sha256(hidden.blobs[0])}"):
        here, there = (f"/v2/docker.io/{name}/app/{reference}" for name in ("team", "closed"))
        assert manifests.get(here).status_code == 404
        assert manifests.get(here, headers=bearer()).status_code == 404
        assert manifests.get(there).status_code == 401
        assert manifests.get(there, headers=NO_ACCOUNT).status_code == 404
        assert manifests.get(there, headers=bearer()).status_code == 200


def test_what_a_tag_pointed_to_before_is_still_there(empty: Store) -> None:
    old = Recipe(text="old").made()
    kept(empty, "team/app", {"latest": old})
    kept(empty, "team/app", {"latest": Recipe(text="new").made()})
    with running(empty) as site:
        assert site.get(f"/v2/docker.io/team/app/manifests/{old.digest}").content == old.body


def test_referrers_are_those_that_clients_keep_under_a_tag(empty: Store) -> None:
    image = Recipe().made()
    about = index(artifact("signature"))
    tags = {"v1": image, image.digest.replace(":", "-"): about}
    kept(empty, "team/app", tags)
    with running(empty) as site:
        found = site.get(f"/v2/docker.io/team/app/referrers/{image.digest}")
    assert found.json() == json.loads(about.body)
    assert found.headers["Content-Type"] == about.media_type


def test_referrers_are_also_those_that_say_so_themselves(empty: Store) -> None:
    image, other = Recipe().made(), Recipe(text="other").made()
    signed, listed = signature(image, "one"), signature(image, "two", None)
    tags = {
        "v1": image,
        "other": other,
        "signed": signed,
        "of-other": signature(other, "three"),
        image.digest.replace(":", "-"): index(signed, listed),
    }
    kept(empty, "team/app", tags)
    path = f"/v2/docker.io/team/app/referrers/{image.digest}"
    with running(empty) as site:
        found = site.get(path)
        some = site.get(path, params={"artifactType": "application/vnd.example.sig"})
        nothing = site.json(path, params={"artifactType": "application/vnd.example.sbom"})
    digests = [each["digest"] for each in found.json()["manifests"]]
    assert sorted(digests) == sorted([signed.digest, listed.digest])
    assert "OCI-Filters-Applied" not in found.headers
    assert some.headers["OCI-Filters-Applied"] == "artifactType"
    assert [each["digest"] for each in some.json()["manifests"]] == [signed.digest]
    assert nothing["manifests"] == []


def test_referrers_are_also_those_that_the_registry_listed(empty: Store) -> None:
    image = Recipe().made()
    kept(empty, "team/app", {"v1": image})
    kept(empty, "closed/secret", {"v1": image}, private=True)
    later = START + timedelta(hours=1)
    notation = Referrer(sha256(b"n"), image.media_type, 7, "application/vnd.cncf.notary.signature")
    for name in ("team/app", "closed/secret"):
        empty.manifests.keep_referrers("docker.io", name, image.digest, [notation], later)
    with running(empty) as site:
        found = site.json(f"/v2/team/app/referrers/{image.digest}")["manifests"]
        closed = site.get(f"/v2/closed/secret/referrers/{image.digest}", headers=NO_ACCOUNT)
        assert closed.status_code == 404
    assert found == [
        {
            "mediaType": image.media_type,
            "digest": notation.digest,
            "size": 7,
            "artifactType": notation.artifact_type,
        }
    ]


def test_a_referrer_is_described_with_its_type_and_its_annotations(empty: Store) -> None:
    image = Recipe().made()
    typed, plain = signature(image, "one"), signature(image, "two", None)
    kept(empty, "team/app", {"v1": image, "a": typed, "b": plain})
    with running(empty) as site:
        found = site.json(f"/v2/team/app/referrers/{image.digest}")["manifests"]
    config = "application/vnd.cncf.helm.config.v1+json"
    expected = [
        made.descriptor | {"artifactType": kind, "annotations": {"note": note}}
        for made, kind, note in (
            (typed, "application/vnd.example.sig", "one"),
            (plain, config, "two"),  # where the manifest says nothing, its configuration does
        )
    ]
    assert sorted(found, key=str) == sorted(expected, key=str)
