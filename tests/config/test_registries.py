"""What the configuration says of registries other than Docker Hub, and the mistakes in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.config import load
from indexer.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from indexer.config import RegistrySettings

OCI = "[[registry]]\ntype = 'oci'\nname = 'registry.example.com'\n"


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], RegistrySettings]:
    def read_it(text: str) -> RegistrySettings:
        file = tmp_path / "indexer.toml"
        file.write_text(text)
        (registry,) = load(file, {}).registries
        return registry

    return read_it


def test_a_registry_is_one_namespace_that_is_all_of_it(
    read: Callable[[str], RegistrySettings],
) -> None:
    registry = read(OCI)
    assert registry.namespaces == ("*",)
    assert (registry.repositories, registry.tags, registry.url) == ((), (), None)
    assert (registry.newest, registry.max_tags, registry.manifests) == (None, None, "none")


def test_every_key_of_a_registry_is_read(
    read: Callable[[str], RegistrySettings], tmp_path: Path
) -> None:
    registry = read(
        OCI
        + """
        url = "https://registry.example.com:8443"
        repositories = ["team/app", "base/*", "team/app"]
        tags = ["latest", "v*"]
        newest = 10
        max_tags = 100
        manifests = "new"
        realm = "https://auth.example.org"
        client_cert = "client.pem"
        client_key = "client.key"
        """
    )
    assert registry.repositories == ("team/app", "base/*")
    assert registry.tags == ("latest", "v*")
    assert (registry.newest, registry.max_tags, registry.manifests) == (10, 100, "new")
    assert registry.realm == "https://auth.example.org"
    assert registry.client_cert == tmp_path / "client.pem"
    assert registry.client_key == tmp_path / "client.key"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("url = 'http://registry.example.com'", "url: expected https:// (or 'insecure = true'"),
        ("realm = 'http://auth.example.com'", "realm: expected https:// (or 'insecure = true'"),
        ("hub_url = 'https://h'", "hub_url: expected only with type = 'dockerhub'."),
        ("resolve = 1", "resolve: expected only with type = 'dockerhub'."),
        ("repositories = 'a'", "repositories: expected a list of repositories or patterns"),
        ("repositories = []", "repositories: expected a list of repositories or patterns"),
        ("repositories = ['Team/App']", "in lower case and without the registry (not 'Team/App')"),
        ("repositories = ['team/']", "(not 'team/')"),
        ("repositories = ['registry.example.com:5000/team']", "without the registry (not"),
        ("repositories = ['team/app:a b']", "(not 'team/app:a b')"),
        ("exclude = 'a'", "exclude: expected a list of patterns, as ['library/test*', "),
        ("exclude = ['a b']", "(not 'a b')"),
        ("exclude = ['Team/*']", "(not 'Team/*')"),
        ("exclude = ['team/app:']", "(not 'team/app:')"),
        ("tags = ['a b']", "tags: expected a list of tags or patterns, as ['latest', 'v*'] (not"),
        ("newest = 0", "newest: expected a whole number from 1 to 1000000, got 0."),
        ("max_tags = 'many'", "max_tags: expected a whole number"),
        ("manifests = 'some'", "manifests: expected 'none', 'new' or 'all', got 'some'."),
        ("client_key = 'k'", "client_key: expected client_cert, which it belongs to, as well."),
        ("repository = ['a']", "repository: unknown key; did you mean 'repositories'?"),
    ],
)
def test_a_mistake_is_named_with_what_was_expected(
    read: Callable[[str], RegistrySettings], line: str, sentence: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read(OCI + line)
    assert sentence in str(caught.value)
    assert "[[registry]]" in str(caught.value)


@pytest.mark.parametrize(
    "line", ["url = 'https://h'", "newest = 1", "max_tags = 1", "client_cert = 'c'"]
)
def test_docker_hub_has_keys_of_its_own(read: Callable[[str], RegistrySettings], line: str) -> None:
    with pytest.raises(ConfigError, match="expected only with type = 'oci'"):
        read(f"[[registry]]\n{line}")


def test_filters_are_configured_in_the_same_way_for_every_registry(
    read: Callable[[str], RegistrySettings],
) -> None:
    keys = """
        namespaces = ["acme"]
        repositories = ["library/nginx", "library/redis:7*", "acme/api*"]
        tags = ["latest", "v*"]
        exclude = ["library/test*", "library/nginx:1.2*", "*-rc*"]
    """
    hub = read(f"[[registry]]\n{keys}")
    other = read(OCI + keys)
    assert hub.namespaces == ("acme", "library")
    assert hub.repositories == ("library/nginx", "library/redis:7*", "acme/api*")
    assert other.namespaces == ("*",)
    assert other.repositories == (*hub.repositories, "acme/*")
    for registry in (hub, other):
        assert registry.tags == ("latest", "v*")
        assert registry.exclude == ("library/test*", "library/nginx:1.2*", "*-rc*")


def test_a_repository_of_the_hub_has_its_namespace(
    read: Callable[[str], RegistrySettings],
) -> None:
    with pytest.raises(ConfigError, match="as 'library/nginx', got 'nginx'"):
        read("[[registry]]\nrepositories = ['nginx']")


TWO = """
[[registry]]
name = "ours"
host = "registry.hub.docker.com"
namespaces = ["acme"]
username = "ours"
[[registry]]
name = "theirs"
host = "docker.io"
namespaces = ["other"]
username = "theirs"
schedule = { crawl = "7m" }
"""


def test_two_accounts_are_two_entries_of_one_registry(tmp_path: Path) -> None:
    file = tmp_path / "indexer.toml"
    file.write_text(TWO)
    settings = load(file, {})
    assert [(each.name, each.host, each.type) for each in settings.registries] == [
        ("ours", "docker.io", "dockerhub"),
        ("theirs", "docker.io", "dockerhub"),
    ]
    for namespace, account in (("acme", "ours"), ("other", "theirs"), ("elsewhere", "ours")):
        entry = settings.entry("docker.io", namespace)
        assert entry is not None
        assert entry.username == account
    assert settings.schedule_of("docker.io", "other").crawl.text == "7m"
    assert settings.schedule_of("docker.io", "acme").crawl.text == "1h"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            TWO.replace('["other"]', '["other", "acme"]'),
            "expected each namespace 'acme' of docker.io in one entry, got it in 'ours' as well.",
        ),
        (TWO.replace('"theirs"', '"ours"'), "name: expected each name once, got 'ours' again."),
        (TWO.replace('host = "docker.io"', ""), "host: expected the registry that 'theirs' is of."),
        ("[[registry]]\nname = 'ghcr.io'", "type: expected what ghcr.io is, 'oci' or 'dockerhub'"),
        ("[[registry]]\nname = 'a'\nhost = 'ghcr.io'", "type: expected what ghcr.io is"),
        (
            "[[registry]]\nname = 'ghcr.io'\ntype = 'dockerhub'",
            "hub_url: expected where the Hub that ghcr.io stands for has its API (or type = 'oci')",
        ),
        ("[[registry]]\nname = 'a b'", "name: expected the host of a registry"),
        (f"{OCI}[[registry]]\ntype = 'oci'\nname = 'b'\nhost = 'registry.example.com'", "each reg"),
    ],
)
def test_what_cannot_be_two_entries_or_has_no_type_is_refused(
    tmp_path: Path, text: str, sentence: str
) -> None:
    file = tmp_path / "indexer.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(file, {})
    assert sentence in str(caught.value)
