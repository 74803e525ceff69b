"""Accounts from the configuration, before registries that want a password or a token."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.sources.oci.images import Recipe
from tests.sources.oci.in_process import Here
from tests.sources.oci.real_registry import installed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sources.oci.real_registry import RealRegistry
    from tests.sources.oci.token_service import TokenService

PASSWORD = "secret"


def configured(folder: Path, registry: RealRegistry, password: str) -> Here:
    (folder / "password.txt").write_text(f"{password}\n")
    (folder / "password.txt").chmod(0o600)  # else a warning speaks of "the secret"
    (folder / "indexer.toml").write_text(
        f"[[registry]]\ntype = 'oci'\nname = '{registry.name}'\n"
        "username = 'me'\npassword_file = 'password.txt'\nmanifests = 'all'\n"
    )
    return Here(folder)


@pytest.mark.parametrize("kind", ["locked", "guarded"])
def test_a_registry_is_crawled_and_inspected_in_the_name_of_an_account(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, tokens: TokenService
) -> None:
    registry: RealRegistry = request.getfixturevalue(kind)
    if kind == "guarded":
        access = {"type": "repository", "name": "team/app", "actions": ["pull", "push"]}
        registry.bearer = tokens.sign("me", [access])
    made = Recipe().made()
    registry.push(made, "team/app", "1")
    here = configured(tmp_path, registry, PASSWORD)
    done = here.run("-v", "crawl", "--format", "json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["crawls"][0]["tags"] == 1
    shown = here.run(
        "inspect", f"{registry.name}/team/app:1", "--refresh", "--format", "{{.Digest}}"
    )
    assert shown.out == f"{made.digest}\n"
    assert not any("Bearer" in text or PASSWORD in text for text in (done.err, shown.err))
    (repository,) = json.loads(here.run("repos", "--format", "json").out)
    assert repository["private"] is True


@pytest.mark.parametrize("file", ["run/containers/auth.json", "home/containers/auth.json"])
def test_a_login_of_skopeo_is_found(
    locked: RealRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    """The real one writes it, where it and podman keep theirs."""
    monkeypatch.delenv("REGISTRY_AUTH_FILE", raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    (tmp_path / file).parent.mkdir(parents=True)
    log_in = [
        installed("skopeo"),
        "login",
        "--tls-verify=false",
        "--authfile",
        str(tmp_path / file),
    ]
    log_in += ["--username", "me", "--password", PASSWORD, locked.name]
    subprocess.run(log_in, check=True, capture_output=True, timeout=30)
    locked.push(Recipe().made(), "team/app", "1")
    (tmp_path / "indexer.toml").write_text(
        f"[[registry]]\ntype = 'oci'\nname = '{locked.name}'\ndocker_config = true\n"
    )
    done = Here(tmp_path).run("crawl", "--format", "json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["crawls"][0]["tags"] == 1


@pytest.mark.parametrize("kind", ["locked", "guarded"])
def test_a_wrong_password_fails_with_a_sentence_that_does_not_hold_it(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    registry: RealRegistry = request.getfixturevalue(kind)
    here = configured(tmp_path, registry, "not-the-right-one")
    done = here.run("crawl")
    assert done.code == 1
    assert "refuses the username or password of 'me': check 'username' and" in done.out
    assert "not-the-right-one" not in done.out + done.err
