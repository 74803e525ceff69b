"""The entries of a watchlist as TOML, to be appended to the configuration."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from indexer.core.hub_names import DOCKER_HUB

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.pins.watchlist import Additions, Entry, Watchlist


def toml(found: Watchlist) -> str:
    """The text of `[[registry]]` entries; what has to be added to others is a comment."""
    parts = [*map(_entry, found.entries), *map(_comment, found.additions)]
    return "\n".join("".join(f"{line}\n" for line in part) for part in parts)


def _entry(entry: Entry) -> Iterator[str]:
    yield "[[registry]]"
    yield f"name = {_quoted(entry.name)}"
    if entry.name != entry.host:
        yield f"host = {_quoted(entry.host)}"
    if entry.host != DOCKER_HUB:
        yield 'type = "oci"'
    if entry.namespaces:
        yield from _array("namespaces", entry.namespaces)
    if entry.repositories:
        yield from _array("repositories", entry.repositories)


def _array(key: str, values: Sequence[str]) -> Iterator[str]:
    yield f"{key} = ["
    for value in values:
        yield f"  {_quoted(value)},"
    yield "]"


def _comment(additions: Additions) -> Iterator[str]:
    entry = _quoted(additions.entry)
    if additions.repositories:
        yield f"# Add to 'repositories' of the entry {entry}:"
        yield from (f"#   {_quoted(each)}," for each in additions.repositories)
    if additions.left_out:
        yield f"# The filters of the entry {entry} leave out:"
        yield from (f"#   {_quoted(each)}" for each in additions.left_out)


def _quoted(text: str) -> str:
    """A basic string (TOML 1.0); of ASCII, JSON writes the same."""
    return json.dumps(text)
