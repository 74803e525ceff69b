"""What a configuration lacks, found without a network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from indexer.bootstrap.configuration_review import review
from indexer.config import load
from tests.notify.stage import FakeClock

if TYPE_CHECKING:
    from pathlib import Path

COMPLETE = """
[database]
url = "sqlite:///{folder}/indexer.db"

[[registry]]
namespaces = ["acme"]
"""


def found(folder: Path, more: str = "", **environ: str) -> list[str]:
    file = folder / "indexer.toml"
    file.write_text(COMPLETE.format(folder=folder) + more, encoding="utf-8")
    file.chmod(0o600)  # a webhook in it is a secret
    environ = {"HOME": str(folder), **environ}
    return [
        f"{each.place}: {each.problem}" for each in review(load(file, {}), FakeClock(), environ)
    ]


def test_a_complete_configuration_lacks_nothing(tmp_path: Path) -> None:
    assert found(tmp_path) == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            'username = "me"\npassword_env = "HUB_PASSWORD"\n',
            "[[registry]] docker.io: the environment variable HUB_PASSWORD",
        ),
        (
            'username = "me"\npassword_file = "no.txt"\n',
            "[[registry]] docker.io: the password_file",
        ),
        ('ca_file = "no.pem"\n', "[[registry]] docker.io: "),
        ("docker_config = true\n", "run 'docker login docker.io'"),
        ('[serve]\nhost = "0.0.0.0"\n', "[serve]: the host 0.0.0.0 can be reached from other"),
        ('[serve]\ntoken_env = "TOKEN"\n', "[serve]: the environment variable TOKEN"),
        ("[daemon]\nworkers = true\n", "[daemon]: 'workers = true' needs an index in PostgreSQL"),
        (
            '[[notify]]\nname = "me"\ncommand = ["no-such-program"]\n',
            "[[notify]] me: there is no program 'no-such-program'",
        ),
        (
            '[[notify]]\nname = "me"\nwebhook = "https://example.com/x"\nseverity = "high"\n',
            "[[notify]] me: it has a 'severity' and gets no message without a policy",
        ),
        (
            '[[notify]]\nname = "me"\nwebhook = "https://example.com/x"\nca_file = "no.pem"\n',
            "[[notify]] me: its ca_file ",
        ),
        (
            '[[notify]]\nname = "me"\ncommand = ["true"]\ntitle = "{{ imaeg }}"\n',
            "[[notify]] me: The template of the title of the sink 'me' failed",
        ),
        (
            "schedules = { acmee = { full = '1d' } }\n",
            "[[registry]] docker.io: 'schedules' has 'acmee', which is not among its namespaces",
        ),
        (
            '[[policy]]\nname = "p"\nforbid = ["retag"]\nregistries = ["ghcr.io"]\n',
            "[[policy]] p: no [[registry]] is 'ghcr.io'",
        ),
    ],
)
def test_what_is_missing_is_told_with_what_to_do(tmp_path: Path, more: str, said: str) -> None:
    (sentence,) = found(tmp_path, more, DOCKER_CONFIG=str(tmp_path / "docker"))

    assert said in sentence
    assert sentence.endswith(".")


def test_any_token_opens_an_address_to_other_machines(tmp_path: Path) -> None:
    more = '[serve]\nhost = "0.0.0.0"\ntokens.ci = { env = "CI_TOKEN", scopes = ["read"] }\n'

    assert found(tmp_path, more, CI_TOKEN="x" * 32) == []
    (missing,) = found(tmp_path, more)
    assert "CI_TOKEN" in missing


def test_nothing_to_crawl_and_a_folder_that_is_missing_are_told(tmp_path: Path) -> None:
    file = tmp_path / "indexer.toml"
    file.write_text(f'[database]\nurl = "sqlite:///{tmp_path}/no/x.db"\n', encoding="utf-8")

    places = [each.place for each in review(load(file, {}), FakeClock(), {})]

    assert places == ["[database]", "[[registry]]"]


def test_a_helper_is_looked_for_and_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker = tmp_path / "docker"
    docker.mkdir()
    (docker / "config.json").write_text(json.dumps({"credsStore": "test"}), encoding="utf-8")
    monkeypatch.setenv("PATH", str(tmp_path))
    (missing,) = found(tmp_path, "docker_config = true\n", DOCKER_CONFIG=str(docker))
    helper = tmp_path / "docker-credential-test"
    helper.write_text(f"#!/bin/sh\ntouch {tmp_path}/called\n", encoding="utf-8")
    helper.chmod(0o755)

    assert "'docker-credential-test'" in missing
    assert "is not installed: install it" in missing
    assert found(tmp_path, "docker_config = true\n", DOCKER_CONFIG=str(docker)) == []
    assert not (tmp_path / "called").exists()
