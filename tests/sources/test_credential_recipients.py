"""Where a registry's credentials may go, and who in the program may send them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import ConfigError, LoginFailed
from indexer.core.secret import Credentials, Secret
from indexer.http import Origin
from indexer.sources.credential_recipients import Recipients, revealed
from tests.documents import pages

if TYPE_CHECKING:
    from collections.abc import Iterator

ME = Credentials("me", Secret("planted-password"))

REVEALING = {
    "core/secret.py": {"is_organisation_token"},
    "http/client.py": {"_exchange"},
    "http/connection_pool.py": {"manager"},
    "sources/credential_recipients.py": {"revealed"},
}
"""Who calls `reveal`: of a header that is sent to the client's own origin, of a proxy's login, and
of credentials in one place."""

SENDING = {
    "sources/docker_hub/auth.py": {"_log_in"},
    "sources/oci/token_request.py": {"basic", "token_request"},
}
"""Who calls `revealed`: the Hub's log-in, basic authentication, the exchange of identity tokens."""


@pytest.mark.parametrize(
    ("to", "own"),
    [
        ("https://registry.example.com", "https://registry.example.com"),
        ("https://registry.example.com:8443", "https://registry.example.com"),
        ("https://auth.docker.io", "https://registry-1.docker.io"),
        ("https://gitlab.com", "https://registry.gitlab.com"),
        ("https://auth.example.co.uk", "https://registry.example.co.uk"),
        ("https://sso.example.com", "https://registry.eu.example.com"),
        ("http://localhost:5001", "http://127.0.0.1:5000"),
        ("https://[2001:db8::1]:5001", "https://[2001:db8::1]:5000"),
    ],
)
def test_credentials_go_to_their_host_and_to_https_services_of_its_domain(
    to: str, own: str
) -> None:
    assert revealed(ME, Origin.of(to), Recipients(Origin.of(own))) == "planted-password"


@pytest.mark.parametrize(
    ("to", "own"),
    [
        ("https://auth.docker.io", "https://registry.evil.example"),
        ("https://evil.com", "https://example.com"),
        ("https://notdocker.io", "https://registry-1.docker.io"),
        ("https://evil.co.uk", "https://registry.co.uk"),
        ("https://evil.azurecr.io", "https://acme.azurecr.io"),
        ("https://10.0.0.2", "https://11.0.0.2"),
        ("https://localhost", "https://registry.example.com"),
        ("https://registry.example.com", "http://localhost:5000"),
        ("https://hub.docker.com", "https://ghcr.io"),
    ],
)
def test_other_hosts_do_not_get_credentials(to: str, own: str) -> None:
    with pytest.raises(LoginFailed, match="another domain, and nothing was sent") as told:
        revealed(ME, Origin.of(to), Recipients(Origin.of(own), insecure=True))
    assert "planted-password" not in str(told.value)


def test_the_token_service_that_the_entry_names_gets_them() -> None:
    own, realm = (
        Origin.of("https://registry.redhat.example"),
        Origin.of("https://sso.other.example"),
    )
    assert revealed(ME, realm, Recipients(own, realm)) == "planted-password"
    for other in ("https://sso.other.example:8443", "https://other.example"):
        with pytest.raises(LoginFailed):
            revealed(ME, Origin.of(other), Recipients(own, realm))


def test_clear_text_must_be_configured_and_stays_on_the_host() -> None:
    own = Origin.of("http://registry.example.com")
    with pytest.raises(ConfigError, match=r"sent to registry\.example\.com in clear text"):
        revealed(ME, own, Recipients(own))
    assert revealed(ME, own, Recipients(own, insecure=True)) == "planted-password"
    with pytest.raises(LoginFailed):
        revealed(ME, Origin.of("http://auth.example.com"), Recipients(own, insecure=True))


def callers(name: str) -> Iterator[tuple[str, str]]:
    """The functions that call something of this name, by their module's path."""
    package = pages.ROOT / "indexer"
    for path in sorted(package.rglob("*.py")):
        for function in ast.walk(ast.parse(pages.read(path))):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and name in {
                    getattr(call.func, "id", None),
                    getattr(call.func, "attr", None),
                }:
                    yield path.relative_to(package).as_posix(), function.name


def gathered(found: Iterator[tuple[str, str]]) -> dict[str, set[str]]:
    modules: dict[str, set[str]] = {}
    for module, function in found:
        modules.setdefault(module, set()).add(function)
    return modules


def test_one_function_decides_and_these_call_it() -> None:
    """Whoever adds a caller says here to whom it sends."""
    assert gathered(callers("reveal")) == REVEALING
    assert gathered(callers("revealed")) == SENDING
    assert gathered(callers("admit")) == {
        "sources/credential_recipients.py": {"revealed"},
        "sources/docker_hub/auth.py": {"__init__"},
        "sources/oci/auth.py": {"__init__"},
    }
