"""Policies that require signatures, before registries with and without the referrers API."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from indexer.hub_simulator import Hub, Quirks, RegistryQuirks, Simulator
from tests.sources.oci.images import Made, Recipe
from tests.sources.oci.in_process import Here
from tests.sources.oci.real_registry import RealRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration

CASE = Path(__file__).parent / "cases" / "signed-fallback-tag"
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PREDICATE = "dev.sigstore.bundle.predicateType"
POLICY = tomllib.loads((CASE / "indexer.toml").read_text())["policy"][0]


def configured(folder: Path, registry: str, **more: str) -> Here:
    """A folder with a configuration: the registry, and the policy of the case."""
    lines = ["[[registry]]", f'name = "{registry}"', 'type = "oci"', 'repositories = ["team/app"]']
    lines += [f"{key} = {value!r}" for key, value in more.items()]
    text = "\n".join([*lines, (CASE / "indexer.toml").read_text()])
    (folder / "indexer.toml").write_text(text)
    return Here(folder)


def open_violations(here: Here) -> dict[str, str]:
    """Crawl, and return the open violations, as sentences by tag."""
    done = here.run("-q", "crawl")
    assert done.code in {0, 1}, done.err
    listed = here.run("violations", "--format", "json")
    found = {each["tag"]: each["sentence"] for each in json.loads(listed.out)}
    assert listed.code == (1 if found else 0), listed.err
    return found


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[RealRegistry]:
    """Debian's docker-registry, which has no referrers API."""
    home = tmp_path / "registry"
    home.mkdir()
    with RealRegistry(home) as running:
        yield running


def listing(referrer: Made, kind: str) -> Made:
    """A list under the fallback tag, as cosign 3 writes it: without annotations."""
    descriptor = {**referrer.descriptor, "artifactType": kind}
    media_type = "application/vnd.oci.image.index.v1+json"
    sent = {"schemaVersion": 2, "mediaType": media_type, "manifests": [descriptor]}
    return Made(json.dumps(sent).encode(), media_type, children=(referrer,))


def test_a_signature_under_the_fallback_tag_counts_and_an_sbom_does_not(
    registry: RealRegistry, tmp_path: Path
) -> None:
    """The case `signed-fallback-tag`: sigstore/cosign#4553."""
    (repository,) = {
        name for name in json.loads((CASE / "tags.json").read_text()) if "GET" not in name
    }
    images = {f"prod-{number}": Recipe(f"{number}").made() for number in (1, 2, 3)}
    for tag, image in images.items():
        registry.push(image, repository, tag)
    kinds = {"prod-1": BUNDLE, "prod-2": "application/spdx+json"}
    for tag, kind in kinds.items():
        list_tag = images[tag].digest.replace(":", "-")
        registry.push(listing(Recipe(kind, layers=0).made(), kind), repository, list_tag)
    here = configured(tmp_path, registry.name)
    found = open_violations(here)
    assert set(found) == {"prod-2", "prod-3"}
    assert "what refers to it: SBOM (SPDX)" in found["prod-2"]
    asked = [each.target for each in registry.asked() if "/referrers/" in each.target]
    assert len(asked) == len(set(asked)) == 2, "prod-1 has its signature in the list"


@pytest.mark.parametrize("lacks", [False, True])
def test_a_signature_by_the_api_or_by_its_list(tmp_path: Path, *, lacks: bool) -> None:
    hub = Hub()
    hub.add_repository("team/app")
    signed, attested = (hub.push("team/app", f"prod-{number}") for number in (1, 2))
    hub.push("team/app", "latest")
    hub.refer("team/app", signed, BUNDLE, {PREDICATE: "https://sigstore.dev/cosign/sign/v1"})
    hub.refer("team/app", attested, BUNDLE, {PREDICATE: "https://slsa.dev/provenance/v1"})
    hub.refer("team/app", attested, "application/vnd.cncf.notary.signature")
    with Simulator(hub) as simulator:
        simulator.quirks = Quirks(registry=RegistryQuirks(lacks_referrers=lacks))
        here = configured(tmp_path, "registry.example.com", url=simulator.url)
        found = open_violations(here)
        hub.refer("team/app", attested, BUNDLE, {PREDICATE: "https://sigstore.dev/cosign/sign/v1"})
        text = found.pop("prod-2")
        assert not found
        assert text.endswith(
            "what refers to it: attestation (SLSA provenance), Notation signature."
        )


def test_no_policy_no_question(tmp_path: Path) -> None:
    hub = Hub()
    hub.add_repository("team/app")
    hub.push("team/app", "prod-1")
    with Simulator(hub) as simulator:
        here = configured(tmp_path, "registry.example.com", url=simulator.url)
        file = tmp_path / "indexer.toml"
        file.write_text(file.read_text().partition("[[policy]]")[0])
        assert here.run("-q", "crawl").code == 0
        assert not [each for each in simulator.requests if "/referrers/" in each.path]
