"""Where passwords and log-ins come from: variables, files, and what Docker keeps."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from indexer.config import (
    RegistrySettings,
    account_of,
    login_files,
)
from indexer.core.errors import ConfigError


def test_a_password_comes_from_the_variable_that_is_named() -> None:
    registry = RegistrySettings(username="me", password_env="HUB_PASSWORD")
    account = account_of(registry, {"HUB_PASSWORD": "hunter2"})
    assert account is not None
    assert (account.username, account.password) == ("me", "hunter2")
    assert "hunter2" not in repr(account)


def test_a_variable_that_is_not_set_is_named() -> None:
    registry = RegistrySettings(username="me", password_env="HUB_PASSWORD")
    with pytest.raises(ConfigError, match="variable HUB_PASSWORD, which password_env names"):
        account_of(registry, {})


def test_a_password_file_gives_its_line_without_the_line_break(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(" hunter2 \r\n")
    account = account_of(RegistrySettings(username="me", password_file=file), {})
    assert account is not None
    assert account.password == " hunter2 "


@pytest.mark.parametrize("content", [b"", b"\n", b"a\nb\n", b"\xff", b"x" * 100_000])
def test_a_password_file_without_a_password_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"the password_file .*secret of docker\.io"):
        account_of(RegistrySettings(username="me", password_file=file), {})


def test_a_password_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    registry = RegistrySettings(username="me", password_file=tmp_path / "none")
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        account_of(registry, {})


def test_dockers_log_in_is_used_only_where_it_is_asked_for() -> None:
    environ = {"DOCKER_CONFIG": "/etc/docker"}
    file = Path("/etc/docker/config.json")
    assert account_of(RegistrySettings(), environ) is None
    for registry, username in (
        (RegistrySettings(username="me"), "me"),
        (RegistrySettings(docker_config=True), None),
    ):
        account = account_of(registry, environ)
        assert account is not None
        assert (account.username, account.password, account.login_files[0]) == (
            username,
            None,
            file,
        )


def test_logins_are_looked_for_where_docker_podman_and_skopeo_keep_them() -> None:
    home = Path("~").expanduser()
    assert login_files({}) == (
        home / ".docker/config.json",
        Path(f"/run/containers/{os.getuid()}/auth.json"),
        home / ".config/containers/auth.json",
    )
    environ = {"DOCKER_CONFIG": "/d", "XDG_RUNTIME_DIR": "/r", "XDG_CONFIG_HOME": "/c"}
    assert [str(file) for file in login_files(environ)] == [
        "/d/config.json",
        "/r/containers/auth.json",
        "/c/containers/auth.json",
    ]
    only = login_files({**environ, "REGISTRY_AUTH_FILE": "/somewhere/auth.json"})
    assert only == (Path("/somewhere/auth.json"),)
