"""Which keys of config.json and auth.json are of a registry."""

from __future__ import annotations

import pytest

from indexer.sources.docker_config_keys import fitting

EVERY_SPELLING_OF_THE_HUB = [
    "https://index.docker.io/v1/",
    "https://index.docker.io/v1",
    "https://index.docker.io/v2/",
    "https://index.docker.io/",
    "https://index.docker.io",
    "http://index.docker.io/v1/",
    "index.docker.io/v1/",
    "index.docker.io",
    "docker.io",
    "https://docker.io",
    "https://registry-1.docker.io/v2/",
    "https://registry-1.docker.io",
    "registry-1.docker.io",
    "https://registry.hub.docker.com/v2/",
    "registry.hub.docker.com",
    "https://hub.docker.com",
    "Docker.io:443",
]


def dockers(registry: str, *keys: str, of: tuple[str, ...] = ()) -> list[str]:
    return fitting(keys, registry, of, strips_paths=True)


def podmans(registry: str, *keys: str, of: tuple[str, ...] = ()) -> list[str]:
    return fitting(keys, registry, of, strips_paths=False)


@pytest.mark.parametrize("key", EVERY_SPELLING_OF_THE_HUB)
def test_every_spelling_of_docker_hub_is_found(key: str) -> None:
    assert dockers("docker.io", "ghcr.io", key, "docker.io.example.com") == [key]


@pytest.mark.parametrize(
    ("registry", "key"),
    [
        ("reg.example.com", "reg.example.com"),
        ("reg.example.com", "https://reg.example.com"),
        ("reg.example.com", "https://reg.example.com/v2/"),
        ("reg.example.com", "http://reg.example.com/"),
        ("reg.example.com", "reg.example.com/v2/"),
        ("reg.example.com", "https://reg.example.com:443/v1/"),
        ("reg.example.com:443", "reg.example.com"),
        ("reg.example.com", "REG.Example.com"),
        ("reg.example.com:5000", "https://reg.example.com:5000/v2/"),
        ("localhost:5000", "http://localhost:5000"),
        ("[::1]:5000", "[::1]:5000"),
        ("[::1]:5000", "http://[0:0:0:0:0:0:0:1]:5000/v2/"),
        ("[2001:db8::1]", "https://[2001:DB8::1]/v2/"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("127.0.0.1:5000", "127.0.0.1:5000"),
    ],
)
def test_a_key_is_compared_by_its_host(registry: str, key: str) -> None:
    for find in (dockers, podmans):
        assert find(registry, "docker.io", key) == [key]


@pytest.mark.parametrize(
    ("registry", "key"),
    [
        ("reg.example.com", "reg.example.com:5000"),
        ("reg.example.com", "xreg.example.com"),
        ("reg.example.com", "reg.example.com.evil.org"),
        ("reg.example.com", "https://evil.org/reg.example.com"),
        ("reg.example.com", "https://reg.example.com@evil.org/"),
        ("reg.example.com", "*.example.com"),
        ("reg.example.com", ""),
        ("[::1]:5000", "[::1]:5001"),
        ("docker.io", "https://index.docker.io/v1/access-token"),
        ("docker.io", "https://index.docker.io/v1/refresh-token"),
    ],
)
def test_a_key_of_another_host_is_not_taken(registry: str, key: str) -> None:
    for find in (dockers, podmans):
        assert find(registry, key) == []


def test_the_key_that_docker_writes_is_taken_first() -> None:
    keys = ["docker.io", "https://docker.io", "https://index.docker.io/v1/"]
    assert dockers("docker.io", *keys) == [keys[2], keys[0], keys[1]]
    assert dockers("reg.example.com", "https://reg.example.com", "reg.example.com") == [
        "reg.example.com",
        "https://reg.example.com",
    ]


def test_podmans_longest_key_that_holds_all_that_is_read_is_taken() -> None:
    keys = ("quay.io", "quay.io/team", "quay.io/team/app", "quay.io/other")
    assert podmans("quay.io", *keys) == ["quay.io"]
    assert podmans("quay.io", *keys, of=("team/*",)) == ["quay.io/team", "quay.io"]
    assert podmans("quay.io", *keys, of=("team/app",))[0] == "quay.io/team/app"
    assert podmans("quay.io", *keys, of=("team/app:v*",))[0] == "quay.io/team/app"
    assert podmans("quay.io", *keys, of=("team/app", "team/base"))[0] == "quay.io/team"
    assert podmans("quay.io", *keys, of=("team/*", "third/*")) == ["quay.io"]
    assert podmans("quay.io", *keys, of=("teams/*",)) == ["quay.io"]
    assert podmans("quay.io", *keys, of=("t*",)) == ["quay.io"]


def test_a_path_in_dockers_file_means_nothing_but_comes_last() -> None:
    assert dockers("quay.io", "quay.io/team") == ["quay.io/team"]
    assert dockers("quay.io", "quay.io/team", "https://quay.io") == [
        "https://quay.io",
        "quay.io/team",
    ]
    assert podmans("quay.io", "quay.io/team") == []
