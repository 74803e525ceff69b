"""Which token service a challenge names."""

from __future__ import annotations

import pytest

from indexer.core.errors import Unreadable
from indexer.http import HttpClient
from indexer.sources.oci.token_realm import realm_of
from indexer.sources.oci.www_authenticate import parse
from tests.http.fake_server import FakeClock

REGISTRY = "https://harbor.example.com:8443"


def asked_at(realm: str, registry: str = REGISTRY, *, insecure: bool = False) -> str:
    (challenge,) = parse(f'Bearer realm="{realm}",service="harbor-registry"')
    client = HttpClient(registry, clock=FakeClock())
    try:
        found = realm_of(challenge, client, insecure=insecure)
    finally:
        client.close()
    return f"{found.origin.url}{found.target}"


@pytest.mark.parametrize(
    "realm",
    ["http://harbor.example.com/service/token", "http://harbor.example.com:8080/service/token"],
)
def test_a_realm_that_forgets_the_tls_before_it_is_asked_over_tls(realm: str) -> None:
    """Harbor behind a proxy, without its `external_url`: nothing goes in clear text."""
    assert asked_at(realm) == f"{REGISTRY}/service/token"


def test_a_realm_on_another_host_is_not_asked_in_clear_text() -> None:
    with pytest.raises(Unreadable, match="Use https there"):
        asked_at("http://auth.example.com/token")


def test_where_clear_text_is_allowed_a_realm_is_taken_by_its_word() -> None:
    realm = "http://harbor.example.com/service/token"
    assert asked_at(realm, insecure=True) == realm
    assert asked_at("https://auth.example.com/t?x=1") == "https://auth.example.com/t?x=1"
