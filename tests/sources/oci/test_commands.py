"""The commands over an index of a registry that is crawled as a whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.sources.oci.images import Recipe
from tests.sources.oci.in_process import Here
from tests.sources.oci.real_registry import RealRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    with RealRegistry(tmp_path_factory.mktemp("registry")) as running:
        for name in ("team/app", "team/sub/web", "base/os", "plain"):
            running.push(Recipe(layers=0).made(), name, "1", "2")
        yield running


@pytest.fixture
def here(registry: RealRegistry, tmp_path: Path) -> Here:
    """A folder without any configuration, and an index of the registry."""
    here = Here(tmp_path)
    done = here.run("-q", "crawl", registry.name)
    assert done.code == 0, done.err
    return here


def names(here: Here, *arguments: str) -> list[str]:
    done = here.run("repos", *arguments, "--format", "json")
    assert done.code == 0, done.err
    return [each["repository"] for each in json.loads(done.out)]


def test_a_registry_needs_no_configuration(here: Here, registry: RealRegistry) -> None:
    done = here.run("-q", "crawl", registry.name, "--format", "json")
    (crawl,) = json.loads(done.out)["crawls"]
    assert (crawl["registry"], crawl["namespace"]) == (registry.name, "*")
    assert (crawl["status"], crawl["repositories"], crawl["tags"]) == ("complete", 4, 8)
    assert crawl["requests"] == 1 + 4 + 8


def test_repositories_are_listed_of_all_of_it_or_below_a_name(
    here: Here, registry: RealRegistry
) -> None:
    everything = ["base/os", "plain", "team/app", "team/sub/web"]
    assert names(here) == names(here, registry.name) == everything
    assert (
        names(here, "team") == names(here, f"{registry.name}/team") == ["team/app", "team/sub/web"]
    )


def test_changes_are_asked_for_below_a_name(here: Here, registry: RealRegistry) -> None:
    def asked(*arguments: str) -> set[str]:
        done = here.run(
            "query", "--changed-since", "1h", "--include-baseline", "--format", "json", *arguments
        )
        assert done.code == 0, done.err
        return {each["repository"] for each in json.loads(done.out)}

    assert asked("--namespace", "team") == {"team/app", "team/sub/web"}
    assert len(asked("--namespace", registry.name)) == 4
    assert len(asked("--registry", registry.name)) == 4
    assert asked("--repository", f"{registry.name}/plain") == {"plain"}


@pytest.mark.parametrize("command", ["tags", "history"])
def test_a_repository_is_named_with_its_registry_or_without(
    here: Here, registry: RealRegistry, command: str
) -> None:
    for name in ("team/app", "plain", "team/sub/web"):
        shown = here.run(command, name)
        assert shown.code == 0, shown.err
        assert here.run(command, f"{registry.name}/{name}").out == shown.out
        assert "sha256:" in shown.out


def test_what_there_is_not_gets_a_sentence_with_the_nearest(here: Here) -> None:
    for arguments in (
        ["repos", "taem"],
        ["repos", "registry.example.com"],
        ["tags", "team/ap"],
        ["query", "--changed-since", "1h", "--namespace", "nope"],
    ):
        done = here.run(*arguments)
        assert (done.code, done.out) == (1, "")
        assert "the index knows no" in done.err


def test_the_status_shows_the_registry_as_one(here: Here, registry: RealRegistry) -> None:
    done = here.run("status", "--format", "json")
    (space,) = json.loads(done.out)["namespaces"]
    assert (space["registry"], space["namespace"]) == (registry.name, "*")
    assert (space["repositories"], space["tags"], space["pending"]) == (4, 8, 0)


def test_a_repository_can_be_forgotten_and_the_registry_too(
    here: Here, registry: RealRegistry
) -> None:
    assert here.run("forget", f"{registry.name}/team/app", "--yes").code == 0
    assert names(here) == ["base/os", "plain", "team/sub/web"]
    assert here.run("-q", "crawl", registry.name).code == 0
    assert here.run("forget", registry.name, "--yes").code == 0
    done = here.run("repos")
    assert (done.code, done.out) == (2, "")
    assert "nothing was crawled yet" in done.err


def test_a_part_of_a_registry_cannot_be_crawled_by_itself(
    here: Here, registry: RealRegistry
) -> None:
    (here.folder / "indexer.toml").write_text(
        f"[[registry]]\ntype = 'oci'\nname = '{registry.name}'\n"
    )
    done = here.run("crawl", f"{registry.name}/team")
    assert done.code == 2
    assert f"is crawled as a whole: use 'indexer crawl {registry.name}'" in done.err
