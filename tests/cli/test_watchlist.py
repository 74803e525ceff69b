"""`indexer watchlist`: what it prints can be appended to the configuration, and covers all."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.sources.oci.in_process import Here

if TYPE_CHECKING:
    from pathlib import Path

COMPOSE = """\
services:
  web: {image: "nginx:1.27"}
  api: {image: "acme/api:2"}
  mail: {image: "ghcr.io/team/mail@sha256:%s"}
  other: {image: "localhost:5000/a/b:1"}
"""


@pytest.fixture
def here(tmp_path: Path) -> Here:
    (tmp_path / "compose.yaml").write_text(COMPOSE % (64 * "0"))
    return Here(tmp_path)


def test_it_prints_a_configuration_that_covers_everything(here: Here) -> None:
    done = here.run("watchlist", "compose.yaml", "nginx:1.26", "-o", "indexer.toml")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert tomllib.loads((here.folder / "indexer.toml").read_text()) == {
        "registry": [
            {"name": "docker.io", "repositories": ["acme/api", "library/nginx"]},
            {"name": "ghcr.io", "type": "oci", "repositories": ["team/mail"]},
            {"name": "localhost:5000", "type": "oci", "repositories": ["a/b"]},
        ]
    }
    done = here.run("watchlist", "compose.yaml")
    assert (done.code, done.out) == (0, "")
    assert "the configuration covers 4 repositories already: docker.io/acme/api, " in done.err


def test_what_is_missing_is_appended_to_a_configuration(here: Here) -> None:
    file = here.folder / "indexer.toml"
    file.write_text('[[registry]]\nnamespaces = ["library"]\n')
    done = here.run("watchlist", "compose.yaml", "--namespaces")
    assert (done.code, done.err.count("covers 1 repository already")) == (0, 1)
    assert 'name = "docker.io-watchlist"\nhost = "docker.io"\nnamespaces = [' in done.out
    file.write_text(f"{file.read_text()}\n{done.out}")
    done = here.run("watchlist", "compose.yaml")
    assert (done.code, done.out) == (0, "")


def test_an_entry_that_must_be_edited_is_a_comment_and_no_success(here: Here) -> None:
    (here.folder / "indexer.toml").write_text('[[registry]]\nrepositories = ["library/redis"]\n')
    done = here.run("watchlist", "nginx:1.27")
    assert done.code == 1
    assert done.out == (
        '# Add to \'repositories\' of the entry "docker.io":\n#   "library/nginx",\n'
    )
    assert "edit it as the comment says." in done.err


def test_what_cannot_be_read_is_said_and_the_rest_is_printed(here: Here) -> None:
    (here.folder / "Dockerfile").write_text("FROM $BASE\nFROM redis:7\n")
    done = here.run("watchlist", "Dockerfile")
    assert done.code == 1
    assert "library/redis" in done.out
    assert "Dockerfile:1: '$BASE': BASE has no value here" in done.err
    assert here.run("watchlist", "Dockerfile", "nowhere.yaml").code == 2
    done = here.run("watchlist", "Dockerfile", "-o", "compose.yaml")
    assert done.code == 2
    assert "compose.yaml exists: choose another file" in done.err
