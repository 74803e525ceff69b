"""Images are pulled through `indexer serve`, from a real registry."""

from __future__ import annotations

import subprocess
import tempfile
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from indexer.bootstrap.registry_content import RegistryContent
from indexer.config import RegistrySettings, Settings
from indexer.core.model import WHOLE_REGISTRY
from indexer.manifests.on_demand import OnDemand
from indexer.store import open_store
from tests.sources.oci.images import Recipe, artifact, attestation, index, sha256
from tests.sources.oci.real_registry import RealRegistry, installed
from tests.store.scribe import Scribe, tag
from tests.support.databases import sqlite_index
from tests.web.serving import StillClock, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from indexer.store import Store
    from tests.sources.oci.images import Made
    from tests.web.serving import Running

REGISTRY = "registry.test"
APP = f"{REGISTRY}/team/app"

AMD = Recipe(text="amd", layers=2).made()
ARM = Recipe(text="arm", architecture="arm64").made()
NOTE = attestation(AMD)
BEFORE = index(AMD, ARM, NOTE)
NOW = Recipe(text="now").made()
CHART = artifact()


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    """A docker-registry with an image whose tag has moved since."""
    with RealRegistry(tmp_path_factory.mktemp("registry")) as real:
        real.push(BEFORE, "team/app", "v1")
        real.push(NOW, "team/app", "v1")
        real.push(CHART, "team/app", "chart")
        yield real


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An index that has seen the tag move, and has fetched nothing."""
    with closing(open_store(sqlite_index(tmp_path / "index.db"), create=False)) as opened:
        scribe = Scribe(opened.archive, "team", REGISTRY)
        chart = tag("chart", digest=CHART.digest)
        scribe.crawl({"app": [tag("v1", digest=BEFORE.digest), chart]})
        scribe.crawl({"app": [tag("v1", digest=NOW.digest), chart]})
        yield opened


@contextmanager
def serving(store: Store, registry: RealRegistry, **more: Any) -> Iterator[Running]:
    """A site that fetches on demand and passes layers on."""
    clock = StillClock()
    entry = RegistrySettings(
        name=REGISTRY, type="oci", url=registry.url, namespaces=(WHOLE_REGISTRY,)
    )
    settings = Settings(registries=(entry,))
    with closing(RegistryContent(settings, store, clock)) as content:
        options: dict[str, Any] = {
            "on_demand": OnDemand(store.manifests, content.contents_of, clock),
            "layers_of": content.layers_of,
        }
        with running(store, settings=settings, clock=clock, **(options | more)) as site:
            yield site


def copied(site: Running, image: str, folder: Path, *options: str) -> set[str]:
    """Copy an image into a folder with skopeo; the digests of what came."""
    name = f"docker://{site.address.removeprefix('http://')}/{image}"
    command = ["copy", "--insecure-policy", "--src-tls-verify=false", "--preserve-digests"]
    done = subprocess.run(
        [installed("skopeo"), *command, *options, name, f"dir:{folder}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder.parent), "TMPDIR": str(folder.parent)},
    )
    assert done.returncode == 0, done.stderr
    return {sha256(file.read_bytes()) for file in folder.iterdir()}


def everything_of(made: Made) -> set[str]:
    below = (digest for child in made.children for digest in everything_of(child))
    return {made.digest, *map(sha256, made.blobs), *below}


def test_skopeo_copies_an_image_by_a_digest_that_its_tag_had_before(
    registry: RealRegistry, store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    with serving(store, registry) as site:
        found = copied(site, f"{APP}@{BEFORE.digest}", folder, "--all")
        registry.forget()
        copied(site, f"{APP}@{BEFORE.digest}", tmp_path / "again", "--all")
    assert everything_of(BEFORE) <= found
    layers = {sha256(blob) for each in (AMD, ARM, NOTE) for blob in each.blobs[1:]}
    asked = [each.target.rpartition("/")[2] for each in registry.asked()]
    assert sorted(asked) == sorted(layers)  # everything else was kept


@pytest.mark.nightly
def test_podman_pulls_an_image_by_a_digest_that_its_tag_had_before(
    registry: RealRegistry, store: Store, tmp_path: Path
) -> None:
    with serving(store, registry) as site, tempfile.TemporaryDirectory() as run:  # a short name
        name = f"{site.address.removeprefix('http://')}/{APP}@{BEFORE.digest}"
        storage = ["--root", str(tmp_path / "root"), "--runroot", run]
        done = subprocess.run(
            [installed("podman"), *storage, "--storage-driver=vfs", "pull", "-q",
             "--tls-verify=false", name],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": str(tmp_path)},
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == sha256(AMD.blobs[0]).removeprefix("sha256:")
