"""Reads lists of strings, and repeated sections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from indexer.config.value_readers import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.config.section import Problems


def texts(shape: str, value: object) -> tuple[str, ...]:
    """Read a list of at least one string, without repetitions; `shape` describes the items."""
    if not isinstance(value, list) or not value:
        raise InvalidValue(f"a list of {shape}")
    if not all(isinstance(item, str) and item.strip() for item in value):
        raise InvalidValue(f"a list of {shape}")
    return tuple(dict.fromkeys(value))


def tables(name: str, given: object, mistakes: Problems) -> Iterator[tuple[str, Any]]:
    """Yield each `[[name]]`, with its name in messages."""
    if not isinstance(given, list):
        mistakes.add(f"[{name}]", f"expected two brackets, as in [[{name}]]: there may be many.")
        return
    for number, item in enumerate(given, 1):
        yield f"[[{name}]]" if len(given) == 1 else f"[[{name}]] no. {number}", item


def is_address(text: str) -> bool:
    """Whether a string is an http(s) URL without user and password; path and query are allowed."""
    try:
        parts = urlsplit(text)
        port_is_one = parts.port != 0
    except ValueError:
        return False
    is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and port_is_one
    return is_whole and "@" not in parts.netloc and text.isprintable() and " " not in text
