from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import ConfigError
from indexer.sources import credential_helper
from indexer.sources.credential_helper import Login, ask
from tests.sources.helpers import installer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sources.helpers import Install

SUBJECT = "that /home/me/.docker/config.json names for ghcr.io"


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    return installer(tmp_path, monkeypatch)


def told(name: str) -> str:
    with pytest.raises(ConfigError) as caught:
        ask(name, "ghcr.io", SUBJECT)
    assert "s3cret" not in str(caught.value)
    return str(caught.value)


def test_a_helper_answers_with_a_login(helper: Install) -> None:
    helper("box", 'print(json.dumps({"ServerURL": host, "Username": host, "Secret": "s3cret"}))')
    found = ask("box", "ghcr.io", SUBJECT)
    assert found is not None
    assert found == Login("ghcr.io", "s3cret")
    assert "s3cret" not in f"{found} {found!r}"


def test_an_identity_token_is_recognised(helper: Install) -> None:
    helper("box", 'print(json.dumps({"Username": "<token>", "Secret": "s3cret"}))')
    found = ask("box", "ghcr.io", SUBJECT)
    assert found is not None
    assert found.is_identity_token


@pytest.mark.parametrize(
    "source",
    [
        'print("credentials not found in native keychain"); sys.exit(1)',
        'print("Credentials not found in native keychain"); sys.exit(1)',
        'print(json.dumps({"Username": "", "Secret": ""}))',
    ],
)
def test_a_helper_may_know_nothing(helper: Install, source: str) -> None:
    helper("box", source)
    assert ask("box", "ghcr.io", SUBJECT) is None


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ('print("s3cret", file=sys.stderr); sys.exit(3)', "failed (exit code 3)"),
        ('print("s3cret"); sys.exit(1)', "failed (exit code 1)"),
        ("import os; os.kill(os.getpid(), 9)", "was killed by signal 9"),
    ],
)
def test_a_helper_that_fails_is_named_without_its_output(
    helper: Install, source: str, why: str
) -> None:
    helper("box", source)
    assert told("box") == (
        f"the helper 'docker-credential-box' {SUBJECT} {why}: try 'echo ghcr.io | "
        "docker-credential-box get'."
    )


@pytest.mark.parametrize(
    "source",
    [
        'print("s3cret is no JSON")',
        'print(\'{"Username": "me"}\')',
        'sys.stdout.buffer.write(b\'{"Username": "s3cret", "Secret": "\\xff"}\')',
        r"""print('{"Username": "me", "Secret": "s3cret\\ud800"}')""",
        'print("[" * 100_000)',
        "while True: print('s3cret' * 10_000)",
        "pass",
    ],
)
def test_an_answer_without_a_login_is_refused(helper: Install, source: str) -> None:
    helper("box", source)
    assert told("box").endswith(" does not answer with credentials: check it, or log in again.")


@pytest.mark.parametrize(
    "source",
    [
        "import signal; signal.pause()",
        "import os; os.close(1); import signal; signal.pause()",
        "import os, signal; os.fork() or signal.pause()",
    ],
    ids=["silent", "with its output closed", "its child holds the output"],
)
def test_a_helper_that_hangs_is_killed_with_what_it_started(
    helper: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.setattr(credential_helper, "HELPER_SECONDS", 0.3)
    note = tmp_path / "process"
    helper("box", f"import os; open({str(note)!r}, 'w').write(str(os.getpid()))\n{source}")
    assert told("box").endswith(
        "did not answer in 0.3 seconds: unlock its store, or configure 'username' and "
        "'password_env' instead."
    )
    if note.exists():  # it came so far
        with pytest.raises(ProcessLookupError):
            os.kill(int(note.read_text()), signal.SIGCONT)


def test_a_helper_that_is_missing_is_named() -> None:
    assert told("no-such-thing") == (
        f"the helper 'docker-credential-no-such-thing' {SUBJECT} cannot be run: install it, or "
        "configure 'username' and 'password_env' instead."
    )


@pytest.mark.parametrize("name", ["../evil", "a b", "-x", "a;b", ""])
def test_a_helper_is_a_name_and_never_a_path(name: str) -> None:
    assert told(name).endswith("is not the name of a program: correct it.")
