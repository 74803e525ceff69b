"""Which values are in force, where each comes from, and that none shows a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.config import keys, load
from indexer.config.origins import values_in_force
from indexer.policies.policy import Policy

if TYPE_CHECKING:
    from pathlib import Path

    from indexer.config.origins import ValueInForce

SECRET = "hunter2"

WHOLE = """
[schedule]
crawl = "30m"

[[registry]]
namespaces = ["acme"]
username = "me"
password_env = "HUB_PASSWORD"
schedules = { acme = { crawl = "5m" } }

[[registry]]
name = "ghcr.io"
type = "oci"
ca_file = "ca.pem"

[[notify]]
name = "chat"
apprise = ["slack://hunter2/x", "mailto://me:hunter2@mail.example.com"]

[[notify]]
name = "hook"
webhook = "https://hooks.example.com/hunter2?token=hunter2"
burst = 3

[[notify]]
name = "script"
command = ["/usr/bin/curl", "-H", "Authorization: Bearer hunter2"]

[[policy]]
name = "releases"
forbid = ["retag"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "indexer.toml"
    path.write_text(WHOLE, encoding="utf-8")
    return path


def shown(file: Path | None, **environ: str) -> dict[tuple[str, str], ValueInForce]:
    values = values_in_force(file, environ | ({} if file else {"INDEXER_CONFIG": ""}))
    return {(each.section, each.key): each for each in values}


def test_each_value_says_where_it_comes_from(file: Path) -> None:
    found = shown(file, INDEXER_DATABASE_URL="sqlite:///other.db", HUB_PASSWORD=SECRET)

    assert found["[schedule]", "crawl"][2:4] == ('"30m"', str(file))
    assert found["[schedule]", "verify"][2:4] == ('"12h"', "default")
    assert found["[http]", "timeout"][2:4] == ('"30s"', "default")
    assert found["[database]", "url"][2:4] == ('"sqlite:///other.db"', "INDEXER_DATABASE_URL")
    assert found["[[registry]] docker.io", "namespaces"][2:4] == ('["acme"]', str(file))
    assert found["[[registry]] docker.io", "resolve"][2:4] == ("100", "default")
    assert found["[[registry]] docker.io", "schedules"].value == '{ acme = { crawl = "5m" } }'
    assert found["[[notify]] hook", "burst"][2:4] == ("3", str(file))
    assert found["[[notify]] chat", "burst"][2:4] == ("10", "default")


def test_what_is_named_is_looked_for(file: Path) -> None:
    found = shown(file, HUB_PASSWORD=SECRET)
    assert found["[[registry]] docker.io", "password_env"].note == "set"
    assert found["[[registry]] ghcr.io", "ca_file"].note == "not found"
    assert shown(file)["[[registry]] docker.io", "password_env"].note == "not set"


def test_a_registry_has_the_keys_of_its_type_only(file: Path) -> None:
    found = shown(file)

    assert ("[[registry]] ghcr.io", "newest") in found
    assert ("[[registry]] ghcr.io", "hub_url") not in found
    assert ("[[registry]] docker.io", "newest") not in found


def test_no_secret_is_shown(file: Path) -> None:
    found = shown(
        file,
        HUB_PASSWORD=SECRET,
        INDEXER_DATABASE_URL=f"postgresql://me:{SECRET}@db.example.com/x?sslpassword={SECRET}",
        INDEXER_READER_DATABASE_URL=f"postgresql://reader:{SECRET}@db.example.com/x",
        HTTPS_PROXY=f"http://me:{SECRET}@proxy.example.com:3128",
    )

    assert SECRET not in "".join("".join(each) for each in found.values())
    url = found["[database]", "url"].value
    assert url == '"postgresql+psycopg://me:***@db.example.com/x?sslpassword=***"'
    reader = '"postgresql+psycopg://reader:***@db.example.com/x"'
    assert found["[database]", "reader_url"][2:4] == (reader, "INDEXER_READER_DATABASE_URL")
    assert found["environment", "HTTPS_PROXY"].value == "http://***@proxy.example.com:3128"
    assert found["[[notify]] chat", "apprise"].value == '["slack://***", "mailto://***"]'
    assert found["[[notify]] script", "command"].value == '["/usr/bin/curl", "***"]'


def test_without_a_file_everything_is_by_default() -> None:
    found = shown(None)

    assert {each.origin for each in found.values()} - {"INDEXER_CONFIG"} == {"default"}
    scalar = {(f"[{section}]", key) for section in ("http", "serve") for key in keys()[section]}
    assert scalar <= found.keys()


def test_the_defaults_of_sinks_and_policies_are_those_of_the_code(tmp_path: Path) -> None:
    file = tmp_path / "indexer.toml"
    file.write_text(WHOLE, encoding="utf-8")
    found, settings = shown(file), load(file, {})
    sink = settings.sinks[0]

    assert found["[[notify]] chat", "timeout"].value == f'"{sink.timeout:g}s"'
    assert found["[[notify]] chat", "burst"].value == str(sink.sink.burst)
    assert found["[[notify]] chat", "timezone"].value == f'"{sink.sink.quiet.zone}"'
    assert found["[[notify]] chat", "insecure"].value == str(sink.insecure).lower()
    assert found["[[policy]] releases", "severity"].value == f'"{Policy("x").severity}"'
