"""[serve] as it is written: addresses, tokens, and secrets that are not shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.config import (
    AccessToken,
    Scope,
    ServeSettings,
    TokenSettings,
    is_loopback,
    load,
    serve_secrets,
)
from indexer.core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.config.files import Written


def test_the_server_is_configured(written: Written) -> None:
    settings = load(
        written(
            """
            [serve]
            host = "[::1]"
            port = 0
            token_env = "T"
            url = "https://catalog.example.com/"
            hosts = ["A.example.com", "a.example.com"]
            registry_hosts = { "hub.example.com" = "docker.io" }
            """
        ),
        {},
    )
    assert settings.serve == ServeSettings(
        host="::1",
        port=0,
        token_env="T",
        url="https://catalog.example.com",
        hosts=("a.example.com",),
        registry_hosts=(("hub.example.com", "docker.io"),),
    )


def test_the_servers_secrets_come_from_the_environment_and_are_not_shown() -> None:
    serve = ServeSettings(token_env="T", hook_secret_env="H")
    secrets = serve_secrets(serve, {"T": "token-of-16-chars", "H": "secret-of-16-chars"})
    assert secrets == ((AccessToken("token", "token-of-16-chars"),), "secret-of-16-chars")
    assert "of-16" not in repr(secrets)
    assert serve_secrets(ServeSettings(), {"T": "unasked"}) == ((), None)


def test_tokens_have_names_and_scopes(written: Written, tmp_path: Path) -> None:
    (tmp_path / "harbor.token").write_text("harbor-token-of-some-length\n")
    settings = load(
        written(
            """
            [serve]
            token_env = "T"
            [serve.tokens]
            ci = { env = "CI", scopes = ["private"] }
            harbor = { file = "harbor.token", scopes = ["hooks"] }
            """
        ),
        {},
    )
    secrets = serve_secrets(settings.serve, {"T": "t" * 16, "CI": "c" * 16})
    assert secrets.tokens == (
        AccessToken("token", "t" * 16),
        AccessToken("ci", "c" * 16, frozenset({Scope.PRIVATE, Scope.READ})),
        AccessToken("harbor", "harbor-token-of-some-length", frozenset({Scope.HOOKS})),
    )
    assert "tttt" not in repr(secrets.tokens)


@pytest.mark.parametrize(
    ("tokens", "sentence"),
    [
        (
            {"token": ("CI", ["read"])},
            "[serve] tokens.token: token_env names the token of this name: rename it.",
        ),
        (
            {"ci": ("SAME", ["read"])},
            "[serve] tokens.ci has the same secret as token: the log could",
        ),
        (
            {"ci": ("WEAK", ["read"])},
            "[serve] tokens.ci names, must hold at least 16 characters of",
        ),
        ({"ci": ("NONE", ["read"])}, "variable NONE, which [serve] tokens.ci names, is not set"),
        (
            {"ci": ("SIGN", ["hooks"])},
            "[serve] tokens.ci must hold letters, digits, '.', '_', '~' and",
        ),
    ],
)
def test_a_token_that_will_not_do_is_named_and_not_shown(
    tokens: dict[str, tuple[str, list[str]]], sentence: str
) -> None:
    serve = ServeSettings(
        token_env="T",
        tokens=tuple(
            TokenSettings(name, frozenset(map(Scope, scopes)), env)
            for name, (env, scopes) in tokens.items()
        ),
    )
    environ = {"T": "hunter2" * 9, "SAME": "hunter2" * 9, "WEAK": "hunter2", "CI": "c" * 16}
    environ["SIGN"] = "hunter2/" * 9
    with pytest.raises(ConfigError) as caught:
        serve_secrets(serve, environ)
    assert sentence in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({}, "the environment variable T, which [serve] token_env names, is not set: export it."),
        ({"T": "hunter2"}, "must hold at least 16 characters of ASCII"),
        ({"T": "hunter2\n" * 9}, "must hold at least 16 characters of ASCII"),
        ({"T": "x" * 16, "H": "hunter2/" * 9}, "hook_secret_env names, must hold letters, digits"),
    ],
)
def test_a_servers_secret_that_will_not_do_is_named_and_not_shown(
    environ: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        serve_secrets(ServeSettings(token_env="T", hook_secret_env="H"), environ)
    assert sentence in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("docker.io.localhost", True),
        ("0.0.0.0", False),  # noqa: S104 - nothing is bound
        ("::", False),
        ("192.168.1.1", False),
        ("localhost.example.com", False),
    ],
)
def test_only_this_machine_is_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
