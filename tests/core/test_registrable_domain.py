from __future__ import annotations

import pytest

from indexer.core.registrable_domain import is_same_domain, registrable_domain


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("registry-1.docker.io", "docker.io"),
        ("registry.gitlab.com", "gitlab.com"),
        ("registry.eu.example.com", "example.com"),
        ("registry.example.co.uk", "example.co.uk"),
        ("registry.example.com.au", "example.com.au"),
        ("registry.k8s.io", "k8s.io"),
        ("docker.elastic.co", "elastic.co"),
        ("acme.azurecr.io", "acme.azurecr.io"),
        ("docker.acme.jfrog.io", "acme.jfrog.io"),
        ("registry.city.example.jp", "city.example.jp"),
        ("1.dkr.ecr.eu-west-1.amazonaws.com", "1.dkr.ecr.eu-west-1.amazonaws.com"),
        ("registry.default.svc.cluster.local", "registry.default.svc.cluster.local"),
        ("registry.corp.internal", "corp.internal"),
        ("example.com", "example.com"),
        ("co.uk", None),
        ("azurecr.io", None),
        ("com", None),
        ("localhost", None),
        ("127.0.0.1", None),
        ("::1", None),
        ("", None),
        (".com", None),
        ("a..com", None),
    ],
)
def test_a_domain_is_where_an_owner_begins(host: str, domain: str | None) -> None:
    assert registrable_domain(host) == domain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("registry.co.uk", "evil.co.uk"),
        ("acme.azurecr.io", "evil.azurecr.io"),
        ("1.dkr.ecr.eu-west-1.amazonaws.com", "2.dkr.ecr.eu-west-1.amazonaws.com"),
        ("acme.github.io", "evil.github.io"),
        ("registry.example.com", "example.com.evil.org"),
        ("registry.example.com", "registry-example.com"),
        ("10.0.0.1", "10.0.0.2"),
        ("a.internal", "b.internal"),
        ("registry", "registry"),
    ],
)
def test_neighbours_are_not_the_same_owner(one: str, other: str) -> None:
    assert not is_same_domain(one, other)
    assert not is_same_domain(other, one)


def test_one_owner_has_several_hosts() -> None:
    assert is_same_domain("auth.docker.io", "registry-1.docker.io")
    assert is_same_domain("gitlab.com", "registry.gitlab.com")
    assert is_same_domain("sso.example.com", "registry.eu.example.com")
