"""Files with secrets that everybody can read are told, and the others are not."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from indexer.bootstrap import found_configuration
from indexer.bootstrap.open_secret_files import open_secret_files
from indexer.config import load

if TYPE_CHECKING:
    from pathlib import Path

    from indexer.config import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    file = tmp_path / "indexer.toml"
    file.write_text(
        '[[registry]]\nnamespaces = ["acme"]\nusername = "me"\npassword_file = "password"\n'
        '[[notify]]\nname = "chat"\napprise_file = "chat"\n'
        '[[notify]]\nname = "hook"\nwebhook = "https://example.com/x"\nsecret_file = "nowhere"\n'
        '[serve.tokens]\nci = { file = "token", scopes = ["read"] }\n',
        encoding="utf-8",
    )
    file.chmod(0o640)
    for name in ("password", "chat", "token"):
        (tmp_path / name).write_text("hunter2-hunter2\n", encoding="utf-8")
        (tmp_path / name).chmod(0o640)
    return load(file, {})


def test_files_for_their_owner_and_group_are_not_told(settings: Settings) -> None:
    assert list(open_secret_files(settings)) == []


@pytest.mark.parametrize("name", ["password", "chat", "token", "indexer.toml"])
def test_a_file_that_everybody_can_read_is_told_with_the_remedy(
    settings: Settings, tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    file.chmod(0o644)

    (sentence,) = open_secret_files(settings)

    assert f"'chmod o= {file}'" in sentence
    assert "hunter2" not in sentence


@pytest.mark.parametrize(
    ("environ", "is_told"), [({}, True), ({"INDEXER_DATABASE_URL": "sqlite:///x.db"}, False)]
)
def test_a_configuration_with_a_password_of_the_database_is_told(
    tmp_path: Path, environ: dict[str, str], *, is_told: bool
) -> None:
    file = tmp_path / "indexer.toml"
    file.write_text('[database]\nurl = "postgresql://me:hunter2@db/name"\n', encoding="utf-8")
    file.chmod(0o644)

    assert bool(list(open_secret_files(load(file, environ)))) is is_told


def test_a_process_that_contacts_anybody_says_it_once(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "password").chmod(0o604)

    with caplog.at_level(logging.WARNING, "indexer"):
        found_configuration.announce(settings)
        found_configuration.announce(settings)

    assert [record.levelname for record in caplog.records] == ["WARNING"]
