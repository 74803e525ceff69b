"""Asks a credential helper: a program `docker-credential-NAME` that keeps logins.

The protocol is that of docker-credential-helpers: `get`, the registry on standard input, JSON on
standard output. What a helper prints may hold a secret and is never shown; its standard error is
not even read.
"""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import signal
import subprocess
import time
from dataclasses import dataclass

import msgspec

from indexer.core.errors import ConfigError
from indexer.core.printable import shown

HELPER_SECONDS = 20.0
"""Seconds that a helper may take: some unlock a keychain first."""

MOST_BYTES = 1024 * 1024
"""The most bytes of an answer; real ones have some 200, or 4,000 with a token of a cloud."""

_IDENTITY_TOKEN = "<token>"  # noqa: S105 - a marker, no secret
"""The username that a helper returns with an identity token (docker-credential-helpers)."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_NO_CREDENTIALS = "does not answer with credentials: check it, or log in again."
INSTEAD = "'username' and 'password_env' instead"
"""What to configure where a helper is of no use."""

_NOT_FOUND = b"credentials not found"
"""What a helper prints for an unknown host (docker-credential-helpers, credentials/error)."""


@dataclass(frozen=True, slots=True, repr=False)
class Login:
    """What is kept for a registry. `is_identity_token`: the secret is one, and no password."""

    username: str
    secret: str
    is_identity_token: bool = False


class _Answer(msgspec.Struct, rename="pascal"):
    username: str
    secret: str

    __repr__ = object.__repr__  # a Struct's own shows the values


def ask(helper: str, key: str, subject: str) -> Login | None:
    """Ask a helper for a login.

    Args:
        helper: its name, without `docker-credential-`.
        key: what it is asked for: a host, or an address.
        subject: follows the helper's name in messages: the file that names it, and for what.

    Returns:
        The login; None if the helper has none for this key.

    Raises:
        ConfigError: it cannot be run, fails, or answers something else.
    """
    command = f"docker-credential-{helper}"
    told = f"the helper '{shown(command, 80)}' {subject}"
    if not _NAME.fullmatch(helper):
        raise ConfigError(f"{told} is not the name of a program: correct it.")
    code, output = _run(command, key, told)
    if code != 0:
        if _NOT_FOUND in output.lower():
            return None
        how = f"was killed by signal {-code}" if code < 0 else f"failed (exit code {code})"
        raise ConfigError(f"{told} {how}: try 'echo {shown(key, 100)} | {shown(command, 80)} get'.")
    try:
        found = msgspec.json.decode(output, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ConfigError(f"{told} {_NO_CREDENTIALS}") from None
    if not found.secret or not found.username:
        return None
    return Login(found.username, found.secret, found.username == _IDENTITY_TOKEN)


def _run(command: str, key: str, told: str) -> tuple[int, bytes]:
    """The exit code and the output of a helper, within bounds of time and size."""
    try:
        process = subprocess.Popen(  # noqa: S603 - no shell; docker itself runs what its file names
            [command, "get"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        raise ConfigError(f"{told} cannot be run: install it, or configure {INSTEAD}.") from None
    with process:
        try:
            return _answered(process, key, told)
        except BaseException:  # Ctrl-C too, which does not reach its session
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # and all that it has started
            raise


def _answered(process: subprocess.Popen[bytes], key: str, told: str) -> tuple[int, bytes]:
    assert process.stdin is not None
    assert process.stdout is not None
    deadline = time.monotonic() + HELPER_SECONDS
    with contextlib.suppress(BrokenPipeError):  # it need not read; a key fits into any pipe
        process.stdin.write(key.encode())
        process.stdin.close()
    output = b""
    while _is_readable(process.stdout.fileno(), deadline):
        piece = os.read(process.stdout.fileno(), 65_536)
        if not piece:
            break
        output += piece
        if len(output) > MOST_BYTES:
            raise ConfigError(f"{told} {_NO_CREDENTIALS}")
    else:
        raise _late(told)
    try:
        return process.wait(max(0.0, deadline - time.monotonic())), output
    except subprocess.TimeoutExpired:
        raise _late(told) from None


def _is_readable(descriptor: int, deadline: float) -> bool:
    with selectors.DefaultSelector() as selector:  # `select` alone takes no descriptor above 1,023
        selector.register(descriptor, selectors.EVENT_READ)
        return bool(selector.select(max(0.0, deadline - time.monotonic())))


def _late(told: str) -> ConfigError:
    return ConfigError(
        f"{told} did not answer in {HELPER_SECONDS:g} seconds: unlock its store, or configure "
        f"{INSTEAD}."
    )
