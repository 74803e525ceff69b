"""The tokens of `indexer serve`: their names, what each may do, and where its secret is."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from indexer.config import secret_files, value_readers
from indexer.config.environment import text_of
from indexer.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

LEAST_SECRET = 16
"""The fewest characters of a token or of a hook's secret; shorter ones can be guessed."""

ONLY_TOKEN = "token"  # noqa: S105 - a name, which is written to logs
"""The name of the token that `token_env` names."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_KEYS = frozenset({"env", "file", "scopes"})
_SHAPE = "a table as { env = 'CI_TOKEN', scopes = ['read'] }"


class Scope(StrEnum):
    """What a token may do."""

    READ = "read"
    PRIVATE = "private"
    HOOKS = "hooks"


@dataclass(frozen=True, slots=True)
class TokenSettings:
    """A token of `[serve.tokens]`. Holds no secret.

    Attributes:
        name: what the access log calls it.
        scopes: what it may do.
        env: names the variable that holds it; else None.
        file: holds it on one line; else None.
    """

    name: str
    scopes: frozenset[Scope]
    env: str | None = None
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token with its secret, which is never shown.

    Attributes:
        name: what the access log calls it.
        secret: what a client sends.
        scopes: what it may do.
    """

    name: str
    secret: str = field(repr=False)
    scopes: frozenset[Scope] = frozenset({Scope.READ, Scope.PRIVATE})


def reader(path: Callable[[object], Path]) -> Callable[[object], tuple[TokenSettings, ...]]:
    """A reader of `tokens`.

    Args:
        path: reads a path, relative to the folder of the configuration file.
    """

    def read(value: object) -> tuple[TokenSettings, ...]:
        if not isinstance(value, dict):
            raise value_readers.InvalidValue(f"for each name of a token {_SHAPE}", quoted=False)
        return tuple(_one(name, given, path) for name, given in value.items())

    return read


def _one(name: str, given: object, path: Callable[[object], Path]) -> TokenSettings:
    # What is given instead may be the secret itself: it is not quoted.
    if not _NAME.fullmatch(name):
        raise value_readers.InvalidValue(
            "names of tokens of letters, digits, '.', '_' and '-', up to 64", quoted=False
        )
    if not isinstance(given, dict) or not given.keys() <= _KEYS:
        raise value_readers.InvalidValue(f"for the token {name} {_SHAPE}", quoted=False)
    if ("env" in given) == ("file" in given):
        raise value_readers.InvalidValue(
            f"for the token {name} either env, the variable that holds it, or file", quoted=False
        )
    return TokenSettings(
        name,
        _scopes(name, given.get("scopes")),
        env=value_readers.variable(given["env"]) if "env" in given else None,
        file=path(given["file"]) if "file" in given else None,
    )


def _scopes(name: str, given: object) -> frozenset[Scope]:
    known = set(Scope)
    if not isinstance(given, list) or not given or not all(each in known for each in given):
        raise value_readers.InvalidValue(
            f"for the token {name} scopes, a list of 'read' (what is public), 'private' (also what "
            "is private) and 'hooks'",
            quoted=False,
        )
    scopes = frozenset(map(Scope, given))
    return scopes | {Scope.READ} if Scope.PRIVATE in scopes else scopes


def read_tokens(
    token_env: str | None,
    tokens: Iterable[TokenSettings],
    environ: Mapping[str, str] = os.environ,
) -> tuple[AccessToken, ...]:
    """Read the secrets of the tokens.

    Args:
        token_env: names the variable of the token that has no name; None: there is none.
        tokens: those with a name.
        environ: the environment.

    Raises:
        ConfigError: one is not set, is too weak, or is the same as another.
    """
    found: list[AccessToken] = []
    if token_env is not None:
        found.append(AccessToken(ONLY_TOKEN, secret_of(token_env, "token_env", environ)))
    for each in tokens:
        key = f"tokens.{each.name}"
        if each.file is None:
            secret = secret_of(each.env or "", key, environ)
        else:
            what = f"the file of [serve] {key}"
            secret = _strong("\n".join(secret_files.lines_of(each.file, what)), what)
        found.append(AccessToken(each.name, secret, each.scopes))
    _check_that_they_differ(found)
    return tuple(found)


def secret_of(variable: str, key: str, environ: Mapping[str, str]) -> str:
    """The secret in a variable that a key of `[serve]` names.

    Raises:
        ConfigError: it is not set, or too weak.
    """
    what = f"the environment variable {variable}, which [serve] {key} names,"
    secret = text_of(environ, variable)
    if not secret:
        raise ConfigError(f"{what} is not set: export it.")
    return _strong(secret, what)


def _strong(secret: str, what: str) -> str:
    if len(secret) < LEAST_SECRET or not secret.isascii() or not secret.isprintable():
        raise ConfigError(
            f"{what} must hold at least {LEAST_SECRET} characters of ASCII, as "
            "'openssl rand -hex 32' makes them."
        )
    return secret


def _check_that_they_differ(found: Iterable[AccessToken]) -> None:
    names: dict[str, str] = {}
    taken: set[str] = set()
    for each in found:
        if each.name in taken:
            raise ConfigError(
                f"[serve] tokens.{each.name}: token_env names the token of this name: rename it."
            )
        taken.add(each.name)
        if each.secret in names:
            raise ConfigError(
                f"[serve] tokens.{each.name} has the same secret as {names[each.secret]}: the log "
                "could not say who asked; give each its own."
            )
        names[each.secret] = each.name
