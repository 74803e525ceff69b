"""Which namespaces are crawled, and where each is."""

from __future__ import annotations

import pytest

from indexer.bootstrap.registry_connections import of_part, wanted_names
from indexer.cli.namespace_arguments import wanted_namespaces
from indexer.config import RegistrySettings, Settings
from indexer.core.errors import UsageError

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
    with pytest.raises(UsageError, match="'indexer crawl localhost:5000' crawls it"):
        wanted_namespaces(Settings(), ["localhost:5000/team"])


OCI = RegistrySettings(name="registry.example.com", type="oci", namespaces=("*",))
ALL = Settings(registries=(HUB, OCI))


def test_a_registry_is_crawled_as_a_whole() -> None:
    assert names(ALL) == ["docker.io/library", "docker.io/ansible", "registry.example.com/*"]
    for typed in ("registry.example.com", "registry.example.com/", "registry.example.com/*"):
        assert names(ALL, typed) == ["registry.example.com/*"]
    assert names(ALL, "docker.io") == ["docker.io/library", "docker.io/ansible"]
    with pytest.raises(UsageError, match="is crawled as a whole: use 'indexer crawl registry"):
        wanted_namespaces(ALL, ["registry.example.com/team"])


def test_a_registry_that_is_not_configured_is_what_its_name_says() -> None:
    (wanted,) = wanted_namespaces(Settings(), ["localhost:5000"])
    assert (wanted.registry.name, wanted.registry.type) == ("localhost:5000", "oci")
    assert (wanted.namespace, wanted.registry.repositories) == ("*", ())


def test_docker_hub_is_not_crawled_as_a_whole() -> None:
    with pytest.raises(UsageError, match="cannot list its namespaces: name one"):
        wanted_namespaces(Settings(), ["docker.io"])


def test_a_namespace_with_a_dot_is_one_where_it_is_configured() -> None:
    dotted = Settings(registries=(RegistrySettings(namespaces=("my.team",)),))
    assert names(dotted, "my.team") == ["docker.io/my.team"]


def test_a_namespace_is_never_looked_for_in_a_registry_without_namespaces() -> None:
    assert names(Settings(registries=(OCI,)), "ansible") == ["docker.io/ansible"]


@pytest.mark.parametrize(
    ("typed", "namespace", "part"),
    [
        ("library/nginx", "library", "library/nginx"),
        ("library/nginx:1.27", "library", "library/nginx:1.27"),
        ("https://hub.docker.com/_/nginx", "library", "library/nginx"),
        ("ghcr.io/team/app:1", "*", "team/app:1"),
    ],
)
def test_a_repository_or_a_tag_is_a_part_of_its_namespace(
    typed: str, namespace: str, part: str
) -> None:
    (wanted,) = wanted_namespaces(Settings(), [typed])
    assert (wanted.namespace, wanted.part) == (namespace, part)
    assert wanted.registry.type == ("oci" if namespace == "*" else "dockerhub")


FILTERED = RegistrySettings(namespaces=("corp",), tags=("1.2", "9*"), exclude=("corp/old",))


@pytest.mark.parametrize("typed", ["corp/app02:1.1", "docker.io/corp/app02:1.1", "corp/old"])
def test_what_the_configuration_leaves_out_is_not_crawled_by_name(typed: str) -> None:
    with pytest.raises(UsageError, match=r"is left out by .* of the \[\[registry\]\] docker\.io"):
        wanted_namespaces(Settings(registries=(FILTERED,)), [typed])


@pytest.mark.parametrize("typed", ["corp/app02", "corp/app02:9.1", "ansible/awx", "ansible/awx:9"])
def test_what_the_configuration_does_not_leave_out_is_crawled_by_name(typed: str) -> None:
    (wanted,) = wanted_namespaces(Settings(registries=(FILTERED,)), [typed])
    assert wanted.part == typed


@pytest.mark.parametrize("typed", ["library/ng*", "docker.io/library/ng[a-z]nx", "nginx:1.*"])
def test_a_pattern_is_sent_to_the_configuration(typed: str) -> None:
    with pytest.raises(UsageError, match=r"patterns belong in the configuration, as in 'repos"):
        wanted_namespaces(Settings(), [typed])


@pytest.mark.parametrize(
    ("entry", "part", "repositories", "tags"),
    [
        (FILTERED, "corp/app02", ("corp/app02",), ("1.2", "9*")),
        (FILTERED, "corp/app02:9.1", ("corp/app02:9.1",), ()),
        (RegistrySettings(repositories=("a/b:1*", "a/*:2")), "a/b", ("a/b:1*", "a/b:2"), ()),
        (RegistrySettings(repositories=("a/b:1*", "a/b")), "a/b", ("a/b",), ()),
    ],
)
def test_a_named_repository_keeps_the_filter_of_its_entry(
    entry: RegistrySettings, part: str, repositories: tuple[str, ...], tags: tuple[str, ...]
) -> None:
    narrowed = of_part(entry, part)
    assert (narrowed.repositories, narrowed.tags) == (repositories, tags)


@pytest.mark.parametrize(
    "typed", ["library", "docker.io/library", "library/nginx", "docker.io/nginx:1"]
)
def test_repositories_of_one_namespace_leave_out_none_of_another(typed: str) -> None:
    hub = RegistrySettings(namespaces=("corp",), repositories=("corp/app",))
    (wanted,) = wanted_namespaces(Settings(registries=(hub,)), [typed])
    assert wanted_names(wanted.registry).has("library/nginx", "1")
    assert not wanted_names(wanted.registry).has("corp/old")
    with pytest.raises(UsageError, match="'corp/old' is left out"):
        wanted_namespaces(Settings(registries=(hub,)), ["corp/old"])
