from __future__ import annotations

import base64
import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from indexer.core.errors import ConfigError
from indexer.core.secret import Credentials, Secret
from indexer.sources import docker_config
from indexer.sources.docker_config import find_docker_credentials

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HUB = "https://index.docker.io/v1/"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Any], Path]:
    def config(content: Any) -> Path:
        path = tmp_path / "config.json"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    return config


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Install a helper: a program on the PATH."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    def install(name: str, source: str) -> None:
        program = tmp_path / f"docker-credential-{name}"
        program.write_text(
            f"#!{sys.executable}\nimport sys, json\nhost = sys.stdin.read()\n{source}"
        )
        program.chmod(0o755)

    return install


KNOWS = """
assert sys.argv[1:] == ["get"]
if host == "https://index.docker.io/v1/":
    print(json.dumps({"ServerURL": host, "Username": "NAME", "Secret": "s3cret"}))
else:
    print("credentials not found in native keychain"); sys.exit(1)
"""


def found(username: str = "me") -> tuple[str, Secret]:
    return username, Secret("s3cret")


def pair(read: Credentials | None) -> tuple[str, Secret] | None:
    return (read.username, read.secret) if read else None


@pytest.mark.parametrize("host", [HUB, "docker.io", "registry-1.docker.io", "hub.docker.com"])
def test_a_login_is_found_under_every_name_of_the_hub(
    write: Callable[[Any], Path], host: str
) -> None:
    path = write({"auths": {"ghcr.io": {}, host: {"auth": encoded("me:s3cret")}}, "x": 1})
    assert pair(find_docker_credentials(path)) == found()


def test_a_secret_may_hold_colons_and_docker_pads_it(write: Callable[[Any], Path]) -> None:
    path = write({"auths": {HUB: {"auth": encoded("me:a:b\0\0")}}})
    assert pair(find_docker_credentials(path)) == ("me", Secret("a:b"))


def test_username_and_password_may_stand_in_the_open(write: Callable[[Any], Path]) -> None:
    path = write({"auths": {HUB: {"username": "me", "password": "s3cret"}}})
    assert pair(find_docker_credentials(path)) == found()


@pytest.mark.parametrize(
    "content",
    [{}, {"auths": None}, {"auths": {}}, {"auths": {HUB: {}}}, {"auths": {HUB: None}}],
)
def test_a_file_without_a_login_has_none(write: Callable[[Any], Path], content: Any) -> None:
    assert find_docker_credentials(write(content)) is None


def test_no_file_is_no_login(tmp_path: Path) -> None:
    assert find_docker_credentials(tmp_path / "nothing" / "config.json") is None


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
def test_a_file_that_docker_did_not_write_is_named(
    write: Callable[[Any], Path], content: bytes
) -> None:
    with pytest.raises(ConfigError, match=r"config\.json is not as docker writes it") as told:
        find_docker_credentials(write(content))
    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize("auth", ["%%%", encoded("no colon"), "/w=="])
def test_an_auth_that_is_none_is_named(write: Callable[[Any], Path], auth: str) -> None:
    with pytest.raises(ConfigError, match="cannot be decoded: log in anew"):
        find_docker_credentials(write({"auths": {HUB: {"auth": auth}}}))


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        find_docker_credentials(tmp_path)


def test_an_identity_token_is_of_no_use_and_says_so(write: Callable[[Any], Path]) -> None:
    path = write({"auths": {HUB: {"auth": encoded("me:"), "identitytoken": "s3cret"}}})
    with pytest.raises(ConfigError, match="is an identity token") as told:
        find_docker_credentials(path)
    assert "s3cret" not in str(told.value)


def test_a_store_is_asked_before_the_file(
    write: Callable[[Any], Path], helper: Callable[[str, str], None]
) -> None:
    helper("box", KNOWS.replace("NAME", "from-the-store"))
    path = write({"credsStore": "box", "auths": {HUB: {"auth": encoded("me:old")}}})
    assert pair(find_docker_credentials(path)) == found("from-the-store")


def test_a_helper_of_the_host_is_asked_before_the_store(
    write: Callable[[Any], Path], helper: Callable[[str, str], None]
) -> None:
    helper("box", KNOWS.replace("NAME", "from-the-store"))
    helper("own", KNOWS.replace("NAME", "from-the-helper"))
    path = write({"credsStore": "box", "credHelpers": {HUB: "own", "ghcr.io": "missing"}})
    assert pair(find_docker_credentials(path)) == found("from-the-helper")


def test_a_store_that_knows_nothing_leaves_the_file(
    write: Callable[[Any], Path], helper: Callable[[str, str], None]
) -> None:
    helper("box", 'print("credentials not found in native keychain"); sys.exit(1)')
    path = write({"credsStore": "box", "auths": {HUB: {"auth": encoded("me:s3cret")}}})
    assert pair(find_docker_credentials(path)) == found()


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ('print("s3cret", file=sys.stderr); sys.exit(3)', r"failed \(exit code 3\)"),
        ('print("s3cret is no JSON")', "answers something else"),
        ('print(json.dumps({"Username": "<token>", "Secret": "s3cret"}))', "identity token"),
    ],
)
def test_a_helper_that_fails_is_named_without_its_output(
    write: Callable[[Any], Path], helper: Callable[[str, str], None], source: str, why: str
) -> None:
    helper("box", source)
    with pytest.raises(ConfigError, match=why) as told:
        find_docker_credentials(write({"credsStore": "box"}))
    assert "s3cret" not in str(told.value)


def test_a_helper_that_does_not_answer_is_left(
    write: Callable[[Any], Path],
    helper: Callable[[str, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(docker_config, "HELPER_SECONDS", 0.2)
    helper("box", "import signal; signal.pause()")
    with pytest.raises(ConfigError, match=r"did not answer in 0\.2 seconds"):
        find_docker_credentials(write({"credsStore": "box"}))


def test_a_helper_that_is_missing_is_named(write: Callable[[Any], Path]) -> None:
    with pytest.raises(
        ConfigError, match=r"'docker-credential-no-such-thing', which cannot be run"
    ):
        find_docker_credentials(write({"credsStore": "no-such-thing"}))


@pytest.mark.parametrize("name", ["../evil", "a b", "-x", "a;b"])
def test_a_helper_is_a_name_and_never_a_path(write: Callable[[Any], Path], name: str) -> None:
    with pytest.raises(ConfigError, match="is not the name of a program"):
        find_docker_credentials(write({"credsStore": name}))


def test_credentials_do_not_show_their_secret() -> None:
    held = Credentials("me", Secret("s3cret"))
    assert "s3cret" not in f"{held} {held!r} {held.secret} {[held.secret]} %s" % held.secret
    assert held.secret.reveal() == "s3cret"
    assert held == Credentials("me", Secret("s3cret"))
    assert hash(held.secret) == hash(Secret("s3cret"))
    assert not Secret("")
