"""Which namespaces are crawled, and where each is."""

from __future__ import annotations

import pytest

from indexer.cli.targets import wanted_namespaces
from indexer.config import RegistrySettings, Settings
from indexer.errors import UsageError

HUB = RegistrySettings(namespaces=("library", "ansible"))
MIRROR = RegistrySettings(name="hub.example.com", namespaces=("team", "ansible"))
BOTH = Settings(registries=(HUB, MIRROR))


def names(settings: Settings, *typed: str) -> list[str]:
    return [f"{each.registry.name}/{each.namespace}" for each in wanted_namespaces(settings, typed)]


def test_without_configuration_a_namespace_is_docker_hubs() -> None:
    assert names(Settings(), "ansible", "docker.io/library", "ansible") == [
        "docker.io/ansible",
        "docker.io/library",
    ]


def test_nothing_typed_means_everything_configured() -> None:
    assert names(BOTH) == [
        "docker.io/library",
        "docker.io/ansible",
        "hub.example.com/team",
        "hub.example.com/ansible",
    ]


def test_a_namespace_is_where_it_is_configured() -> None:
    assert names(BOTH, "team") == ["hub.example.com/team"]
    assert names(BOTH, "bitnami") == ["docker.io/bitnami"]
    assert names(Settings(registries=(MIRROR,)), "bitnami") == ["hub.example.com/bitnami"]
    assert names(Settings(registries=(MIRROR,)), "docker.io/bitnami") == ["docker.io/bitnami"]


def test_a_namespace_of_two_registries_must_be_named_in_full() -> None:
    with pytest.raises(UsageError, match=r"write 'docker\.io/ansible' or 'hub\.example\.com"):
        wanted_namespaces(BOTH, ["ansible"])


def test_nothing_typed_and_nothing_configured_is_told_what_to_do() -> None:
    with pytest.raises(UsageError, match="name one, as in 'indexer crawl ansible', or list some"):
        wanted_namespaces(Settings(), [])


def test_an_unknown_registry_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"'hub\.exmaple\.com' is not configured; did you mean"):
        wanted_namespaces(BOTH, ["hub.exmaple.com/team"])
    with pytest.raises(UsageError, match=r"add a \[\[registry\]\] with that name"):
        wanted_namespaces(Settings(), ["localhost:5000/team"])
