"""The scopes of tokens: what a request needs, whatever a challenge asks for. Pure.

A scope is `type:name:actions` (distribution's token specification), and a name may hold colons. Of
a repository only reading is asked for, although a challenge may name more; a scope of another type
(`aws` at Amazon, `*` at Forgejo) is repeated as the registry names it.
"""

from __future__ import annotations

from typing import NamedTuple

CATALOG = "registry:catalog:*"

LONGEST = 1_024
"""The most characters of a scope that is repeated; real ones have some 50."""

_READING = ("pull", "metadata_read")
"""What reading is called; the second by Azure, for lists."""

_NAME = "\0"
"""Placeholder for the repository in a scope that holds for all."""


class Purpose(NamedTuple):
    """What a request is for: `catalog`, `tags`, `manifests` or `blobs`, and of which repository."""

    kind: str
    repository: str = ""


def learnt(challenge: str, purpose: Purpose) -> str:
    """The scope that a challenge asks for, to be kept for all requests of the same kind.

    A challenge without a scope asks for what is requested.
    """
    parts = [_of_reading(each, purpose) for each in challenge[:LONGEST].split()]
    return " ".join(part for part in parts if part) or _usual(purpose)


def needed(kept: str | None, purpose: Purpose) -> str:
    """The scope of a request: as learnt for its kind, or else the usual one."""
    return (kept or _usual(purpose)).replace(_NAME, purpose.repository)


def is_of_all(kept: str) -> bool:
    """Whether a scope that was learnt for one kind of request serves for the others."""
    return not kept.startswith(("repository", "registry"))


def _usual(purpose: Purpose) -> str:
    return f"repository:{_NAME}:pull" if purpose.repository else CATALOG


def _of_reading(scope: str, purpose: Purpose) -> str:
    kind, _, rest = scope.partition(":")
    if kind == "registry":
        return CATALOG
    if kind.partition("(")[0] != "repository":  # distribution has `repository(plugin)`
        return scope
    name, _, actions = rest.rpartition(":")
    reading = ",".join(action for action in actions.split(",") if action in _READING) or "pull"
    if purpose.repository and (
        name == purpose.repository or name.endswith(f"/{purpose.repository}")
    ):
        name = name.removesuffix(purpose.repository) + _NAME
    return f"{kind}:{name}:{reading}"
