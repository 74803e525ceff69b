"""`indexer check --live` against Debian's docker-registry, and against the simulated Docker Hub."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from indexer.hub_simulator import Hub, Simulator
from tests.sources.oci.images import Recipe
from tests.sources.oci.in_process import Here
from tests.sources.oci.real_registry import RealRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[RealRegistry]:
    (tmp_path / "registry").mkdir()
    with RealRegistry(tmp_path / "registry") as running:
        running.push(Recipe(layers=0).made(), "team/app", "1", "2")
        yield running


def verdicts(here: Here, *arguments: str, code: int = 1) -> list[dict[str, Any]]:
    done = here.run("check", *arguments, "--format", "json")
    assert done.code == code, done.err
    found: list[dict[str, Any]] = json.loads(done.out)
    return found


def test_a_real_registry_is_asked_by_head_what_its_tags_point_to_now(
    registry: RealRegistry, tmp_path: Path
) -> None:
    here = Here(tmp_path)
    assert here.run("-q", "crawl", registry.name).code == 0
    app = f"{registry.name}/team/app"
    (before,) = verdicts(here, f"{app}:1", code=0)
    pinned = f"{app}:1@{before['now']}"
    registry.push(Recipe("another", layers=1).made(), "team/app", "1")
    asked_before = len(registry.asked())
    assert [each["verdict"] for each in verdicts(here, pinned, code=0)] == ["ok"]
    assert len(registry.asked()) == asked_before

    moved, same, never = verdicts(here, pinned, f"{app}:2", f"{app}:3", "--live")

    asked = registry.asked()[asked_before:]
    assert {each.method for each in asked if each.status == 200} == {"HEAD"}
    assert (moved["verdict"], moved["now"]) == ("retagged", before["now"])
    assert moved["live"] not in {None, before["now"]}
    assert moved["sentence"] == (
        f"the registry says that its tag points to {moved['live']}; the index says {moved['now']}."
    )
    assert (same["verdict"], same["live"]) == ("unpinned", same["now"])
    assert (never["verdict"], never["live"]) == ("removed", None)
    told = here.run("check", pinned, "--live").err
    assert "the registry and the index differ on 1 image: crawl again." in told


def test_docker_hub_is_asked_for_nothing_that_counts_as_a_pull(tmp_path: Path) -> None:
    hub = Hub()
    for name in ("acme/api", "other/api"):
        hub.add_repository(name)
        hub.push(name, "1.0")
    with Simulator(hub) as simulator:
        (tmp_path / "indexer.toml").write_text(
            f"[[registry]]\nhub_url = '{simulator.url}'\nregistry_url = '{simulator.url}'\n"
            "namespaces = ['acme']\n"
        )
        here = Here(tmp_path)
        assert here.run("-q", "crawl").code == 0
        (before,) = verdicts(here, "acme/api:1.0", code=0)
        hub.push("acme/api", "1.0")
        simulator.clear()

        images = (f"acme/api:1.0@{before['now']}", "acme/api:9", "other/api:1.0")
        moved, absent, unknown = verdicts(here, *images, "--live")

        asked = [each for each in simulator.requests if "/manifests/" in each.path]
    assert {each.method for each in asked} == {"HEAD"}
    assert moved["verdict"] == "retagged"
    assert absent["verdict"] == "removed"
    assert (unknown["verdict"], unknown["live"] is not None) == ("unpinned", True)


def test_a_registry_that_cannot_be_asked_is_no_good_answer(tmp_path: Path) -> None:
    hub = Hub()
    hub.add_repository("acme/api")
    hub.push("acme/api", "1.0")
    with Simulator(hub) as simulator:
        (tmp_path / "indexer.toml").write_text(
            f"[[registry]]\nhub_url = '{simulator.url}'\nnamespaces = ['acme']\n"
        )
        here = Here(tmp_path)
        assert here.run("-q", "crawl").code == 0
        (found,) = verdicts(here, "acme/api:1.0", "--live")
    assert found["verdict"] == "unknown"
    assert "the registry could not be asked: it is not known where" in found["sentence"]
