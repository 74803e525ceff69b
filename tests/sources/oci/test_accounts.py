"""Accounts from the configuration, before registries that want a password or a token."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.sources.oci.images import Recipe
from tests.sources.oci.in_process import Here

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sources.oci.real_registry import RealRegistry
    from tests.sources.oci.token_service import TokenService

PASSWORD = "secret"


def configured(folder: Path, registry: RealRegistry, password: str) -> Here:
    (folder / "password.txt").write_text(f"{password}\n")
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
