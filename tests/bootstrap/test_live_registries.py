"""With which account a registry is asked for an image: that of the entry that names it, or none."""

from __future__ import annotations

import pytest

from indexer.bootstrap.live_registries import entry_for
from indexer.config import RegistrySettings, Settings

HUB = RegistrySettings(
    namespaces=("acme",), username="bot", password_env="P", exclude=("acme/secret",)
)
TEAM = RegistrySettings(
    name="reg.example",
    type="oci",
    url="http://127.0.0.1:5000",
    namespaces=("*",),
    repositories=("team/*",),
    username="team-bot",
    docker_config=True,
)
SETTINGS = Settings(registries=(HUB, TEAM))


@pytest.mark.parametrize(
    ("host", "repository", "account"),
    [
        ("docker.io", "acme/api", "bot"),
        ("docker.io", "acme/secret", None),
        ("docker.io", "library/nginx", None),
        ("docker.io", "acme2/api", None),
        ("reg.example", "team/app", "team-bot"),
        ("reg.example", "other/app", None),
        ("ghcr.io", "acme/api", None),
    ],
)
def test_an_account_is_sent_for_what_its_entry_names_only(
    host: str, repository: str, account: str | None
) -> None:
    entry = entry_for(SETTINGS, host, repository)
    assert (entry.host, entry.username) == (host, account)
    if account is None:
        assert (entry.password_env, entry.password_file, entry.docker_config) == (None, None, False)


def test_a_registry_is_reached_as_its_entries_say_without_their_account() -> None:
    assert entry_for(SETTINGS, "reg.example", "other/app").url == "http://127.0.0.1:5000"
    assert entry_for(SETTINGS, "ghcr.io", "a/b").type == "oci"
    assert entry_for(SETTINGS, "docker.io", "a/b").type == "dockerhub"
