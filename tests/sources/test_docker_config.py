from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from indexer.core.errors import ConfigError
from indexer.core.secret import Credentials, Secret
from indexer.sources.docker_config import Wanted, find_docker_credentials
from tests.sources.helpers import KNOWS, installer
from tests.sources.test_docker_config_keys import EVERY_SPELLING_OF_THE_HUB

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.sources.helpers import Install

    Write = Callable[[Any], Path]

HUB = "https://index.docker.io/v1/"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def config(content: Any) -> Path:
        path = tmp_path / "config.json"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    return config


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    return installer(tmp_path, monkeypatch)


def found(username: str = "me") -> tuple[str, Secret]:
    return username, Secret("s3cret")


def look(file: Path, registry: str = "docker.io", *repositories: str) -> Credentials | None:
    return find_docker_credentials([file], Wanted(registry, repositories))


def pair(read: Credentials | None) -> tuple[str, Secret] | None:
    return (read.username, read.secret) if read else None


@pytest.mark.parametrize("host", EVERY_SPELLING_OF_THE_HUB)
def test_a_login_is_found_under_every_name_of_the_hub(write: Write, host: str) -> None:
    path = write({"auths": {"ghcr.io": {}, host: {"auth": encoded("me:s3cret")}}, "x": 1})
    assert pair(look(path)) == found()


def test_a_secret_may_hold_colons_and_docker_pads_it(write: Write) -> None:
    path = write({"auths": {HUB: {"auth": encoded("me:a:b\0\0")}}})
    assert pair(look(path)) == ("me", Secret("a:b"))


def test_username_and_password_may_stand_in_the_open(write: Write) -> None:
    path = write({"auths": {HUB: {"username": "me", "password": "s3cret"}}})
    assert pair(look(path)) == found()


@pytest.mark.parametrize(
    "content",
    [{}, {"auths": None}, {"auths": {}}, {"auths": {HUB: {}}}, {"auths": {HUB: None}}],
)
def test_a_file_without_a_login_has_none(write: Write, content: Any) -> None:
    assert look(write(content)) is None


def test_without_a_file_there_is_no_login(tmp_path: Path) -> None:
    assert look(tmp_path / "nothing" / "config.json") is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"auths": []}',
        b'{"auths": {"docker.io": {"auth": 5, "password": "s3cret"}}}',
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_a_file_that_docker_did_not_write_is_named(write: Write, content: bytes) -> None:
    with pytest.raises(ConfigError, match=r"cannot parse .*: correct it") as told:
        look(write(content))
    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize("auth", ["%%%", encoded("no colon"), "/w=="])
def test_an_invalid_auth_is_named(write: Write, auth: str) -> None:
    with pytest.raises(ConfigError, match="cannot decode 'auth' of"):
        look(write({"auths": {HUB: {"auth": auth}}}))


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        look(tmp_path)


def test_an_identity_token_is_kept_as_what_it_is(write: Write) -> None:
    name = "00000000-0000-0000-0000-000000000000"
    entry = {"auth": encoded(f"{name}:"), "identitytoken": "s3cret"}
    held = look(write({"auths": {"acme.azurecr.io": entry}}), "acme.azurecr.io")
    assert held is not None
    assert (held.username, held.secret, held.is_identity_token) == (name, Secret("s3cret"), True)


def test_a_store_is_asked_before_the_file(write: Write, helper: Install) -> None:
    helper("box", KNOWS.replace("NAME", "from-the-store"))
    path = write({"credsStore": "box", "auths": {HUB: {"auth": encoded("me:old")}}})
    assert pair(look(path)) == found("from-the-store")


def test_a_helper_of_the_host_is_asked_before_the_store(write: Write, helper: Install) -> None:
    helper("box", KNOWS.replace("NAME", "from-the-store"))
    helper("own", KNOWS.replace("NAME", "from-the-helper"))
    path = write({"credsStore": "box", "credHelpers": {HUB: "own", "ghcr.io": "missing"}})
    assert pair(look(path)) == found("from-the-helper")


def test_a_store_that_knows_nothing_leaves_the_file(write: Write, helper: Install) -> None:
    helper("box", 'print("credentials not found in native keychain"); sys.exit(1)')
    path = write({"credsStore": "box", "auths": {HUB: {"auth": encoded("me:s3cret")}}})
    assert pair(look(path)) == found()


def test_credentials_do_not_show_their_secret() -> None:
    held = Credentials("me", Secret("s3cret"))
    assert "s3cret" not in f"{held} {held!r} {held.secret} {[held.secret]} %s" % held.secret
    assert held.secret.reveal() == "s3cret"
    assert held == Credentials("me", Secret("s3cret"))
    assert hash(held.secret) == hash(Secret("s3cret"))
    assert not Secret("")


def knows(key: str) -> str:
    """A helper with one login, kept under one spelling."""
    return KNOWS.replace("https://index.docker.io/v1/", key).replace("NAME", "AWS")


ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"


@pytest.mark.parametrize("key", [ECR, f"https://{ECR}", f"https://{ECR}/v2/"])
def test_a_helper_of_a_registry_is_found_under_any_spelling_of_its_host(
    write: Write, helper: Install, key: str
) -> None:
    helper("ecr-login", knows(ECR))
    held = look(write({"credHelpers": {key: "ecr-login", "docker.io": "x"}}), ECR)
    assert pair(held) == found("AWS")
    assert held is not None
    assert held.origin == f"what 'docker-credential-ecr-login' keeps for {ECR}"


def test_a_store_is_asked_for_the_spelling_that_the_file_has(write: Write, helper: Install) -> None:
    """Docker leaves an empty entry beside a store, under the very name that the store has."""
    helper("box", knows("https://reg.example.com/v2/"))
    path = write({"credsStore": "box", "auths": {"https://reg.example.com/v2/": {}}})
    assert pair(look(path, "reg.example.com")) == found("AWS")


def test_tokens_of_a_login_in_a_browser_are_no_password(write: Write) -> None:
    auths = {
        f"{HUB}access-token": {"auth": encoded("me:eyJ...")},
        HUB: {"auth": encoded("me:s3cret")},
        f"{HUB}refresh-token": {"auth": encoded("me:v1..")},
    }
    assert pair(look(write({"auths": auths}))) == found()
    del auths[HUB]
    assert look(write({"auths": auths})) is None


def test_the_next_file_is_looked_into_where_the_first_has_no_login(
    write: Write, tmp_path: Path
) -> None:
    first = write({"auths": {"ghcr.io": {}}})
    second = tmp_path / "auth.json"
    second.write_text(json.dumps({"auths": {"quay.io/team": {"auth": encoded("robot:s3cret")}}}))
    files = [tmp_path / "none" / "config.json", first, second]
    assert pair(find_docker_credentials(files, Wanted("quay.io", ("team/*",)))) == found("robot")
    assert find_docker_credentials(files, Wanted("quay.io")) is None


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        {"auths": {"https://ghcr.io/v2/": {"auth": "%%%"}}},
        {
            "auths": {
                "ghcr.io": {"auth": base64.b64encode("me:pässwört".encode("latin-1")).decode()}
            }
        },
        {"credsStore": "no-such-thing"},
        {"credHelpers": {"ghcr.io": "../x"}},
    ],
)
def test_every_message_names_the_registry_that_it_is_about(write: Write, content: Any) -> None:
    with pytest.raises(ConfigError, match=r"ghcr\.io") as told:
        look(write(content), "ghcr.io")
    assert str(told.value).count(".\n") == 0
    assert "docker hub" not in str(told.value).lower()
