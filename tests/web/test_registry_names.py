"""Registries with a port, as clients can write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import ConfigError
from indexer.core.reference import is_repository
from indexer.core.registry_names import registry_of, spelled, unspelled
from indexer.web.access_rules import AccessRules, check_registry_hosts
from tests.store.scribe import Scribe, tag
from tests.web.serving import running

if TYPE_CHECKING:
    from indexer.store import Store

PORT = "registry.example.com:5000"
REGISTRIES = ["docker.io", PORT, "localhost:5000", "10.0.0.7:80", "[::1]:5000", "[2001:db8::7]"]


@pytest.mark.parametrize("registry", [*REGISTRIES, "quay.io", "xn--abc.example.com"])
def test_every_registry_can_be_the_beginning_of_a_name_and_is_found_again(registry: str) -> None:
    assert is_repository(f"{spelled(registry)}/team/app")
    assert registry_of(spelled(registry)) == registry
    assert unspelled(f"{registry}/team/app") == f"{registry}/team/app"


def test_each_name_of_the_catalog_works_with_its_registry_and_on_its_registrys_host(
    empty: Store,
) -> None:
    for registry in REGISTRIES:
        Scribe(empty.archive, "team", registry).crawl({"app": [tag("v1", registry)]})
    with running(empty, AccessRules(registry_hosts={"mine.example.com": PORT})) as site:
        names = site.json("/v2/_catalog")["repositories"]
        assert sorted(map(unspelled, names)) == sorted(f"{each}/team/app" for each in REGISTRIES)
        for name in names:
            assert site.json(f"/v2/{name}/tags/list") == {"name": name, "tags": ["v1"]}
            assert site.get(f"/image/{name}").status_code == 200
            host = {"Host": f"{name.partition('/')[0]}.localhost:8080"}
            assert site.json("/v2/_catalog", headers=host)["repositories"] == ["team/app"]
            assert site.json("/v2/team/app/tags/list", headers=host)["tags"] == ["v1"]
        assert site.json(f"/v2/{PORT}/team/app/tags/list")["tags"] == ["v1"]
        mine = {"Host": "mine.example.com"}
        assert site.json("/v2/_catalog", headers=mine)["repositories"] == ["team/app"]
        for name in ("team/app", f"{PORT}/team/app", f"{spelled(PORT)}/team/app"):
            assert site.get(f"/image/{name}", headers=mine).status_code == 200


def test_a_name_that_only_looks_as_if_it_had_a_port_is_found(empty: Store) -> None:
    Scribe(empty.archive, "foo--5000", "quay.io").crawl({"app": [tag("v1", "x")]})
    with running(empty) as site:
        assert site.json("/v2/foo--5000/app/tags/list")["tags"] == ["v1"]


def test_a_host_that_would_show_nothing_is_refused() -> None:
    rules = AccessRules(registry_hosts={"hub.example.com": "docker.oi"})
    with pytest.raises(ConfigError) as told:
        check_registry_hosts(rules, {"docker.io", PORT})
    assert str(told.value) == (
        "[serve] registry_hosts: 'hub.example.com' would show nothing, since neither the "
        "configuration nor the index has the registry 'docker.oi': did you mean 'docker.io'?"
    )
    check_registry_hosts(AccessRules(registry_hosts={"a.example.com": PORT}), {PORT})


def test_what_the_configuration_says_of_a_host_goes_before_its_own_name() -> None:
    rules = AccessRules(registry_hosts={"quay.io.localhost": "docker.io"})
    assert rules.registry_of("quay.io.localhost") == "docker.io"
    assert rules.registry_of("ghcr.io.localhost") == "ghcr.io"
