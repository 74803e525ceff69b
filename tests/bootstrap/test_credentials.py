"""The login for a registry, as its entry asks for it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from indexer.bootstrap.credentials import credentials_of
from indexer.config import RegistrySettings
from indexer.core.errors import ConfigError

SECRET = "s3cret"

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[Any], None]


@pytest.fixture
def logins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes docker's config.json; no other file holds logins."""
    monkeypatch.delenv("REGISTRY_AUTH_FILE", raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))

    def write(auths: Any) -> None:
        (tmp_path / "config.json").write_text(json.dumps({"auths": auths}))

    return write


def auth(username: str, password: str = SECRET) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{username}:{password}".encode()).decode()}


def entry(host: str, **keys: Any) -> RegistrySettings:
    return RegistrySettings(name=host, type="oci", docker_config=True, **keys)


def test_a_registry_gets_its_own_login(logins: Write) -> None:
    logins({"https://ghcr.io/v2/": auth("cat"), "https://index.docker.io/v1/": auth("whale")})
    for registry, name in (
        (entry("ghcr.io"), "cat"),
        (RegistrySettings(username="whale"), "whale"),
    ):
        held = credentials_of(registry)
        assert held is not None
        assert held.username == name


def test_an_entry_of_another_name_gets_the_login_of_its_host(logins: Write) -> None:
    logins({"ghcr.io": auth("cat")})
    held = credentials_of(RegistrySettings(name="ours", host="ghcr.io", type="oci", username="cat"))
    assert held is not None


def test_no_login_is_told_with_the_command_that_makes_one(logins: Write) -> None:
    logins({})
    with pytest.raises(
        ConfigError, match=r"no log-in for ghcr\.io in .*run 'docker login ghcr\.io'"
    ):
        credentials_of(entry("ghcr.io"))
    with pytest.raises(ConfigError, match=r"no log-in for docker\.io in .*run 'docker login', or"):
        credentials_of(RegistrySettings(docker_config=True))


def test_the_login_of_somebody_else_is_refused(logins: Write) -> None:
    logins({"ghcr.io": auth("dog")})
    with pytest.raises(ConfigError, match=r"the log-in for ghcr\.io, .* is of 'dog', but 'cat'"):
        credentials_of(RegistrySettings(name="ghcr.io", type="oci", username="cat"))


def test_an_identity_token_is_for_registries_and_not_for_the_hub(logins: Write) -> None:
    token = {**auth("<token>", ""), "identitytoken": "s3cret"}
    logins({"acme.azurecr.io": token, "docker.io": token})
    held = credentials_of(entry("acme.azurecr.io", username="me"))
    assert held is not None
    assert (held.username, held.is_identity_token) == ("me", True)
    with pytest.raises(ConfigError, match=r"the log-in for docker\.io, .* is an identity token"):
        credentials_of(RegistrySettings(docker_config=True))
