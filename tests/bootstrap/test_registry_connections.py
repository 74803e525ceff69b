"""The address of a registry, from its entry."""

from __future__ import annotations

import pytest

from indexer.bootstrap.registry_connections import Connector, address_of
from indexer.config import HttpSettings, RegistrySettings
from tests.web.serving import StillClock


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("ghcr.io", "https://ghcr.io"),
        ("localhost:5000", "http://localhost:5000"),
        ("127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("[::1]:5000", "http://[::1]:5000"),
        ("[2001:db8::1]:5000", "https://[2001:db8::1]:5000"),
        ("docker.io", "https://registry-1.docker.io"),
    ],
)
def test_a_registry_is_asked_at_its_host_and_docker_hub_where_it_answers(
    host: str, address: str
) -> None:
    assert address_of(RegistrySettings(name=host, type="oci")) == address


def test_an_address_of_its_own_goes_first() -> None:
    entry = RegistrySettings(name="docker.io", type="oci", url="https://mirror.example.com")
    assert address_of(entry) == "https://mirror.example.com"


def test_the_registry_behind_another_hub_is_not_docker_hubs() -> None:
    assert address_of(RegistrySettings()) == "https://registry-1.docker.io"
    assert address_of(RegistrySettings(hub_url="https://hub.example.com")) == ""


def test_every_request_names_the_contact_that_is_configured() -> None:
    connector = Connector(HttpSettings(contact="ops@example.com"), StillClock())
    for entry in (RegistrySettings(), RegistrySettings(name="ghcr.io", type="oci")):
        connected = connector.connect(entry)
        assert "; ops@example.com)" in connected.client.agent
        connected.client.close()
